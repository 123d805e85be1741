"""Where units go: what a receipt or a verdict means for the stock (signed changes of balances), and other journeys.

A unit is booked in ungraded where it was received, and moves to its grade, or out of stock,
by its disposition. A wrong item is not stock of its line until somebody accepts it.
"""

from datetime import datetime

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import AS_NEW, KEPT_AS, Disposition
from lifecycle.contract.messages import AttestWipe
from lifecycle.contract.view import Reception
from lifecycle.returns.commands import BookStock, RefurbishUnit, SendBack, SendToSupplier, said
from lifecycle.returns.state import Return, these
from lifecycle.returns.units import IN_HAND, UnitState, Wipe
from lifecycle.shared.stock_move import StockMove

#: Dispositions that leave the unit on a shelf, under its grade.
_KEPT = frozenset({Disposition.RESTOCK, Disposition.OPEN_BOX, Disposition.REFURBISH, Disposition.REPAIR})
#: Dispositions that begin another journey, and its command.
_JOURNEYS = {Disposition.RETURN_TO_SUPPLIER: SendToSupplier, Disposition.REPAIR: RefurbishUnit}


def check_here(unit: UnitState, field: str) -> None:
    """Refuse a unit, by the field that names it, that the warehouse does not have."""
    if unit.reception not in IN_HAND:
        raise Refused(f"{field}: {unit.unit_id} is {unit.reception}, not received")
    if unit.gone_back:
        raise Refused(f"{field}: {unit.unit_id} was sent back to the customer")


def check_wipe(ret: Return, message: AttestWipe) -> UnitState:
    """Refuse it for a unit that is not here, holds no personal data, or is wiped."""
    unit = ret.unit(message.unit_id)
    if unit is None:
        raise Refused(f"unit_id: the return has no unit {message.unit_id}")
    if not unit.personal:
        raise Refused(f"unit_id: {unit.unit_id} holds no personal data")
    check_here(unit, "unit_id")
    if unit.wiped is not None:
        raise Refused(f"unit_id: {unit.unit_id} was wiped by {unit.wiped.by}")
    return unit


def attest_wipe(ret: Return, message: AttestWipe, now: datetime) -> None:
    """Record the attestation; what waited for it goes on."""
    unit = check_wipe(ret, message)
    unit.wiped = Wipe(message.by, message.how, now)
    ret.note(now, "wiped", by=message.by, detail=f"{unit.unit_id}: {message.how}", about=these([unit]))
    if unit.disposition is not None:
        source = f"the wipe of {unit.unit_id}"
        ret.agenda.add(BookStock("restock", source, (unit.unit_id,), said("attest_wipe", message)))


def begin_onward_journeys(ret: Return) -> None:
    """To the supplier or to the bench, once the customer is settled: nobody waits for that any more."""
    for unit in ret.units:
        begins = unit.disposition in _JOURNEYS and unit.reception in IN_HAND
        if begins and unit.disposition and not unit.handed_on and not unit.needs_wipe:
            unit.handed_on = True
            ret.agenda.add(_JOURNEYS[unit.disposition](unit.unit_id))


def send_back(ret: Return) -> None:
    """Units that go back to the customer are sent off once their settlement has begun: they may be graded anew before.

    For the most part they were not accepted (CONTRACT section 5).
    """
    going = [unit for unit in ret.units if unit.settled and _goes_back(unit)]
    for unit in going:
        unit.gone_back = True
    if going:
        ret.agenda.add(SendBack(tuple(unit.unit_id for unit in going)))


def _goes_back(unit: UnitState) -> bool:
    goes = unit.disposition is Disposition.RETURN_TO_CUSTOMER and unit.reception in IN_HAND
    return goes and not unit.gone_back


def moves_of(ret: Return, booking: BookStock) -> list[StockMove]:
    """The changes that this booking asks for, as the units stand now."""
    moves = []
    for unit in ret.named(booking.unit_ids):
        place = _place(unit, booking)
        if place == unit.booked:
            continue
        title = ret.request.order.line(unit.line_id).title
        if unit.booked:
            leaving = _move(unit, _kind(unit, booking), unit.booked, -1, title)
            moves.append(leaving.model_copy(update={"after": unit.booked_by}))
        if place:
            moves.append(_move(unit, _kind(unit, booking), place, 1, title))
    return moves


def booked(ret: Return, booking: BookStock) -> None:
    """Remember where stock holds the units of a booking that has been made."""
    for unit in ret.named(booking.unit_ids):
        unit.booked, unit.booked_by = _place(unit, booking), None


def answered_for(ret: Return, booking: BookStock, step: str) -> None:
    """An operator went on without the booking, or did it themselves: nobody here knows whether it was made."""
    for unit in ret.named(booking.unit_ids):
        if unit.booked is not None:
            unit.booked_by = step


def _place(unit: UnitState, booking: BookStock) -> tuple[str, str] | None:
    if unit.location is None or unit.reception is Reception.WRONG_ITEM:
        return None
    if booking.step == "receive" or unit.needs_wipe:
        return unit.booked or (unit.location, "")
    if unit.disposition not in _KEPT or unit.grade is None:
        return None
    # A unit that is as new and not for customers is kept as what it will be.
    grade = KEPT_AS.get(unit.disposition, unit.grade) if unit.grade is AS_NEW else unit.grade
    return unit.location, grade.value


def _kind(unit: UnitState, booking: BookStock) -> str:
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
