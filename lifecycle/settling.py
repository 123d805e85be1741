"""Making it right: which units a settlement counts, what it pays, and when it is done.

There is one settlement, when every awaited unit is graded, lost or missing, or at the
limit; units that come later are settled by their own entry in ``paid`` (CONTRACT section 5).
"""

from collections.abc import Iterable
from datetime import datetime

from lifecycle.messages import PaymentEvent, PaymentStatus
from lifecycle.refund import Settled, UnitClaim, allocate, original_shipping, settle
from lifecycle.state import COMING, GONE, IN_HAND, Notice, ParkedStep, Payment, Return, UnitState
from lifecycle.view import Acceptance, Breakdown, Reception, Status


def due_units(ret: Return) -> list[UnitState]:
    """The units that a settlement would count now; none while it has to wait.

    Missing units are left out: each is paid when it comes.
    """
    if not ret.live or not ret.expected or ret.agenda.claims:
        return []
    unsettled = [unit for unit in ret.expected if not unit.settled]
    if not ret.money.begun and not all(unit.decided for unit in unsettled):
        return []
    return [unit for unit in unsettled if unit.payable]


def settlement_due(ret: Return) -> bool:
    """Whether a settlement is to begin: one may be due that pays nothing, when all is missing."""
    if ret.money.round_open:
        return False
    nothing_came = bool(ret.expected) and all(unit.reception is Reception.MISSING for unit in ret.expected)
    claimed = ret.live and not ret.agenda.claims
    return bool(due_units(ret)) or (claimed and not ret.money.begun and nothing_came)


def begin(ret: Return, units: Iterable[UnitState], now: datetime) -> None:
    """Freeze what these units are worth and plan the payments."""
    units = list(units)
    worth = _worth(ret, units)
    money = ret.money
    money.begun, money.round_open, money.told = True, True, False
    money.paid_before = len(money.payments)
    for unit in units:
        unit.settled = True
        if unit.acceptance is Acceptance.PENDING:
            unit.acceptance = Acceptance.ACCEPTED
        unit.refund = worth.refunds.get(unit.unit_id, 0)
    money.fee_taken = money.fee_taken or worth.breakdown.return_shipping_fee > 0
    money.sellers_fault = money.sellers_fault or any(unit.reason.sellers_fault for unit in _accepted(units))
    money.shipping_paid = money.shipping_paid or worth.breakdown.shipping > 0
    money.amount += worth.amount
    money.breakdown = add(money.breakdown, worth.breakdown)
    money.overridden = None
    _plan(ret, worth.amount)
    _drop_limit_attention(ret, now)


def _plan(ret: Return, amount: int) -> None:
    tenders = ret.request.order.tenders
    kinds = ret.opened.terms.money.tender_order
    for tender_id, part in allocate(amount, tenders, kinds, _paid_by_tender(ret)):
        payment = Payment(tender_id, part)
        ret.money.payments.append(payment)
        ret.agenda.payments.append(payment)


def _paid_by_tender(ret: Return) -> dict[str, int]:
    paid: dict[str, int] = {}
    for payment in ret.money.payments:
        if payment.state != "failed":
            paid[payment.tender_id] = paid.get(payment.tender_id, 0) + payment.amount
    return paid


def _accepted(units: Iterable[UnitState]) -> list[UnitState]:
    """Units that are paid: everything but rejected ones; the ungraded count as A."""
    return [unit for unit in units if unit.acceptance is not Acceptance.REJECTED]


def _worth(ret: Return, units: list[UnitState]) -> Settled:
    accepted = _accepted(units)
    for unit in accepted:
        if unit.settled:
            raise RuntimeError(f"unit {unit.unit_id} is settled already")
    worth = settle(
        [_claim(unit) for unit in accepted],
        ret.opened.terms.money,
        shipping=_shipping(ret, accepted),
        cap=cap(ret),
        fee_taken=ret.money.fee_taken,
        sellers_fault_before=ret.money.sellers_fault,
    )
    if ret.money.overridden is not None:
        return Settled(min(ret.money.overridden, cap(ret)), worth.breakdown, worth.refunds)
    return worth


def _claim(unit: UnitState) -> UnitClaim:
    return UnitClaim(
        unit_id=unit.unit_id,
        price=unit.price,
        reason=unit.reason,
        grade=unit.grade,
        lost=unit.reception is Reception.LOST,
    )


