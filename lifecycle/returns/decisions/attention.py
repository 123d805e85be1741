"""Steps that failed for good, and an operator's answers to them."""

from dataclasses import replace
from datetime import datetime

from lifecycle.contract.errors import Refused
from lifecycle.contract.messages import PaymentStatus, ResolveAttention
from lifecycle.returns.aggregate.about import About
from lifecycle.returns.aggregate.parked_step import ParkedReturnStep
from lifecycle.returns.aggregate.payment import Payment
from lifecycle.returns.commands import Pay
from lifecycle.returns.decisions.limit import enforce_limit, leave_the_rest
from lifecycle.returns.decisions.paid_outside import pay_outside
from lifecycle.returns.goods import empty_parcel
from lifecycle.returns.goods.late_label import LABEL, is_late_label, resolve_late, unpark_late
from lifecycle.returns.goods.outbound import needed, retry_reservation, shipped
from lifecycle.returns.late_goods import wait_longer
from lifecycle.returns.settlement.payments import answered
from lifecycle.returns.state import Return
from lifecycle.shared.parked_step import find_waiting


def park(
    ret: Return, step: str, error: str, now: datetime, payment: Payment | None = None, *, unforeseen: bool = False
) -> ParkedReturnStep:
    """A running step failed for good: it waits for an operator, everything else goes on."""
    if step == LABEL:
        unpark_late(ret)
    parked = replace(ParkedReturnStep.failed_for_good(step, error, now, unforeseen=unforeseen), payment=payment)
    ret.park(parked)
    return parked


def check_resolve(ret: Return, message: ResolveAttention) -> ParkedReturnStep:
    """The step that this answer is for: the oldest, or the one it names; ``Refused`` when none waits."""
    parked = find_waiting(ret.open_steps, message)
    if parked.kind in ("open", "reopen") and message.action != "retry":
        raise Refused(f"action: nothing goes on without the step {parked.kind}, it can only be tried again")
    if parked.step == "limit" and message.action == "mark_done" and _being_repaired(ret):
        raise Refused("action: a unit is on the repair bench; call its repair off first")
    return parked


def _being_repaired(ret: Return) -> bool:
    return any(unit.bench is not None and unit.bench.outcome is None for unit in ret.units)


def resolve(ret: Return, message: ResolveAttention, now: datetime) -> None:
    """Take an operator's answer; the step itself goes on from it."""
    parked = check_resolve(ret, message)
    parked.resolve(message)
    ret.unpark(parked)
    about = About(step=parked.step)
    ret.note(now, "attention_resolved", by=message.by, detail=f"{parked.step}: {message.told}", about=about)
    if parked.step == "limit":
        _resolve_limit(ret, message, now)
    elif parked.step == empty_parcel.STEP:
        empty_parcel.resolve(ret, message, now)
    elif parked.step == "stock":
        _resolve_stock(ret, message, now)
    elif is_late_label(parked):
        resolve_late(ret, message, now)
    elif parked.payment is not None:
        _resolve_refund(ret, parked, parked.payment, message)


def _resolve_limit(ret: Return, message: ResolveAttention, now: datetime) -> None:
    """Retry decides again, mark_done says it was paid outside, skip leaves it unpaid."""
    if message.action == "retry":
        if ret.money.begun:
            leave_the_rest(ret, now)
        else:
            enforce_limit(ret, now)
    elif message.action == "mark_done":
        pay_outside(ret, message.reference, now)
    else:
        wait_longer(ret, now)


def _resolve_stock(ret: Return, message: ResolveAttention, now: datetime) -> None:
    """Retry looks again at once, mark_done says that it was sent from elsewhere, skip waits for stock."""
    if message.action == "retry":
        retry_reservation(ret)
    elif message.action == "mark_done":
        shipped(ret, {item.name for item in needed(ret) if item.state == "short"}, message.reference, now)


def _resolve_refund(ret: Return, parked: ParkedReturnStep, payment: Payment, message: ResolveAttention) -> None:
    """A refund that failed: pay it anew, or take it as paid, or owe it no more."""
    if message.action == "retry":
        payment.state = "planned"
        if not parked.running:
            ret.agenda.add(Pay(payment))
    elif message.action == "mark_done":
        answered(payment, PaymentStatus.SUCCEEDED, message.reference, by_hand=True)
    else:
        payment.given_up = True
