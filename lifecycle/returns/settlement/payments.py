"""Refunds to the order's tenders: planned, answered, updated later, and what happens when one fails."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from lifecycle.contract.events.types import EventName
from lifecycle.contract.messages import PaymentEvent, PaymentStatus
from lifecycle.contract.money import share_out
from lifecycle.contract.orders.payment import PaymentState
from lifecycle.contract.request import Tender
from lifecycle.contract.tenders import TenderKind
from lifecycle.returns.aggregate.about import About
from lifecycle.returns.aggregate.parked_step import ParkedReturnStep
from lifecycle.returns.aggregate.payment import STORE_CREDIT, Payment
from lifecycle.returns.commands import Pay
from lifecycle.returns.goods.advance_replacement import card
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.state import Return
from lifecycle.shared.waits import doubled

#: How often a pending refund is asked after: soon at first, then once a day.
ASK_FIRST, ASK_AT_MOST = timedelta(hours=1), timedelta(days=1)
_WEIGHT = (PaymentStatus.PENDING, PaymentStatus.SUCCEEDED, PaymentStatus.FAILED)


def plan(ret: Return, amount: int, bonus: int = 0) -> None:
    """Put refunds on the agenda: to the order's tenders in the policy's order, or to store credit.

    ``bonus`` is the part of ``amount`` that store credit gives on top. Below 0 it is charged to
    the order's card.
    """
    if amount < 0:
        charged = card(ret)
        _pay(ret, Payment(charged.tender_id if charged else "card", amount))
        return
    if as_credit(ret):
        if amount:
            _pay(ret, Payment(STORE_CREDIT, amount, bonus))
        return
    kinds = ret.opened.terms.money.tender_order
    for tender_id, part in allocate(amount, _held(ret), kinds, paid_by_tender(ret)):
        _pay(ret, Payment(tender_id, part))


def as_credit(ret: Return) -> bool:
    """Whether money is given as store credit: asked for, or no tender can take it, since the order was paid in cash."""
    cash = ret.request.order.payment_state is PaymentState.CASH_ON_DELIVERY
    return cash or rule_of(ret.request.resolution).pays == "store_credit"


def allocate(
    amount: int, tenders: Sequence[Tender], order_of_kinds: Sequence[TenderKind], already: Mapping[str, int]
) -> list[tuple[str, int]]:
    """``(tender_id, amount)`` for each tender that gets money, in the policy's order.

    None gets more than it holds: captured, less refunded and less what ``already`` says.
    Raises ``ValueError`` when they do not cover the amount.
    """
    rooms = {
        tender.tender_id: tender.captured - tender.refunded - already.get(tender.tender_id, 0)
        for tender in sorted(tenders, key=lambda tender: order_of_kinds.index(tender.kind))
    }
    parts = share_out(amount, rooms)
    rest = amount - sum(part for _, part in parts)
    if rest > 0:
        raise ValueError(f"the tenders hold {rest} less than is to be paid back")
    return parts


def _held(ret: Return) -> list[Tender]:
    """The tenders, as if each had captured what this return holds of it alone."""
    tenders, claim = ret.request.order.tenders, ret.money.claim
    if claim is None:
        return tenders
    held = {tender.tender_id: claim.tenders.get(tender.tender_id, 0) for tender in tenders}
    return [tender.model_copy(update={"captured": held[tender.tender_id], "refunded": 0}) for tender in tenders]


def left_of_tenders(ret: Return) -> int | None:
    """What this return may still pay to tenders, of what it holds of them; None where only the order bounds it."""
    if ret.money.claim is None:
        return None
    held, paid = ret.money.claim.tenders, paid_by_tender(ret)
    return sum(held.values()) - sum(paid.get(tender.tender_id, 0) for tender in ret.request.order.tenders)


def _pay(ret: Return, payment: Payment) -> None:
    ret.money.payments.append(payment)
    ret.agenda.add(Pay(payment))


def paid_by_tender(ret: Return) -> dict[str, int]:
    """What this return has paid, or is paying, to each tender.

    A failed refund counts while it waits for an operator, who may have it tried again.
    """
    paid: dict[str, int] = {}
    for payment in _counting(ret):
        paid[payment.tender_id] = paid.get(payment.tender_id, 0) + payment.amount
    return paid


def given_back(ret: Return) -> int:
    """What this return has given, or is giving, of the order's money: not the bonus, but also what bought goods."""
    return sum(payment.amount - payment.bonus for payment in _counting(ret)) + ret.money.taken_off


