"""Parcels opened and units judged: the warehouse's side of a return."""

from datetime import datetime

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import AS_NEW, GRADES, NAMED, Disposition
from lifecycle.contract.messages import InspectedUnit, Inspection, Receipt, ReceiptUnits
from lifecycle.contract.view import Acceptance, Extra, Reception
from lifecycle.returns.aggregate.about import About
from lifecycle.returns.commands import BookStock, SendMail, said
from lifecycle.returns.goods.advance_replacement import pay_back
from lifecycle.returns.goods.empty_parcel import came_empty, names_of
from lifecycle.returns.goods.handover import hand_over, reopen
from lifecycle.returns.goods.matching_receipts import Expected
from lifecycle.returns.goods.repair_bench import send_to_bench
from lifecycle.returns.goods.stock import check_here
from lifecycle.returns.promise_clock import start_clock
from lifecycle.returns.state import Return, these
from lifecycle.returns.units import COMING, UnitState

#: Where a rejected unit may go; back to the customer when nobody says otherwise.
_REJECTED = (None, Disposition.RETURN_TO_CUSTOMER, Disposition.DISPOSE)


def check_receipt(ret: Return, receipt: Receipt) -> None:
    """Refuse a parcel of a return that was never let through, or of a line that its order does not have.

    A repeat is never refused.
    """
    if receipt.receipt_id not in ret.seen.receipts:
        check_lines(ret, receipt)
        _check_open(ret)


def check_lines(ret: Return, receipt: Receipt) -> None:
    """Refuse a line that the order does not have, by the field's name."""
    known = {line.line_id for line in ret.request.order.lines} | {None}
    for number, part in enumerate(receipt.units):
        if part.line_id not in known:
            instead = "what belongs to no line has a null line_id and its sku"
            raise Refused(f"units.{number}.line_id: the order has no line {part.line_id}; {instead}")


def _check_open(ret: Return) -> None:
    if ret.opening is None:
        raise Refused("the policy has not decided yet")
    if ret.in_review:
        raise Refused("the return is in review")
    if ret.ended == "declined":
        raise Refused("the return is declined")
    if ret.closed:
        raise Refused("the return is closed")
    if ret.ended and ret.dates.late_until is None:
        raise Refused(f"the return is {ret.ended}")


def receive(ret: Return, receipt: Receipt, now: datetime) -> None:
    """Take a parcel in: expected units, wrong ones and extras (CONTRACT section 7, receipt).

    One that brings no unit of the return hands nothing over, starts no clock and opens nothing again.
    """
    if receipt.receipt_id in ret.seen.receipts:
        return
    _check_open(ret)
    ret.seen.receipts.add(receipt.receipt_id)
    if any(map(Expected(ret).found, receipt.units)):
        _has_come(ret, now)
    extras, expected = len(ret.extras), Expected(ret)
    taken = [unit.unit_id for part in receipt.units for unit in _take(ret, receipt, part, expected)]
    if len(ret.extras) > extras:
        came = names_of(ret, ret.extras[extras:])
        ret.agenda.add(SendMail("extras", to="operations", reason=came))
    if taken:
        ret.agenda.add(BookStock("receive", receipt.receipt_id, tuple(taken), said("record_receipt", receipt)))
    if receipt.complete:
        for unit in ret.expected:
            if unit.reception in COMING:
                unit.reception = Reception.MISSING
    ret.note(now, "received", by=receipt.by, detail=_counts(receipt), about=About(units=taken))
    if not taken:
        came_empty(ret, receipt, ret.extras[extras:], now)


def _has_come(ret: Return, now: datetime) -> None:
    """The first unit is the handover, where no scan was, and may start the clock; a late one opens it again."""
    reopen(ret, now, by="warehouse")
    hand_over(ret, now, now, by="warehouse")
    if ret.dates.first_receipt is None:
        ret.dates.receive(now)
        if ret.opened.terms.starts_on == "received":
            start_clock(ret, now)
            if not ret.money.begun:
                ret.dates.await_late_goods(None)


def _counts(receipt: Receipt) -> str:
    pieces = sum(part.quantity for part in receipt.units)
    counted = f"{pieces} {'unit' if pieces == 1 else 'units'}, {'complete' if receipt.complete else 'partial'}"
    return f"{counted}: {receipt.note}" if receipt.note else counted


def _take(ret: Return, receipt: Receipt, part: ReceiptUnits, expected: Expected) -> list[UnitState]:
    found = expected.found(part)
    taken = found[: part.quantity]
    surplus = part.quantity - len(found)
    for unit in taken:
        expected.leaves(unit)
        _set_wrong_one_aside(ret, receipt, unit)
        _take_unit(ret, receipt, part, unit, expected.spelling(unit.line_id, part.serial_number))
    expected.came(part, taken)
    if surplus > 0:
        ret.extras.append(
            Extra(
                line_id=part.line_id,
                sku=part.sku,
                quantity=surplus,
                serial_number=part.serial_number,
                receipt_id=receipt.receipt_id,
            )
        )
    return taken


def _set_wrong_one_aside(ret: Return, receipt: Receipt, unit: UnitState) -> None:
    """The right piece comes after a wrong one: the wrong one is an extra."""
    if unit.reception is Reception.WRONG_ITEM:
        ret.extras.append(
            Extra(line_id=unit.line_id, quantity=1, serial_number=unit.serial_number, receipt_id=receipt.receipt_id)
        )
        unit.acceptance, unit.grade, unit.disposition = Acceptance.PENDING, None, None


