"""What a receipt or a verdict means for the stock: signed changes of balances.

A unit is booked in ungraded where it was received, and moves to its grade, or out of stock,
by its disposition. A wrong item is not stock of its line until somebody accepts it.
"""

from pydantic import BaseModel

from lifecycle.messages import Disposition
from lifecycle.state import Booking, Return, UnitState
from lifecycle.view import Reception

#: Dispositions that leave the unit on a shelf, under its grade.
_KEPT = frozenset({Disposition.RESTOCK, Disposition.OPEN_BOX, Disposition.REFURBISH, Disposition.REPAIR})


class StockMove(BaseModel):
    """One unit coming to (+1) or leaving (-1) one balance; grade "" is ungraded."""

    kind: str
    unit_id: str
    sku: str
    location: str
    grade: str
    quantity: int
    serial_number: str | None = None
    #: The line's title, as the shop knows it.
    title: str = ""


def moves_of(ret: Return, booking: Booking) -> list[StockMove]:
    """The changes that this booking asks for, as the units stand now."""
    moves = []
    for unit_id in booking.unit_ids:
        unit = ret.unit(unit_id)
        if unit is None:
            continue
        place = _place(unit, booking)
        if place == unit.booked:
            continue
        title = ret.request.order.line(unit.line_id).title
        if unit.booked:
            moves.append(_move(unit, _kind(unit, booking), unit.booked, -1, title))
        if place:
            moves.append(_move(unit, _kind(unit, booking), place, 1, title))
    return moves


def booked(ret: Return, booking: Booking) -> None:
    """Remember where stock holds the units of a booking that has been made."""
    for unit_id in booking.unit_ids:
        unit = ret.unit(unit_id)
        if unit is not None:
            unit.booked = _place(unit, booking)


def _place(unit: UnitState, booking: Booking) -> tuple[str, str] | None:
    if unit.location is None or unit.reception is Reception.WRONG_ITEM:
        return None
    if booking.step == "receive":
        return unit.booked or (unit.location, "")
    if unit.disposition in _KEPT and unit.grade is not None:
        return unit.location, unit.grade.value
    return None


def _kind(unit: UnitState, booking: Booking) -> str:
    return "receive" if booking.step == "receive" else (unit.disposition or "receive")


def _move(unit: UnitState, kind: str, place: tuple[str, str], quantity: int, title: str) -> StockMove:
    return StockMove(
        kind=kind,
        unit_id=unit.unit_id,
        sku=unit.sku,
        location=place[0],
        grade=place[1],
        quantity=quantity,
        serial_number=unit.serial_number,
        title=title,
    )