def cap(ret: Return) -> int:
    """What may still go back: captured minus already refunded, here or elsewhere."""
    tenders = ret.request.order.tenders
    return sum(tender.captured - tender.refunded for tender in tenders) - sum(_paid_by_tender(ret).values())


def _shipping(ret: Return, accepted: list[UnitState]) -> int:
    """The order's original shipping, where it goes back with these units (CONTRACT section 3)."""
    opening, rule = ret.opened, ret.opened.terms.money.refund_original_shipping
    if rule == "never" or not accepted or not opening.holds_shipping or ret.money.shipping_paid:
        return 0
    if rule == "seller_fault":
        back = {unit.unit_id for unit in ret.expected if unit.settled and unit.refund} | {
            unit.unit_id for unit in accepted
        }
        whole = opening.completes_order and all(unit.unit_id in back for unit in ret.expected)
        fault = opening.fault_elsewhere or any(
            unit.reason.sellers_fault for unit in ret.expected if unit.unit_id in back
        )
        if not (whole and fault):
            return 0
    return original_shipping(ret.request.order)


def owed(ret: Return) -> tuple[int, Breakdown]:
    """Amount and breakdown as known now: the frozen part, and the rest with ungraded units as A.

    Nothing is owed once declined, cancelled or expired; nor for units that are missing,
    rejected, or wrong until somebody accepts them.
    """
    if ret.ended or ret.opening is None:
        return 0, Breakdown()
    open_units = [
        unit
        for unit in ret.expected
        if not unit.settled
        and unit.acceptance in (Acceptance.PENDING, Acceptance.ACCEPTED)
        and unit.reception is not Reception.MISSING
    ]
    if ret.money.begun and not open_units:
        return ret.money.amount, ret.money.breakdown
    rest = _worth(ret, open_units)
    return ret.money.amount + rest.amount, add(ret.money.breakdown, rest.breakdown)


def add(one: Breakdown, other: Breakdown) -> Breakdown:
    """Part by part."""
    return Breakdown(**{key: getattr(one, key) + getattr(other, key) for key in Breakdown.model_fields})


def answered(payment: Payment, status: PaymentStatus, reference: str | None) -> None:
    """What the provider said of a payment."""
    payment.state = status.value
    payment.reference = reference or payment.reference


def hear_of_payment(ret: Return, event: PaymentEvent, now: datetime) -> None:
    """Take the provider's news of a refund in; it may come before the refund's own answer.

    ``failed`` puts the refund in front of a person, whatever was said before.
    """
    if event.event_id in ret.seen.events:
        return
    ret.seen.events.add(event.event_id)
    known = [payment for payment in ret.money.payments if payment.reference == event.reference]
    if not known:
        ret.money.early_news[event.reference] = event.status
        return
    for payment in known:
        news(ret, payment, event.status, now, event.detail)


def news(ret: Return, payment: Payment, status: PaymentStatus, now: datetime, detail: str | None = None) -> None:
    """Move a payment on by what the provider says of it later; a success is not unsaid by ``pending``."""
    if status is PaymentStatus.PENDING or payment.state == status.value:
        return
    answered(payment, status, None)
    if status is PaymentStatus.FAILED:
        ret.money.round_open = True
        if refund_failed(ret, payment, now, detail):
            return
        error = detail or "the refund failed at the provider"
        ret.parked.append(ParkedStep("refund", error, now, payment=payment))
        ret.note(now, "attention", detail="refund")


def refund_failed(ret: Return, payment: Payment, now: datetime, detail: str | None = None) -> bool:
    """A refund failed for good: true when other tenders take it over, by the policy's ``on_refund_failure``.

    A tender that has failed once in this return is not tried again by itself.
    """
    payment.state = "failed"
    ret.note(now, "refund_failed", by="payment", detail=detail)
    if ret.opened.terms.money.on_refund_failure != "next_tender":
        return False
    return _plan_elsewhere(ret, payment.amount, {payment.tender_id})


def paid_in_part(ret: Return, payment: Payment, amount: int, now: datetime) -> None:
    """The tender held less than the order says: other tenders pay the rest, or a person sees to it."""
    rest = payment.amount - amount
    if rest <= 0:
        return
    payment.amount = amount
    if _plan_elsewhere(ret, rest, {payment.tender_id}):
        return
    unpaid = Payment(payment.tender_id, rest, "failed")
    ret.money.payments.append(unpaid)
    error = f"{payment.tender_id} held {rest} less than is owed"
    ret.parked.append(ParkedStep("refund", error, now, payment=unpaid))
    ret.note(now, "attention", detail=f"refund: {error}")


