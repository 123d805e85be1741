"""What one press of a button, or one scan, does to a count."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from lifecycle.contract.messages import ReceiptUnits
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.scanned_codes import folded
from lifecycle.contract.view import View
from starter.portal.warehouse.counting import FOREIGN, Count, ExpectedLine
from starter.portal.warehouse.scanning import cleaned, is_itself


@dataclass(frozen=True)
class Notice:
    """A sentence of the catalogue for whoever counts: how it sounds, and what it is about."""

    key: str
    tone: str = "good"
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """What lies open: the return, its lines, and the count so far."""

    view: View
    request: ReturnRequest
    lines: Sequence[ExpectedLine]
    count: Count

    def line(self, line_id: str) -> ExpectedLine | None:
        """The expected line of that id."""
        return next((line for line in self.lines if line.line_id == line_id), None)

    def other_lines(self) -> list[tuple[str, str]]:
        """``(line_id, title)`` of what this order has and this return does not bring back."""
        expected = {line.line_id for line in self.lines}
        return [
            (line.line_id, line.title or line.sku) for line in self.request.order.lines if line.line_id not in expected
        ]

    def title(self, line_id: str) -> str | None:
        """What the order calls a line; None for what is not of this order."""
        return next((line.title or line.sku for line in self.request.order.lines if line.line_id == line_id), None)


def scan(table: Table, typed: str) -> Notice | None:
    """Count what was scanned; None when nobody knows it and the table has to be asked."""
    code, count = cleaned(typed), table.count
    if not code:
        return Notice("warehouse.count.said.nothing", "warn")
    if is_itself(table.view, code):
        return Notice("warehouse.count.said.itself")
    if count.has(code):
        return Notice("warehouse.count.said.twice", "warn", {"code": code})
    for line in table.lines:
        if line.is_here(code):
            return Notice("warehouse.count.said.here", "warn", {"code": code, "title": line.title})
    for line in table.lines:
        own = line.spelling(code)
        if own:
            count.add_serial(line.line_id, own)
            return Notice("warehouse.count.said.serial", "good", {"code": own, "title": line.title})
    return _scan_sku(table, code)


def _scan_sku(table: Table, code: str) -> Notice | None:
    """An article number counts one of the first line that still waits for one."""
    lines = [line for line in table.lines if folded(line.sku) == folded(code)]
    if not lines:
        return None
    waiting = [line for line in lines if (table.count.number(line.line_id) or 0) < line.awaited]
    line = (waiting or lines)[0]
    table.count.add(line.line_id, 1)
    return Notice("warehouse.count.said.sku", "good", {"title": line.title})


def press(table: Table, button: str, about: str, what: str) -> Notice | None:
    """Do what a button says of a line, or of a code; one that nobody knows does nothing."""
    count = table.count
    match button:
        case "plus" | "minus" if table.line(about):
            count.add(about, 1 if button == "plus" else -1)
        case "all":
            count.fill(table.lines)
            return Notice("warehouse.count.said.all")
        case "drop":
            count.drop_serial(about)
            return Notice("warehouse.count.said.dropped", "good", {"code": about})
        case "unit":
            return _unit(table, about)
        case "foreign" if count.unknown:
            return _extra(table, FOREIGN, count.unknown.pop(0))
        case "forget":
            del count.unknown[:1]
        case "extra":
            return _extra(table, about, what)
        case "less" if about.isdecimal() and int(about) < len(count.extras):
            del count.extras[int(about)]
    return None


def _unit(table: Table, about: str) -> Notice | None:
    """The unknown code is one of this line: its own, where the order knows none of it, else a wrong piece."""
    line, unknown = table.line(about), table.count.unknown
    if line is None or not unknown:
        return None
    code = unknown.pop(0)
    if not _fits(code):
        return Notice("warehouse.count.said.no_code", "bad")
    table.count.add_serial(line.line_id, code)
    if line.serial_numbers:
        return Notice("warehouse.count.said.wrong", "warn", {"code": code, "title": line.title})
    return Notice("warehouse.count.said.serial", "good", {"code": code, "title": line.title})


def _extra(table: Table, about: str, what: str) -> Notice:
    """Something that nobody expects: of another line of the order, or of none."""
    line_id = about if table.title(about) is not None else FOREIGN  # what no line has is of no line
    if what and not _fits(what):
        return Notice("warehouse.count.said.no_code", "bad")
    if line_id == FOREIGN and not what:
        return Notice("warehouse.count.said.say_what", "bad")
    table.count.extras.append((line_id, what))
    return Notice("warehouse.count.said.extra")


def _fits(code: str) -> bool:
    try:
        ReceiptUnits(sku=code, serial_number=code)
    except ValidationError:
        return False
    return True
