"""Money between shop and customer: refunds to tenders and to store credit, charges, and asking after them."""

from collections.abc import Awaitable
from functools import partial

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows.returns.card_hold import CardHolds
from workflows.returns.step_runner import StepRunner
from workflows.shared.command_queue import Handlers
from workflows.shared.steps import DoneManually, StepIds, caused_by, reason

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
    from lifecycle.returns.settlement.statement import Statement, statement_of
    from lifecycle.returns.state import Return
    from lifecycle.shared.markdown import literal


class Payments:
    """The payments of one return, one after another."""

    def __init__(self, ret: Return, ids: StepIds, runner: StepRunner, card_holds: CardHolds) -> None:
        self._ret = ret
        self._ids = ids
        self._runner = runner
        self._card_holds = card_holds
        self.handlers: Handlers = {Pay: self._pay, CheckPendingRefunds: self._check_pending}

    async def _pay(self, command: Pay) -> None:
        await self._refund(command.payment, last=self._ret.agenda.waiting(Pay) == [command])
        advance(self._ret, workflow.now())

    async def _refund(self, payment: Payment, *, last: bool) -> None:
        ret, kind = self._ret, payments.step_of(payment)
        name = self._ids.next(f"{kind}-{payment.tender_id}")

        failure: BaseException | None = None

        def failed(error: BaseException) -> bool:
            nonlocal failure
            failure = error
            if not caused_by(error, "Declined"):
                payment.state = "failed"
                return False
            return payments.refund_failed(ret, payment, workflow.now(), reason(error))

        answer = await self._runner.run(
            kind,
            lambda: self._pay_out(payment, name, last=last),
            on_failure=failed,
            park=partial(attention.park, ret, payment=payment),
        )
        unclear = failure is not None and not caused_by(failure, "Declined")
        found = await self._look_for(payment, name) if unclear and not isinstance(answer, RefundAnswer) else None
        reused = failure is not None and caused_by(failure, "KeyReused") is not None
        if isinstance(answer, DoneManually) and not (found and reused):
            payments.answered(payment, PaymentStatus.SUCCEEDED, answer.reference)
            if found and found.reference != answer.reference:
                payments.paid_besides(ret, payment, found.reference, workflow.now())
        elif paid := answer if isinstance(answer, RefundAnswer) else found:
            self._record_payment(payment, paid, reused=reused)

    def _record_payment(self, payment: Payment, answer: RefundAnswer, *, reused: bool) -> None:
        """Take in what was really paid, now or by an earlier run of this return."""
        ret, now = self._ret, workflow.now()
        ret.money.told = ret.money.told or answer.told
        if reused:
            payments.paid_before(ret, payment, answer.amount, now)
        else:
            payments.paid_in_part(ret, payment, answer.amount, now)
        payments.payment_answered(ret, payment, answer.status, answer.reference, now)

    async def _look_for(self, payment: Payment, name: str) -> RefundAnswer | None:
        """An operator went on without its answer: was it made all the same? By the ledger, or else the provider."""
        try:
            return await self._find(payment, name)
        except ActivityError:
            return None

    def _find(self, payment: Payment, name: str) -> Awaitable[RefundAnswer | None]:
        ret = self._ret
        if payment.amount < 0:
            return self._card_holds.find_charge(payment.tender_id, -payment.amount, name)
        if payment.tender_id == STORE_CREDIT:
            return self._runner.steps.start_activity(
                CreditActivities.find_store_credit,
                _credit_input(ret, payment, name, last=False),
                name=self._ids.next("find_refund"),
                summary="Check whether the store credit was given",
                profile="records",
            )
        return self._runner.steps.start_activity(
            PaymentActivities.find_refund,
            _refund_input(ret, payment, name, last=False),
            name=self._ids.next("find_refund"),
            summary="Check whether the refund was made",
            profile="payment",
            timeout=ret.opened.step_timeout,
        )

    def _pay_out(self, payment: Payment, name: str, *, last: bool) -> Awaitable[RefundAnswer]:
        ret = self._ret
        money = format_money(payment.amount, ret.request.order.currency)
        if payment.amount < 0:
            return self._charge(payment, name)
        if payment.tender_id == STORE_CREDIT:
            return self._runner.steps.start_activity(
                CreditActivities.give_store_credit,
                _credit_input(ret, payment, name, last),
                name=name,
                summary=f"Give {money} of store credit",
                profile="records",
                urgent=ret.escalated,
            )
        return self._runner.steps.start_activity(
            PaymentActivities.refund,
            _refund_input(ret, payment, name, last),
            name=name,
            summary=f"Refund {money} to {literal(payment.tender_id)}",
            profile="payment",
            timeout=ret.opened.step_timeout,
            urgent=ret.escalated,
        )

    async def _charge(self, payment: Payment, name: str) -> RefundAnswer:
        reference = await self._card_holds.charge(payment.tender_id, -payment.amount, name)
        return RefundAnswer(reference=reference, status=PaymentStatus.SUCCEEDED, amount=payment.amount)

    async def _check_pending(self, _: CheckPendingRefunds) -> None:
        """Ask the provider for the status of pending refunds."""
        ret = self._ret
        ret.agenda.withdraw(CheckPendingRefunds)
        for payment in [payment for payment in ret.money.payments if payment.state == "pending"]:
            given = CheckRefundInput(return_id=ret.return_id, reference=payment.reference or "")
            name = self._ids.next("check_refund")
            try:
                status = await self._runner.steps.start_activity(
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
        held=money_claim.needed(ret) if last else None,
        back=units_back.unreported_back(ret) if last else None,
    )