def _plan_elsewhere(ret: Return, amount: int, without: set[str]) -> bool:
    failed = {other.tender_id for other in ret.money.payments if other.state == "failed"} | without
    others = [tender for tender in ret.request.order.tenders if tender.tender_id not in failed]
    try:
        parts = allocate(amount, others, ret.opened.terms.money.tender_order, _paid_by_tender(ret))
    except ValueError:
        return False
    for tender_id, part in parts:
        following = Payment(tender_id, part)
        ret.money.payments.append(following)
        ret.agenda.payments.append(following)
    return True


def paid_now(ret: Return) -> int:
    """What has been paid of the settlement that is being carried out."""
    payments = ret.money.payments[ret.money.paid_before :]
    return sum(payment.amount for payment in payments if payment.state == "succeeded")


def finish(ret: Return, now: datetime) -> None:
    """The customer has it all: say so once, and start waiting for what may still come late."""
    ret.money.round_open = False
    ret.dates.settled = now
    ret.dates.ask_payment = None
    if not ret.money.told:
        ret.agenda.notices.append(Notice(settled_status(ret).value))
        ret.money.told = True
    ret.note(now, settled_status(ret).value)
    if any(unit.reception in COMING | GONE for unit in ret.expected):
        opening = ret.opened
        ret.dates.late_until = opening.calendar.add_days(now, opening.terms.late_arrival_days)
        ret.late_over = False


def settled_status(ret: Return) -> Status:
    """How a settled return ends: all that came was rejected, or the resolution's own status."""
    judged = [unit for unit in ret.expected if unit.settled]
    if judged and all(unit.acceptance is Acceptance.REJECTED and not unit.refund for unit in judged):
        return Status.REJECTED
    return Status.REFUNDED


def enforce_limit(ret: Return, now: datetime) -> None:
    """The promise's last day is over: settle as far as the policy allows, the rest to a person.

    Graded units by grade, received ones as A; handed-over units as A when nothing was
    received, else they are missing (CONTRACT section 5).
    """
    terms = ret.opened.terms
    if ret.money.begun or ret.ended:
        return
    if terms.on_limit == "attention":
        _park_limit(ret, now, "not settled by the limit")
        return
    if ret.in_review or ret.agenda.claims:
        _park_limit(ret, now, "still in review at the limit" if ret.in_review else "its units are not claimed")
        return
    units = _payable_at_limit(ret)
    if units:
        begin(ret, units, now)
    left = [unit for unit in ret.expected if not unit.settled and unit.reception is not Reception.MISSING]
    if left:
        names = ", ".join(unit.unit_id for unit in left)
        _park_limit(ret, now, f"not settled by the limit: {names}")
    elif not units:
        begin(ret, [], now)


def _payable_at_limit(ret: Return) -> list[UnitState]:
    received = any(unit.reception in IN_HAND for unit in ret.expected)
    if received:
        for unit in ret.expected:
            if unit.reception in COMING:
                unit.reception = Reception.MISSING
    return [
        unit
        for unit in ret.expected
        if unit.payable
        or unit.reception is Reception.RECEIVED
        or (unit.reception is Reception.IN_TRANSIT and ret.handed_over and not received)
    ]


def _park_limit(ret: Return, now: datetime, error: str) -> None:
    if any(parked.step == "limit" for parked in ret.open_steps):
        return
    ret.parked.append(ParkedStep("limit", error, now))
    ret.note(now, "attention", detail=f"limit: {error}")


def _drop_limit_attention(ret: Return, now: datetime) -> None:
    """Settled after all: nobody needs to look at the limit any more."""
    if any(not unit.settled and unit.reception in IN_HAND | COMING for unit in ret.expected):
        return
    for parked in ret.open_steps:
        if parked.step == "limit":
            ret.parked.remove(parked)
            ret.note(now, "attention_resolved", detail="limit")


def pay_outside(ret: Return, reference: str | None, now: datetime) -> None:
    """A person paid what the limit left open: freeze it at its worth as known, paid already."""
    units = [
        unit
        for unit in ret.expected
        if not unit.settled and unit.reception not in GONE and unit.acceptance is not Acceptance.REJECTED
    ]
    queued = len(ret.agenda.payments)
    for unit in units:
        unit.acceptance = Acceptance.ACCEPTED
    begin(ret, units, now)
    while len(ret.agenda.payments) > queued:
        answered(ret.agenda.payments.pop(), PaymentStatus.SUCCEEDED, reference)