def _counting(ret: Return) -> list[Payment]:
    return [
        payment
        for payment in ret.money.payments
        if payment.amount > 0
        and not payment.of_hold
        and (payment.state != "failed" or any(parked.payment is payment for parked in ret.open_steps))
    ]


def answered(payment: Payment, status: PaymentStatus, reference: str | None, *, by_hand: bool = False) -> None:
    """What the provider said of a payment, or staff who made it ``by_hand``."""
    payment.state = status.value
    payment.reference = reference or payment.reference
    payment.by_hand, payment.given_up = by_hand, False


def given_up(ret: Return) -> int:
    """What staff decided not to pay, of all that failed, in minor units; below 0 what they did not charge."""
    return sum(payment.amount for payment in ret.money.payments if payment.given_up and not payment.of_hold)


def payment_answered(
    ret: Return, payment: Payment, status: PaymentStatus, reference: str | None, now: datetime
) -> None:
    """Take a provider's answer in, and whatever event of it came first; a pending refund is asked after."""
    early = ret.money.early_news.pop(reference, None) if reference else None
    failed = PaymentStatus.FAILED in (status, early)
    answered(payment, PaymentStatus.PENDING if failed else status, reference)
    if failed or early is not None:
        apply_payment_status(ret, payment, PaymentStatus.FAILED if failed else early or status, now)
    if payment.state == "pending":
        ret.money.asked += 1
        wait = doubled(ASK_FIRST, ASK_AT_MOST, ret.money.asked - 1)
        ret.dates.set_alarm("ask_payment", now + wait)


def apply_payment_event(ret: Return, event: PaymentEvent, now: datetime) -> None:
    """Apply the provider's event of a refund; it may come before the refund's own answer, and out of order.

    ``failed`` puts the refund in front of an operator, whatever was said before; a success that is not
    newer does not unsay it.
    """
    if event.event_id in ret.seen.events:
        return
    ret.seen.events.add(event.event_id)
    known = [payment for payment in ret.money.payments if payment.reference == event.reference]
    if not known:
        _keep_early_event(ret, event)
        return
    for payment in known:
        if payment.failed_at is None or event.at > payment.failed_at:
            apply_payment_status(ret, payment, event.status, now, event.detail, event.at)


def _keep_early_event(ret: Return, event: PaymentEvent) -> None:
    """Before the refund's own answer: that it failed outweighs the rest, whichever came first."""
    before = ret.money.early_news.get(event.reference, PaymentStatus.PENDING)
    ret.money.early_news[event.reference] = max(before, event.status, key=_WEIGHT.index)


def apply_payment_status(
    ret: Return,
    payment: Payment,
    status: PaymentStatus,
    now: datetime,
    detail: str | None = None,
    at: datetime | None = None,
) -> None:
    """Update a payment by what the provider says of it later, at ``at`` or now.

    A success is not unsaid by ``pending``.
    """
    if status is PaymentStatus.PENDING or payment.state == status.value:
        return
    answered(payment, status, None)
    if status is PaymentStatus.FAILED:
        payment.failed_at = at or now
        ret.money.round_open = True
        if refund_failed(ret, payment, now, detail):
            return
        kind = step_of(payment)
        error = detail or f"the {kind} failed at the provider"
        ret.park(ParkedReturnStep(kind, error, now, payment=payment), detail=kind)


