"""Money between shop and customer: refunds to tenders and to store credit, charges, and asking after them."""

from collections.abc import Awaitable
from functools import partial

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows.returns import card_hold
from workflows.returns.step_runner import StepRunner
from workflows.shared.steps import DoneManually, caused_by, reason

with workflow.unsafe.imports_passed_through():
    from activities.returns.credit import CreditActivities, CreditInput
    from activities.returns.payment import CheckRefundInput, PaymentActivities, RefundAnswer, RefundInput
    from lifecycle.contract.messages import PaymentStatus
    from lifecycle.contract.money import format_money
    from lifecycle.returns.advance import advance
    from lifecycle.returns.aggregate.payment import STORE_CREDIT, Payment
    from lifecycle.returns.commands import CheckPendingRefunds, Pay
    from lifecycle.returns.decisions import attention
    from lifecycle.returns.settlement import money_claim, payments, settling, units_back
    from lifecycle.returns.settlement.itemized import itemized
    from lifecycle.returns.settlement.statement import Statement, statement_of
    from lifecycle.returns.state import Return
    from lifecycle.shared.markdown import literal


async def pay(runner: StepRunner, command: Pay) -> None:
    """Make one payment; the last of those that wait says what was paid in all."""
    await _refund(runner, command.payment, last=runner.ret.agenda.waiting(Pay) == [command])
    advance(runner.ret, workflow.now())


async def _refund(runner: StepRunner, payment: Payment, *, last: bool) -> None:
    ret, kind = runner.ret, payments.step_of(payment)
    name = runner.ids.next(f"{kind}-{payment.tender_id}")

    failure: BaseException | None = None

    def failed(error: BaseException) -> bool:
        nonlocal failure
        failure = error
        if not caused_by(error, "Declined"):
            payment.state = "failed"
            return False
        return payments.refund_failed(ret, payment, workflow.now(), reason(error))

    answer = await runner.run(
        kind,
        lambda: _pay_out(runner, payment, name, last=last),
        on_failure=failed,
        park=partial(attention.park, ret, payment=payment),
    )
    unclear = failure is not None and not caused_by(failure, "Declined")
    found = await _look_for(runner, payment, name) if unclear and not isinstance(answer, RefundAnswer) else None
    reused = failure is not None and caused_by(failure, "KeyReused") is not None
    if isinstance(answer, DoneManually) and not (found and reused):
        payments.answered(payment, PaymentStatus.SUCCEEDED, answer.reference, by_hand=True)
        if found and found.reference != answer.reference:
            payments.paid_besides(ret, payment, found.reference, workflow.now())
    elif paid := answer if isinstance(answer, RefundAnswer) else found:
        _record_payment(ret, payment, paid, reused=reused)


def _record_payment(ret: Return, payment: Payment, answer: RefundAnswer, *, reused: bool) -> None:
    """Take in what was really paid, now or by an earlier run of this return."""
    now = workflow.now()
    ret.money.told = ret.money.told or answer.told
    if reused:
        payments.paid_before(ret, payment, answer.amount, now)
    else:
        payments.paid_in_part(ret, payment, answer.amount, now)
    payments.payment_answered(ret, payment, answer.status, answer.reference, now)


async def _look_for(runner: StepRunner, payment: Payment, name: str) -> RefundAnswer | None:
    """An operator went on without its answer: was it made all the same? By the ledger, or else the provider."""
    try:
        return await _find(runner, payment, name)
    except ActivityError:
        return None


def _find(runner: StepRunner, payment: Payment, name: str) -> Awaitable[RefundAnswer | None]:
    ret = runner.ret
    if payment.amount < 0:
        return card_hold.find_charge(runner, payment.tender_id, -payment.amount, name)
    if payment.tender_id == STORE_CREDIT:
        return runner.steps.start_activity(
            CreditActivities.find_store_credit,
            _credit_input(ret, payment, name, last=False),
            name=runner.ids.next("find_refund"),
            summary="Check whether the store credit was given",
            profile="records",
        )
    return runner.steps.start_activity(
        PaymentActivities.find_refund,
        _refund_input(ret, payment, name, last=False),
        name=runner.ids.next("find_refund"),
        summary="Check whether the refund was made",
        profile="payment",
        timeout=ret.opened.step_timeout,
    )


