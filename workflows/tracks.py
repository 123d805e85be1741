"""The work of a return, kind by kind: taken off its agenda, done, and told to the aggregate."""

import asyncio
from collections.abc import Awaitable, Callable

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from workflows.attempts import Attempts
from workflows.errands import Errands
from workflows.labels import Labels
from workflows.steps import ByHand, Names, caused_by, database_step, no_local_step, partner_step, reason

with workflow.unsafe.imports_passed_through():
    from activities.carrier import CarrierActivities, LossInput
    from activities.credit import CreditActivities, CreditInput
    from activities.opening import CLOSED_BEFORE, ChangeInput, OpeningActivities, OpenInput
    from activities.payment import AskInput, PaymentActivities, RefundAnswer, RefundInput
    from activities.records import ClaimsInput, CloseInput, RecordsActivities, ReopenInput, TellInput
    from activities.stock import StockActivities, StockInput
    from lifecycle import deadlines, payments, settling, stock
    from lifecycle.approval import open_return
    from lifecycle.errors import InvalidRequest
    from lifecycle.messages import PaymentStatus
    from lifecycle.money import format_money
    from lifecycle.opening import Opening
    from lifecycle.recorded import record
    from lifecycle.request import ReturnRequest
    from lifecycle.showing import view_of
    from lifecycle.state import STORE_CREDIT, Booking, LostParcel, Notice, Payment, Return, reasons
    from lifecycle.view import Outcome, View


