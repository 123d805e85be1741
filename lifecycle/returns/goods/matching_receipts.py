"""Which units the pieces of one receipt may be; units are looked through once for each line, not for each piece."""

from collections import defaultdict
from collections.abc import Sequence

from lifecycle.contract.messages import ReceiptUnits
from lifecycle.contract.scanned_codes import folded
from lifecycle.contract.view import Reception
from lifecycle.returns.state import Return
from lifecycle.returns.units import GONE, IN_HAND, UnitState


class Expected:
    """The units that a return expects, while it takes a receipt in."""

    def __init__(self, ret: Return) -> None:
        self._order = ret.request.order
        self._of_line: dict[str | None, list[UnitState]] = defaultdict(list)
        self._waiting: dict[str | None, list[UnitState]] = defaultdict(list)
        self._spellings: dict[str, dict[str, str]] = {}
        self._here: set[str] = set()
        for unit in ret.expected:
            self._of_line[unit.line_id].append(unit)
            if unit.reception not in IN_HAND:
                self._waiting[unit.line_id].append(unit)
            elif unit.serial_number is not None:
                self._here.add(folded(unit.serial_number))
        for units in self._waiting.values():
            units.sort(key=lambda unit: unit.reception in GONE)

    def found(self, part: ReceiptUnits) -> list[UnitState]:
        """The units that these pieces may be: those that wait, or one whose place a wrong piece has taken."""
        if part.serial_number is not None and folded(part.serial_number) in self._here:
            return []  # that piece is here already
        return self._waiting[part.line_id] or self._mistaken_for(part)

    def _mistaken_for(self, part: ReceiptUnits) -> list[UnitState]:
        """The unit whose place a wrong piece has taken, where this is the right one."""
        for unit in self._of_line[part.line_id]:
            mistaken = unit.reception is Reception.WRONG_ITEM and not unit.settled
            if mistaken and self.spelling(unit.line_id, part.serial_number):
                return [unit]
        return []

    def leaves(self, unit: UnitState) -> None:
        """The piece that was taken for this unit is not it."""
        if unit.serial_number is not None:
            self._here.discard(folded(unit.serial_number))

    def came(self, part: ReceiptUnits, units: Sequence[UnitState]) -> None:
        """The first that were ``found`` for these pieces are here now."""
        del self._waiting[part.line_id][: len(units)]
        self._here |= {folded(unit.serial_number) for unit in units if unit.serial_number is not None}

    def spelling(self, line_id: str, serial_number: str | None) -> str | None:
        """The line's own serial number that this is, however it was typed; None when it is none of the line's."""
        if serial_number is None:
            return None
        if line_id not in self._spellings:
            own = self._order.line(line_id).serial_numbers
            self._spellings[line_id] = {folded(number): number for number in own}
        return self._spellings[line_id].get(folded(serial_number))