def _pay_out(runner: StepRunner, payment: Payment, name: str, *, last: bool) -> Awaitable[RefundAnswer]:
    ret = runner.ret
    money = format_money(payment.amount, ret.request.order.currency)
    if payment.amount < 0:
        return _charge(runner, payment, name)
    if payment.tender_id == STORE_CREDIT:
        return runner.steps.start_activity(
            CreditActivities.give_store_credit,
            _credit_input(ret, payment, name, last),
            name=name,
            summary=f"Give {money} of store credit",
            profile="records",
            urgent=ret.escalated,
        )
    given, summary = _refund_input(ret, payment, name, last), f"Refund {money} to {literal(payment.tender_id)}"
    return runner.start(PaymentActivities.refund, given, summary=summary, profile="payment")


async def _charge(runner: StepRunner, payment: Payment, name: str) -> RefundAnswer:
    reference = await card_hold.charge(runner, payment.tender_id, -payment.amount, name)
    return RefundAnswer(reference=reference, status=PaymentStatus.SUCCEEDED, amount=payment.amount)


async def check_pending_refunds(runner: StepRunner, _: CheckPendingRefunds) -> None:
    """Ask the provider for the status of pending refunds."""
    ret = runner.ret
    ret.agenda.withdraw(CheckPendingRefunds)
    for payment in [payment for payment in ret.money.payments if payment.state == "pending"]:
        given = CheckRefundInput(return_id=ret.return_id, reference=payment.reference or "")
        name = runner.ids.next("check_refund")
        try:
            status = await runner.steps.start_activity(
                PaymentActivities.check_refund,
                given,
                name=name,
                summary="Check the pending refund",
                profile="payment",
                timeout=ret.opened.step_timeout,
                urgent=ret.escalated,
            )
        except ActivityError:
            status = PaymentStatus.PENDING
        if payment.state == "pending":
            payments.payment_answered(ret, payment, status, payment.reference, workflow.now())


def _credit_input(ret: Return, payment: Payment, name: str, last: bool) -> CreditInput:
    return CreditInput(
        return_id=ret.return_id,
        step=name,
        amount=payment.amount,
        bonus=payment.bonus,
        currency=ret.request.order.currency,
        expires_at=settling.credit_expires(ret, workflow.now()),
        now=workflow.now(),
        total=_total(ret, payment, last),
        kept=any(unit.kept for unit in ret.units),
        statement=_statement(ret, payment, last),
        held=money_claim.needed(ret) if last else None,
        back=units_back.unreported_back(ret) if last else None,
    )


def _statement(ret: Return, payment: Payment, last: bool) -> Statement | None:
    """What goes with the mail, where this payment brings it."""
    told = _total(ret, payment, last) is not None and not payment.of_hold
    return statement_of(ret) if told else None


def _total(ret: Return, payment: Payment, last: bool) -> int | None:
    """The amount in the mail of this payment; None when another one, or a parcel, brings the mail."""
    if payment.of_hold:
        return payment.amount
    sends = any(item.state == "due" for item in ret.wanted)
    return payments.paid_now(ret) + payment.amount if last and not sends and not ret.money.told else None


def _refund_input(ret: Return, payment: Payment, name: str, last: bool) -> RefundInput:
    tender = next(tender for tender in ret.request.order.tenders if tender.tender_id == payment.tender_id)
    hold = ret.hold if payment.of_hold else None
    return RefundInput(
        return_id=ret.return_id,
        step=name,
        tender_id=tender.tender_id,
        reference=hold.reference if hold else tender.reference,
        amount=payment.amount,
        currency=ret.request.order.currency,
        captured=hold.amount if hold else tender.captured,
        refunded=0 if hold else tender.refunded,
        now=workflow.now(),
        total=_total(ret, payment, last),
        kept=any(unit.kept for unit in ret.units),
        statement=_statement(ret, payment, last),
        replaces=payment.reference,
        itemized=itemized(ret, payment),
        held=money_claim.needed(ret) if last else None,
        back=units_back.unreported_back(ret) if last else None,
    )