def step_of(payment: Payment) -> str:
    """The kind of step that carries it out."""
    return "charge" if payment.amount < 0 else "refund"


def refund_failed(ret: Return, payment: Payment, now: datetime, detail: str | None = None) -> bool:
    """A refund failed for good: true when it is paid another way, by the policy's ``on_refund_failure``.

    A tender that has failed once in this return is not tried again by itself.
    """
    payment.state = "failed"
    event: EventName = "charge_failed" if payment.amount < 0 else "refund_failed"
    ret.note(now, event, by="payment", detail=detail, about=About(paid=[payment]))
    return _pay_another_way(ret, payment.amount, payment.tender_id)


def _pay_another_way(ret: Return, amount: int, failed: str) -> bool:
    instead = ret.opened.terms.money.on_refund_failure
    if instead == "attention" or failed == STORE_CREDIT or amount < 0:
        return False
    if instead == "store_credit":
        _pay(ret, Payment(STORE_CREDIT, amount))
        return True
    return _plan_elsewhere(ret, amount, {failed})


def paid_in_part(ret: Return, payment: Payment, amount: int, now: datetime) -> None:
    """The tender held less than the order says: other tenders pay the rest, or an operator sees to it.

    One that held nothing has no entry.
    """
    rest = payment.amount - amount
    if rest <= 0:
        return
    payment.amount = amount
    ret.money.drained.add(payment.tender_id)
    if not amount:
        ret.money.payments.remove(payment)
    if _plan_elsewhere(ret, rest, {payment.tender_id}):
        return
    unpaid = Payment(payment.tender_id, rest, state="failed")
    ret.money.payments.append(unpaid)
    error = f"{payment.tender_id} held {rest} less than is owed"
    ret.park(ParkedReturnStep("refund", error, now, payment=unpaid))


def paid_before(ret: Return, payment: Payment, amount: int, now: datetime) -> None:
    """An earlier run of this return had the step pay (or charge) another amount: that one stands.

    What is owed besides is a payment of its own; what was too much is noted on the timeline alone.
    """
    rest = payment.amount - amount
    if not rest:
        return
    detail = f"{payment.tender_id}: {amount} instead of {payment.amount}"
    payment.amount = amount
    ret.note(now, "paid_before", by="payment", detail=detail, about=About(paid=[payment]))
    if (rest > 0) is (amount > 0):
        _pay(ret, Payment(payment.tender_id, rest))


def paid_besides(ret: Return, payment: Payment, reference: str, now: datetime) -> None:
    """An operator did it by hand, and the provider has done it too: somebody has to reclaim one of the two."""
    done = "charged" if payment.amount < 0 else "paid"
    error = f"marked as done by hand, but the payment provider has {done} it as well ({reference})"
    ret.park(ParkedReturnStep(step_of(payment), error, now))


def _plan_elsewhere(ret: Return, amount: int, without: set[str]) -> bool:
    """By other tenders, whatever this return holds of them: the provider says what they have."""
    failed = {other.tender_id for other in ret.money.payments if other.state == "failed"}
    failed |= without | ret.money.drained
    others = [tender for tender in ret.request.order.tenders if tender.tender_id not in failed]
    try:
        parts = allocate(amount, others, ret.opened.terms.money.tender_order, paid_by_tender(ret))
    except ValueError:
        return False
    for tender_id, part in parts:
        _pay(ret, Payment(tender_id, part))
    return True


def promised_now(ret: Return) -> int:
    """What is paid or charged by the settlement that is being carried out, unless that fails."""
    payments = ret.money.payments[ret.money.paid_before :]
    return sum(payment.amount for payment in payments if payment.state != "failed")


def paid_now(ret: Return) -> int:
    """What has been paid of the settlement that is being carried out."""
    payments = ret.money.payments[ret.money.paid_before :]
    return sum(payment.amount for payment in payments if payment.state == "succeeded")
