"""Counting a parcel: what is expected of it, what was counted so far, and the receipt that this becomes.

Everything counted travels in the page's own form until it is recorded, so that nothing is kept half done.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import FormData

from lifecycle.contract.messages import Receipt, ReceiptUnits
from lifecycle.contract.request import Line, ReturnRequest
from lifecycle.contract.scanned_codes import folded
from lifecycle.contract.view import Reception, Unit, View
from lifecycle.returns.units import COMING, GONE, IN_HAND

#: The line of a piece that is of no line of this order.
FOREIGN: Final = ""
#: The most pieces of one line in one parcel.
MOST: Final = 1000


@dataclass(frozen=True)
class ExpectedLine:
    """One line of the order that this return brings back; ``gone`` are lost or missing, and may turn up."""

    line_id: str
    title: str
    sku: str
    awaited: int
    received: int
    gone: int
    #: All that the order knows of this line, in its spelling, and those that are here already.
    serial_numbers: tuple[str, ...]
    here: tuple[str, ...]
    personal: bool

    def spelling(self, code: str) -> str | None:
        """The line's own serial number that this is, however it was typed."""
        return next((number for number in self.serial_numbers if folded(number) == folded(code)), None)

    def is_here(self, code: str) -> bool:
        """Whether that piece was received before."""
        return folded(code) in {folded(number) for number in self.here}


def expected_lines(view: View, request: ReturnRequest) -> list[ExpectedLine]:
    """The lines that units come back of, in the order's order."""
    of_line: dict[str, list[Unit]] = defaultdict(list)
    for unit in view.units:
        if unit.reception is not Reception.NOT_EXPECTED:
            of_line[unit.line_id].append(unit)
    return [_expected(line, of_line[line.line_id]) for line in request.order.lines if line.line_id in of_line]


def _expected(line: Line, units: Sequence[Unit]) -> ExpectedLine:
    return ExpectedLine(
        line_id=line.line_id,
        title=line.title or line.sku,
        sku=line.sku,
        awaited=_number_of(units, COMING),
        received=_number_of(units, IN_HAND),
        gone=_number_of(units, GONE),
        serial_numbers=tuple(line.serial_numbers),
        here=tuple(unit.serial_number for unit in units if unit.serial_number and unit.reception in IN_HAND),
        personal=line.holds_personal_data,
    )


def _number_of(units: Iterable[Unit], receptions: frozenset[Reception]) -> int:
    return sum(unit.reception in receptions for unit in units)


