"""Read the items that the customer chose: which lines, how many units, with what reason and note."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lifecycle.contract.request import Item, Order, Reason, ReturnRequest
from lifecycle.contract.sizes import most_at_once
from starter.portal.customer.begin_return.offers import ReturnableLine
from starter.portal.shared.texts import t

#: Letters of a note.
LONGEST_NOTE: Final = 500
_COUNT: Final = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True)
class Chosen:
    """One line, as it was chosen."""

    standing: ReturnableLine
    quantity: int
    reason: Reason
    note: str | None = None

    @property
    def index(self) -> int:
        """The line's number in the order."""
        return self.standing.index

    @property
    def item(self) -> Item:
        """As a request says it."""
        return Item(line_id=self.standing.line.line_id, quantity=self.quantity, reason=self.reason, note=self.note)


@dataclass(frozen=True)
class Selection:
    """All that was chosen; ``problems`` by the field's name, in words for the customer."""

    chosen: Sequence[Chosen]
    problems: Mapping[str, str]


def read_selection(given: Mapping[str, str], ticked: Sequence[str], lines: Sequence[ReturnableLine]) -> Selection:
    """Read the fields ``item`` (ticked lines), ``quantity-N``, ``reason-N`` and ``note-N`` of each."""
    chosen, problems = [], {}
    known = {str(line.index): line for line in lines if line.available}
    for number in dict.fromkeys(ticked):
        line = known.get(number)
        if line is None:
            continue
        wrong = _problems(given, line)
        problems.update(wrong)
        if not wrong:
            quantity = int(given.get(f"quantity-{number}", "1"))
            chosen.append(Chosen(line, quantity, Reason(given[f"reason-{number}"]), _note(given, number)))
    if not chosen and not problems:
        problems["item"] = t("order.problem.nothing")
    return Selection(chosen, problems)


def for_one_return(selection: Selection, order: Order) -> Selection:
    """What was chosen, with a problem where it is more than one return can bring back."""
    items = [chosen.item for chosen in selection.chosen]
    if selection.problems or sum(item.quantity for item in items) <= (most := most_at_once(order, items)):
        return selection
    return Selection(selection.chosen, {"item": t("order.problem.too_many", most=most)})


def says_again(given: Mapping[str, str], ticked: Sequence[str], begun: ReturnRequest) -> bool:
    """Whether the form that began a return says the same again; what is left of the order does not matter then."""
    swaps = [given.get(f"exchange-{number}", "") for number in dict.fromkeys(ticked)]
    wanted = [item.sku for item in begun.exchange_for or []]
    notes = {line_id: _note(given, number) for number, line_id in _lines(ticked, begun.order)}
    return (
        chooses_again(given, ticked, begun)
        and notes == {item.line_id: item.note for item in begun.items}
        and (given.get("resolution"), given.get("method")) == (begun.resolution, begun.method)
        and (begun.exchange_for is None or swaps == wanted)
    )


def chooses_again(given: Mapping[str, str], ticked: Sequence[str], begun: ReturnRequest) -> bool:
    """Whether the same items are chosen for the same reasons."""
    chosen = {
        line_id: (given.get(f"quantity-{number}", "1"), given.get(f"reason-{number}"))
        for number, line_id in _lines(ticked, begun.order)
    }
    return chosen == {item.line_id: (str(item.quantity), item.reason) for item in begun.items}


def _lines(ticked: Sequence[str], order: Order) -> list[tuple[str, str]]:
    """``(number, line_id)`` of the ticked lines."""
    known = {str(index): line.line_id for index, line in enumerate(order.lines)}
    return [(number, known[number]) for number in dict.fromkeys(ticked) if number in known]


def _note(given: Mapping[str, str], number: str) -> str | None:
    return given.get(f"note-{number}", "").strip()[:LONGEST_NOTE] or None


def _problems(given: Mapping[str, str], line: ReturnableLine) -> dict[str, str]:
    problems = {}
    quantity, reason = given.get(f"quantity-{line.index}", "1"), given.get(f"reason-{line.index}", "")
    if not _COUNT.fullmatch(quantity) or int(quantity) > line.available:
        problems[f"quantity-{line.index}"] = t("order.problem.quantity", most=line.available)
    if reason not in set(Reason):
        problems[f"reason-{line.index}"] = t("order.problem.reason")
    elif line.faulty_only and not Reason(reason).sellers_fault:
        problems[f"reason-{line.index}"] = t("order.problem.faulty_only")
    return problems