class Tracks:
    """Each kind of work goes one after another; different kinds go side by side.

    ``stir`` is called whenever a kind has nothing left to do, or a step has given up.
    """

    def __init__(self, ret: Return, names: Names, stir: Callable[[], None]) -> None:
        self._ret = ret
        self._names = names
        self._stir = stir
        self._attempts = Attempts(ret, stir)
        self._errands = Errands(ret, names, self._attempts, stir)
        self._labels = Labels(ret, names, self._attempts)
        self._running: dict[str, asyncio.Task[None]] = {}
        #: The view of a return that had closed before it was started again.
        self.known: View | None = None
        #: Why the return cannot be started, found by the opening step.
        self.refused: InvalidRequest | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is being done."""
        return not self._running

    def start(self) -> None:
        """Begin what is wanted and not under way."""
        agenda = self._ret.agenda
        wanted: dict[str, tuple[bool, Callable[[], Awaitable[None]]]] = {
            "open": (self._ret.opening is None, self._open),
            "claims": (agenda.claims is not None, self._keep_claims),
            "label": (agenda.label or bool(agenda.void), self._labels.keep),
            "loss": (bool(agenda.losses), self._claim_losses),
            "goods": (bool(agenda.bookings), self._book),
            "money": (bool(agenda.payments), self._pay),
            "ask": (agenda.ask_payment, self._ask),
            "mail": (bool(agenda.notices), self._tell),
        }
        found = {kind: work for kind, (is_wanted, work) in wanted.items() if is_wanted} | self._errands.tracks()
        for kind, work in found.items():
            if kind not in self._running:
                self._running[kind] = asyncio.create_task(self._track(work))

    def collect(self) -> None:
        """Forget what has been done; raises what it failed with, for the workflow task to fail with."""
        done = [kind for kind, task in self._running.items() if task.done()]
        for kind in done:
            self._running.pop(kind).result()

    async def _track(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            if workflow.in_workflow():  # not while an evicted workflow is torn down
                self._stir()

    async def _open(self) -> None:
        given = OpenInput(return_id=self._ret.return_id, request=self._ret.request, now=workflow.now())
        opening = await self._attempts.run(
            "open",
            lambda: database_step(
                OpeningActivities.open_return, given, name="open", summary="Decide and claim the units"
            ),
            on_failure=self._known_before,
        )
        if self.known or self.refused:
            return
        if isinstance(opening, ByHand) or opening is None:
            raise ApplicationError("A return cannot go on without its opening step", type="NotOpened")
        open_return(self._ret, opening, workflow.now())

    async def decide_again(self, request: ReturnRequest) -> Opening:
        """The policy's word on a changed request; the return keeps the terms and calendar it began with.

        Declined, it raises ``ApplicationError`` of type ``Refused`` with the reasons.
        """
        await no_local_step()
        ret, name = self._ret, self._names.next("change")
        given = ChangeInput(return_id=ret.return_id, step=name, request=request, now=workflow.now())
        try:
            # Not as a local step: what follows may cancel a label that is being bought, and a replay
            # may see that label's news and a local step's answer in another order than they came in.
            opening = await partner_step(
                OpeningActivities.change_return,
                given,
                name=name,
                summary="Decide on the changed request",
                partner="records",
            )
        except FailureError as error:
            raise ApplicationError(reason(error), type="Refused") from error
        if opening.decision.outcome is Outcome.DECLINED:
            raise ApplicationError(reasons(opening.decision) or "declined", type="Refused")
        kept = {"terms": ret.opened.terms, "calendar": ret.opened.calendar, "step_timeout": ret.opened.step_timeout}
        return opening.model_copy(update=kept)

    def _known_before(self, error: BaseException) -> bool:
        """Whether the database knows this return: it has closed, or belongs to another request."""
        closed = caused_by(error, CLOSED_BEFORE)
        if closed:
            self.known = View.model_validate(closed.details[0])
        elif caused_by(error, "KeyReused"):
            self.refused = InvalidRequest([("return_id", "expected one that no other request has used")])
        return bool(self.known or self.refused)

    async def _keep_claims(self) -> None:
        ret = self._ret
        claim = ret.agenda.claims == "claim"
        units = {unit.unit_id: unit.reason.sellers_fault for unit in ret.expected} if claim else None
        name = self._names.next("claim_units" if claim else "release_claims")
        given = ClaimsInput(
            return_id=ret.return_id,
            order_id=ret.request.order.order_id,
            step=name,
            unit_ids=units,
            shipping=ret.opened.holds_shipping,
            now=workflow.now(),
        )
        summary = "Claim the units again" if claim else "Give the units free"
        shipping = await self._attempts.run(
            "claim" if claim else "release",
            lambda: database_step(RecordsActivities.set_claims, given, name=name, summary=summary),
        )
        if claim:
            ret.opened.holds_shipping = shipping is True
        if ret.agenda.claims == ("claim" if claim else "release"):
            ret.agenda.claims = None

    async def _claim_losses(self) -> None:
        queue = self._ret.agenda.losses
        while queue:
            await self._claim_loss(queue[0])
            queue.popleft()

    async def _claim_loss(self, lost: LostParcel) -> None:
        name = self._names.next("carrier_claim")
        given = LossInput(
            return_id=self._ret.return_id,
            step=name,
            tracking_code=lost.tracking_code,
            amount=lost.amount,
            currency=self._ret.request.order.currency,
            now=workflow.now(),
        )
        await self._attempts.run(
            "carrier_claim",
            lambda: partner_step(
                CarrierActivities.file_claim,
                given,
                name=name,
                summary=f"Claim {format_money(lost.amount, given.currency)} from the carrier",
                partner="carrier",
                timeout=self._ret.opened.step_timeout,
                urgent=self._ret.escalated,
            ),
        )

    async def _book(self) -> None:
        queue = self._ret.agenda.bookings
        while queue:
            await self._book_one(queue[0])
            queue.popleft()

    async def _book_one(self, booking: Booking) -> None:
        moves = stock.moves_of(self._ret, booking)
        if not moves:
            return
        name = self._names.next(booking.step)
        given = StockInput(return_id=self._ret.return_id, step=name, moves=moves, now=workflow.now())
        step = StockActivities.receive if booking.step == "receive" else StockActivities.restock
        stock.booked(self._ret, booking)
        booked = await self._attempts.run(
            booking.step,
            lambda: database_step(
                step, given, name=name, summary=f"Book the stock of {booking.source}", partner="inventory"
            ),
        )
        if booked is None or isinstance(booked, ByHand):
            stock.answered_for(self._ret, booking, name)

    async def _pay(self) -> None:
        queue = self._ret.agenda.payments
        while queue:
            await self._refund(queue[0], last=len(queue) == 1)
            queue.popleft()
            deadlines.progress(self._ret, workflow.now())

    async def _refund(self, payment: Payment, *, last: bool) -> None:
        ret, kind = self._ret, payments.step_of(payment)
        name = self._names.next(f"{kind}-{payment.tender_id}")

        unclear = False

        def failed(error: BaseException) -> bool:
            nonlocal unclear
            unclear = not caused_by(error, "Declined")
            if unclear:
                payment.state = "failed"
                return False
            return payments.refund_failed(ret, payment, workflow.now(), reason(error))

        answer = await self._attempts.run(
            kind,
            lambda: self._pay_out(payment, name, last=last),
            on_failure=failed,
            payment=payment,
        )
        if answer is None and unclear and kind == "refund" and payment.tender_id != STORE_CREDIT:
            answer = await self._look_for(payment, name)
        if isinstance(answer, RefundAnswer):
            ret.money.told = ret.money.told or answer.told
            payments.paid_in_part(ret, payment, answer.amount, workflow.now())
            deadlines.payment_answered(ret, payment, answer.status, answer.reference, workflow.now())
        elif isinstance(answer, ByHand):
            payments.answered(payment, PaymentStatus.SUCCEEDED, answer.reference)

    async def _look_for(self, payment: Payment, name: str) -> RefundAnswer | None:
        """A person went on without the refund: the books say whether the provider has made it all the same."""
        given = _refund_input(self._ret, payment, name, last=False)
        try:
            return await partner_step(
                PaymentActivities.find_refund,
                given,
                name=self._names.next("find_refund"),
                summary="Look whether the refund was made",
                partner="payment",
                timeout=self._ret.opened.step_timeout,
            )
        except ActivityError:
            return None

    def _pay_out(self, payment: Payment, name: str, *, last: bool) -> Awaitable[RefundAnswer]:
        ret = self._ret
        money = format_money(payment.amount, ret.request.order.currency)
        if payment.amount < 0:
            return self._charge(payment, name)
        if payment.tender_id == STORE_CREDIT:
            return database_step(
                CreditActivities.give_store_credit,
                _credit_input(ret, payment, name, last),
                name=name,
                summary=f"Give {money} of store credit",
            )
        return partner_step(
            PaymentActivities.refund,
            _refund_input(ret, payment, name, last),
            name=name,
            summary=f"Refund {money} to {payment.tender_id}",
            partner="payment",
            timeout=ret.opened.step_timeout,
            urgent=ret.escalated,
        )

    async def _charge(self, payment: Payment, name: str) -> RefundAnswer:
        reference = await self._errands.card.charge(payment.tender_id, -payment.amount, name)
        return RefundAnswer(reference=reference, status=PaymentStatus.SUCCEEDED, amount=payment.amount)

    async def _ask(self) -> None:
        ret = self._ret
        ret.agenda.ask_payment = False
        for payment in [payment for payment in ret.money.payments if payment.state == "pending"]:
            given = AskInput(return_id=ret.return_id, reference=payment.reference or "")
            name = self._names.next("check_refund")
            try:
                status = await partner_step(
                    PaymentActivities.check_refund,
                    given,
                    name=name,
                    summary="Ask after the pending refund",
                    partner="payment",
                    timeout=ret.opened.step_timeout,
                    urgent=ret.escalated,
                )
            except ActivityError:
                status = PaymentStatus.PENDING
            if payment.state == "pending":
                deadlines.payment_answered(ret, payment, status, payment.reference, workflow.now())

    async def _tell(self) -> None:
        queue = self._ret.agenda.notices
        while queue:
            await self._tell_one(queue[0])
            queue.popleft()

    async def _tell_one(self, notice: Notice) -> None:
        name = self._names.next(f"tell-{notice.template}")
        given = TellInput(
            return_id=self._ret.return_id,
            step=name,
            template=notice.template,
            to=notice.to,
            values=deadlines.mail_values(self._ret, notice),
            now=workflow.now(),
        )
        await self._attempts.run(
            "mail",
            lambda: database_step(
                RecordsActivities.tell, given, name=name, summary=f"Write the mail {notice.template}"
            ),
        )

    async def close(self) -> None:
        """Keep the final view, and the state that later news goes on from."""
        name = self._names.next("close")
        given = CloseInput(
            return_id=self._ret.return_id,
            step=name,
            view=view_of(self._ret),
            state=record(self._ret) | {"names": dict(self._names.used)},
            frees_shipping=self._ret.opened.holds_shipping and not self._ret.money.shipping_paid,
            now=workflow.now(),
        )
        await self._attempts.run(
            "close",
            lambda: database_step(RecordsActivities.close_return, given, name=name, summary="Store the final view"),
        )

    async def reopen(self) -> None:
        """The records of a return that had closed open again."""
        name = self._names.next("reopen")
        given = ReopenInput(return_id=self._ret.return_id, step=name, now=workflow.now())
        await self._attempts.run(
            "reopen",
            lambda: database_step(RecordsActivities.reopen_return, given, name=name, summary="Open the records again"),
        )


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
    )


def _total(ret: Return, payment: Payment, last: bool) -> int | None:
    """What the customer is told with this payment; null when another one, or a parcel, brings the mail."""
    if payment.of_hold:
        return payment.amount
    sends = any(thing.state == "due" for thing in ret.wanted)
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
        replaces=payment.reference,
    )