@dataclass
class Count:
    """What was counted so far. ``pieces`` by line, as typed; each serial number is one of its line's pieces."""

    receipt_id: str
    pieces: dict[str, str] = field(default_factory=dict)
    #: ``(line_id, serial_number)`` in the order of their scans.
    serials: list[tuple[str, str]] = field(default_factory=list)
    #: ``(line_id, what it is)`` of what was not expected.
    extras: list[tuple[str, str]] = field(default_factory=list)
    #: Codes that were scanned, and of which nobody has said yet what they are.
    unknown: list[str] = field(default_factory=list)
    complete: bool = False
    #: What whoever opened it saw, for whoever looks into it.
    note: str = ""

    @classmethod
    def read(cls, form: FormData) -> "Count":
        """As the page's form says it."""
        return cls(
            receipt_id=_text(form, "receipt_id"),
            pieces=dict(zip(_texts(form, "line"), _texts(form, "pieces"), strict=False)),
            serials=list(zip(_texts(form, "serial_line"), _texts(form, "serial"), strict=False)),
            extras=list(zip(_texts(form, "extra_line"), _texts(form, "extra"), strict=False)),
            unknown=_texts(form, "unknown"),
            complete=bool(_text(form, "complete")),
            note=_text(form, "note").strip(),
        )

    def number(self, line_id: str) -> int | None:
        """How many pieces of a line; None when that is no number from 0 to ``MOST``."""
        typed = self.pieces.get(line_id, "").strip() or "0"
        number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < len(str(MOST)) + 1 else MOST + 1
        return number if number <= MOST else None

    def serials_of(self, line_id: str) -> list[str]:
        """The serial numbers scanned on a line."""
        return [number for of, number in self.serials if of == line_id]

    def add(self, line_id: str, pieces: int) -> None:
        """One more, or one less; not below none, nor below the serial numbers scanned."""
        number = (self.number(line_id) or 0) + pieces
        self.pieces[line_id] = str(min(MOST, max(number, len(self.serials_of(line_id)))))

    def add_serial(self, line_id: str, serial_number: str) -> None:
        """A piece whose serial number was read: it counts as one more."""
        self.serials.append((line_id, serial_number))
        self.add(line_id, 1)

    def drop_serial(self, serial_number: str) -> None:
        """It was scanned by mistake: it, and its piece, are not here."""
        for line_id, number in self.serials:
            if number == serial_number:
                self.serials.remove((line_id, number))
                self.add(line_id, -1)
                return

    def has(self, serial_number: str) -> bool:
        """Whether it was scanned in this count already."""
        scanned = {number for _, number in (*self.serials, *self.extras)} | set(self.unknown)
        return folded(serial_number) in {folded(number) for number in scanned}

    @property
    def said(self) -> dict[str, object]:
        """What is counted, as JSON; two counts that say the same are equal."""
        pieces = {line_id: self.number(line_id) for line_id in self.pieces}
        return {"pieces": pieces, "serials": self.serials, "extras": self.extras, "complete": self.complete}

    @property
    def nothing(self) -> bool:
        """Whether nothing at all was counted."""
        return not self.extras and not any(self.number(line_id) != 0 for line_id in self.pieces)

    def wrong_lines(self) -> list[str]:
        """Lines whose pieces are no usable number, or fewer than their serial numbers."""
        wrong = []
        for line_id in self.pieces:
            number = self.number(line_id)
            if number is None or number < len(self.serials_of(line_id)):
                wrong.append(line_id)
        return wrong

    def all_here(self, lines: Iterable[ExpectedLine]) -> bool:
        """Whether nothing more can come after this."""
        return all((self.number(line.line_id) or 0) >= line.awaited for line in lines)

    def fill(self, lines: Iterable[ExpectedLine]) -> None:
        """Everything that is still awaited is here."""
        for line in lines:
            self.pieces[line.line_id] = str(max(line.awaited, self.number(line.line_id) or 0))

    def receipt(self, lines: Iterable[ExpectedLine], location: str, by: str) -> Receipt:
        """The message; pieces known by their serial number come first, those that are not the line's last."""
        lines, units = list(lines), []
        for line in lines:
            scanned = sorted(self.serials_of(line.line_id), key=lambda number: line.spelling(number) is None)
            known = [number for number in scanned if line.spelling(number) or not line.serial_numbers]
            plain = (self.number(line.line_id) or 0) - len(scanned)
            units += [_piece(line.line_id, number) for number in known]
            units += [ReceiptUnits(line_id=line.line_id, quantity=plain)] if plain > 0 else []
            units += [_piece(line.line_id, number) for number in scanned if number not in known]
        units += [_extra(line_id, what) for line_id, what in self.extras]
        return Receipt(
            receipt_id=self.receipt_id,
            by=by,
            location=location,
            complete=self.complete or self.all_here(lines),
            units=units,
            note=self.note or None,
        )


def _extra(line_id: str, what: str) -> ReceiptUnits:
    """Of a line that is not expected, or of no line: then ``what`` says what it is."""
    return ReceiptUnits(line_id=None, sku=what) if line_id == FOREIGN else _piece(line_id, what or None)


def _piece(line_id: str, serial_number: str | None) -> ReceiptUnits:
    return ReceiptUnits(line_id=line_id, quantity=1, serial_number=serial_number)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _texts(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]
