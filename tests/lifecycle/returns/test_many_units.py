"""Thousands of units cost in proportion: what is alike is decided once, and nothing is looked for again and again."""

import json
import re
from collections import Counter
from collections.abc import Callable
from cProfile import Profile
from datetime import timedelta
from typing import Any

import pytest

from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.messages import ChangeRequest, Inspection
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import parse_request
from lifecycle.contract.statuses import Status
from lifecycle.returns.commands import BookStock
from lifecycle.returns.decisions.change_request import check_asked
from lifecycle.returns.eligibility import Facts, decide
from lifecycle.returns.goods import reception
from lifecycle.returns.settlement import units_back
from lifecycle.returns.settlement.statement import statement_of
from lifecycle.returns.snapshot import snapshot
from lifecycle.returns.views.return_view import view_of
from tests.lifecycle.orders import NOW, body
from tests.lifecycle.returns.story import LATER, Story

#: So that a return of any size goes on without a reviewer.
RULES = Policy.model_validate({"approval": {"review_above": 10**9}})
#: What ten times the units may cost: ten times as much, and a little for sets that grow.
IN_PROPORTION = 13


def calls_of(work: Callable[[], object]) -> Counter[str]:
    """How often each function runs while that is done."""
    profile = Profile()
    profile.runcall(work)
    counts: Counter[str] = Counter()
    for entry in profile.getstats():
        code = entry.code
        counts[code if isinstance(code, str) else code.co_name] += entry.callcount
    return counts


def order_of(lines: int, units: int, *, serials: bool = False, pad: str = "") -> dict[str, Any]:
    """What changes a request to bring back so many whole lines; ``pad`` makes all ids longer."""
    named = range(1, lines + 1)
    return {
        "lines": [
            {"line_id": f"{pad}{line}", "sku": f"{pad}SKU-{line}", "quantity": units, "unit_price": 100}
            | ({"serial_numbers": [f"{pad}S-{line}-{unit}" for unit in range(units)]} if serials else {})
            for line in named
        ],
        "tenders": [{"tender_id": "t1", "kind": "card", "captured": lines * units * 100 + 900}],
        "items": [{"line_id": f"{pad}{line}", "quantity": units, "reason": "unwanted"} for line in named],
    }


@pytest.mark.parametrize(("lines", "units"), [(5, 1000), (100, 50)])
def test_units_of_an_item_are_judged_once(lines: int, units: int) -> None:
    request = parse_request(body(**order_of(lines, units)), now=NOW)

    calls = calls_of(lambda: decide(request, Policy(), Facts(), NOW))

    assert calls["window_ends"] <= 2 * lines
    assert calls["in_warranty"] <= lines


def test_what_is_late_is_declined_unit_by_unit_all_the_same() -> None:
    request = parse_request(body(**order_of(2, 3)), now=NOW + timedelta(days=90))

    decided = decide(request, Policy(), Facts(), NOW + timedelta(days=90))

    names = [f"{line}-{unit}" for line in (1, 2) for unit in (1, 2, 3)]
    assert [rule.unit_id for rule in decided.decision.rules if rule.rule == "window"] == names
    assert [unit.unit_id for unit in decided.units if not unit.allowed] == names


def whole(
    lines: int, units: int, *, serials: bool = False, pad: str = "", grade: str | None = "A", half: bool = False
) -> Story:
    """A return of all of it, received and judged; ``half``: the other half of each line does not come."""
    come = units // 2 if half else units
    story = Story(RULES, **order_of(lines, units, serials=serials, pad=pad))
    pieces: list[dict[str, Any]] = [{"line_id": f"{pad}{line}", "quantity": come} for line in range(1, lines + 1)]
    if serials:
        pieces = [
            {"line_id": f"{pad}{line}", "serial_number": f"{pad}s-{line}-{unit}"}
            for line in range(1, lines + 1)
            for unit in range(come)
        ]
    story.receive(*pieces, complete=True)
    here = [unit.unit_id for unit in story.ret.units if unit.reception == "received"]
    verdicts = [{"unit_id": unit_id, "grade": grade, "accepted": grade is not None} for unit_id in here]
    inspection = Inspection.model_validate({"inspection_id": "all", "units": verdicts})
    reception.inspect(story.ret, inspection, LATER)
    story.go(LATER)
    statement_of(story.ret)  # for the mail of it
    return story


@pytest.mark.parametrize(
    "fate", [{}, {"serials": True}, {"grade": None}, {"half": True}], ids=["good", "serials", "rejected", "missing"]
)
def test_ten_times_the_units_cost_ten_times_as_much(fate: dict[str, Any]) -> None:
    few, many = calls_of(lambda: whole(2, 40, **fate)), calls_of(lambda: whole(2, 400, **fate))

    assert many.total() <= IN_PROPORTION * few.total(), (many - few).most_common(5)


def test_all_of_a_large_order_comes_back() -> None:
    story = whole(5, 1000, serials=True)

    assert story.view.status is Status.REFUNDED
    assert story.paid == [500_000]
    assert [unit.serial_number for unit in story.ret.units[:2]] == ["S-1-0", "S-1-1"]


@pytest.mark.parametrize(("length", "most"), [(1, 1900), (36, 1200), (90, 700)])
def test_what_one_return_may_bring_fits_into_what_temporal_takes(length: int, most: int) -> None:
    asked = order_of(3, 1000, serials=True, pad="x" * length)
    with pytest.raises(InvalidRequest, match=r"items: expected at most \d+ units such as these in one return") as told:
        parse_request(body(**asked), now=NOW, forbid_unknown=True)
    allowed = int(re.findall(r"\d+", str(told.value))[0])
    assert allowed > most

    story = whole(1, allowed, serials=True, pad="x" * length) if allowed <= 1000 else whole(2, allowed // 2, pad="x")

    story.ret.agenda.withdraw(BookStock)  # they are made by then
    kept = (view_of(story.ret).model_dump(mode="json"), snapshot(story.ret), units_back.back(story.ret))
    assert sum(len(json.dumps(part, separators=(",", ":"))) for part in kept) < 2 * 1024 * 1024


def test_a_return_that_runs_already_is_not_asked_for_its_size() -> None:
    assert sum(item.quantity for item in parse_request(body(**order_of(5, 1000)), now=NOW).items) == 5000


def test_a_change_brings_back_no_more_than_a_return_carries() -> None:
    ret = Story(RULES, **order_of(3, 1000) | {"items": [{"line_id": "1", "quantity": 1, "reason": "unwanted"}]}).ret
    every = [{"line_id": str(line), "quantity": 1000, "reason": "unwanted"} for line in (1, 2, 3)]

    check_asked(ret, ChangeRequest.model_validate({"by": "customer", "items": every[:1]}))
    with pytest.raises(InvalidRequest, match=r"items: expected at most \d+ units"):
        check_asked(ret, ChangeRequest.model_validate({"by": "customer", "items": every}))