def _take_unit(ret: Return, receipt: Receipt, part: ReceiptUnits, unit: UnitState, known: str | None) -> None:
    """``known``: the piece's serial number, as its line spells it."""
    unit.serial_number = known or part.serial_number
    unit.location = receipt.location
    unit.reception, unit.unchecked, unit.flag = Reception.RECEIVED, part.serial_number is not None, None
    if part.serial_number and not known and ret.request.order.line(unit.line_id).serial_numbers:
        unit.reception, unit.unchecked = Reception.WRONG_ITEM, False
        if not unit.settled:
            unit.acceptance = Acceptance.MANUAL_REVIEW
    send_to_bench(ret, unit)


def check_inspection(ret: Return, inspection: Inspection) -> None:
    """Refuse the whole inspection when one of its units cannot be judged; a repeat is never refused."""
    if inspection.inspection_id in ret.seen.inspections:
        return
    _check_accepted_stay(inspection)
    _check_verdicts(ret, inspection)


def _check_accepted_stay(inspection: Inspection) -> None:
    """Refuse to send accepted units back to the customer, who is paid for them."""
    for number, verdict in enumerate(inspection.units):
        if verdict.accepted and verdict.disposition is Disposition.RETURN_TO_CUSTOMER:
            others = ", ".join(way for way in Disposition if way is not Disposition.RETURN_TO_CUSTOMER)
            raise Refused(f"units.{number}.disposition: expected one of {others} for an accepted unit")


def _check_verdicts(ret: Return, inspection: Inspection) -> None:
    _check_open(ret)
    named: set[str] = set()
    known = ret.by_id
    for number, verdict in enumerate(inspection.units):
        field = f"units.{number}"
        unit = known.get(verdict.unit_id)
        if unit is None:
            raise Refused(f"{field}.unit_id: the return has no unit {verdict.unit_id}")
        if verdict.unit_id in named:
            raise Refused(f"{field}.unit_id: {verdict.unit_id} is named twice")
        named.add(verdict.unit_id)
        _check_unit(unit, field)
        if verdict.accepted and verdict.grade is None:
            raise Refused(f"{field}.grade: expected {NAMED} for an accepted unit")
        if not verdict.accepted and verdict.disposition not in _REJECTED:
            raise Refused(f"{field}.disposition: expected return_to_customer or dispose for a rejected unit")
        if verdict.disposition is Disposition.RETURN_TO_SUPPLIER and unit.supplier_id is None:
            raise Refused(f"{field}.disposition: line {unit.line_id} names no supplier_id")


def _check_unit(unit: UnitState, field: str) -> None:
    check_here(unit, f"{field}.unit_id")
    if unit.bench is not None:
        raise Refused(f"{field}.unit_id: {unit.unit_id} is on the repair bench")
    if unit.settled and unit.judged:
        raise Refused(f"{field}.unit_id: {unit.unit_id} is settled and graded already")


def inspect(ret: Return, inspection: Inspection, now: datetime) -> None:
    """Take verdicts in. What is paid stays paid: a worse one is noted as a shortfall."""
    if inspection.inspection_id in ret.seen.inspections:
        return
    check_inspection(ret, inspection)
    ret.seen.inspections.add(inspection.inspection_id)
    known = ret.by_id
    for verdict in inspection.units:
        _judge(ret, known[verdict.unit_id], verdict, now)
    judged = tuple(verdict.unit_id for verdict in inspection.units)
    ret.agenda.add(BookStock("restock", inspection.inspection_id, judged, said("record_inspection", inspection)))
    detail = ", ".join(f"{unit.unit_id} {unit.grade if unit.accepted else 'rejected'}" for unit in inspection.units)
    ret.note(now, "inspected", by=inspection.by, detail=detail, about=About(units=judged))


def _judge(ret: Return, unit: UnitState, verdict: InspectedUnit, now: datetime) -> None:
    unit.grade = verdict.grade
    if verdict.accepted and verdict.grade:
        unit.disposition = verdict.disposition or GRADES[verdict.grade].disposition
    else:
        unit.disposition = verdict.disposition or Disposition.RETURN_TO_CUSTOMER
    if unit.reception is Reception.WRONG_ITEM and verdict.accepted:
        unit.reception, unit.flag = Reception.RECEIVED, None
    unit.acceptance = Acceptance.ACCEPTED if verdict.accepted else Acceptance.REJECTED
    unit.note = verdict.note
    if unit.needs_wipe:
        ret.agenda.add(SendMail("wipe_waits", to="operations", reason=unit.unit_id))
    if unit.settled:
        _shortfall(ret, unit, verdict, now)
        pay_back(ret, unit)
        return
    unit.refund = None if verdict.accepted else 0
    if verdict.accepted:
        send_to_bench(ret, unit)


def _shortfall(ret: Return, unit: UnitState, verdict: InspectedUnit, now: datetime) -> None:
    """Paid as grade A before it was seen: note what a fair look would have given."""
    if ret.hold is not None and ret.hold.state == "captured":
        return  # it was paid for
    if not verdict.accepted or verdict.grade is not AS_NEW:
        seen = "rejected" if not verdict.accepted else f"grade {verdict.grade}"
        detail = f"{unit.unit_id}: paid as grade {AS_NEW}, {seen}"
        ret.note(now, "shortfall", by="warehouse", detail=detail, about=these([unit]))
