"""The work of a return, lane by lane: taken off its agenda, done, and reported to the aggregate."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

from workflows.returns.handover_means import HandoverMeans
from workflows.returns.outbound import Outbound
from workflows.returns.payments import Payments
from workflows.returns.step_runner import StepRunner
from workflows.shared.attention import call_operations
from workflows.shared.lanes import Lanes
from workflows.shared.pending_events import PendingEvents
from workflows.shared.steps import DoneManually, StepIds, Steps, caused_by, reason

with workflow.unsafe.imports_passed_through():
    from activities.returns.claims import ClaimActivities, ClaimsInput, MoneyInput, PiecesInput
    from activities.returns.closing import CloseInput, ClosingActivities, ReopenInput
    from activities.returns.loss_claims import LossClaimActivities, LossInput
    from activities.returns.mails import MailActivities, WriteMailInput
    from activities.returns.opening import CLOSED_BEFORE, ChangeInput, OpeningActivities, OpenInput
    from activities.returns.stock import StockActivities, StockInput
    from activities.shared.attention import CallOperationsInput, FailedStep
    from activities.shared.publishing import PublishingActivities, PublishInput
    from lifecycle.contract.errors import InvalidRequest
    from lifecycle.contract.money import format_money
    from lifecycle.contract.request import Resolution, ReturnRequest
    from lifecycle.contract.view import Outcome, View
    from lifecycle.returns import mails
    from lifecycle.returns.advance import advance, money_claimed
    from lifecycle.returns.agenda import Booking, LostParcel, Notice
    from lifecycle.returns.decisions import claiming
    from lifecycle.returns.decisions.approval import open_return
    from lifecycle.returns.goods import pieces, stock
    from lifecycle.returns.opening import Opening
    from lifecycle.returns.order_money import MoneyAnswer
    from lifecycle.returns.refund import original_shipping
    from lifecycle.returns.settlement import settling
    from lifecycle.returns.snapshot import snapshot
    from lifecycle.returns.state import Return, reasons
    from lifecycle.returns.views.return_view import view_of
    from lifecycle.shared.markdown import literal


class ReturnWork:
    """Each kind of work goes one after another; different kinds go side by side.

    ``on_change`` is called whenever a kind has nothing left to do, or a step has failed for good.
    """

    def __init__(self, ret: Return, ids: StepIds, pending_events: PendingEvents, on_change: Callable[[], None]) -> None:
        self._ret = ret
        self._ids = ids
        self._pending_events = pending_events
        self._runner = StepRunner(ret, Steps(pending_events), on_change)
        self._outbound = Outbound(ret, ids, self._runner, on_change)
        self._payments = Payments(ret, ids, self._runner, self._outbound.card)
        self._handover_means = HandoverMeans(ret, ids, self._runner)
        self._lanes = Lanes(on_change)
        #: The view of a return that had closed before it was started again.
        self.known: View | None = None
        #: Why the return cannot be started, found by the opening step.
        self.refused: InvalidRequest | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is being done."""
        return self._lanes.idle

    def start(self) -> None:
        """Begin what is wanted and not under way."""
        agenda = self._ret.agenda
        wanted: dict[str, tuple[bool, Callable[[], Awaitable[None]]]] = {
            "open": (self._ret.opening is None, self._open),
            "claims": (agenda.claims is not None or agenda.claim_money, self._claim),
            "label": (agenda.label or bool(agenda.void), self._handover_means.keep),
            "loss": (bool(agenda.losses), self._file_loss_claims),
            "goods": (bool(agenda.bookings), self._book),
            "money": (bool(agenda.payments), self._payments.pay),
            "ask": (agenda.ask_payment, self._payments.check_pending),
            "mail": (bool(agenda.notices), self._write_mails),
            "call": (any(not parked.called for parked in self._ret.open_steps), self._call_operations),
        }
        # Commands first: stock is reserved inside the workflow task, before a label is under way outside.
        found = self._outbound.lanes() | {kind: work for kind, (is_wanted, work) in wanted.items() if is_wanted}
        self._lanes.start(found)

    def collect(self) -> None:
        """Forget what has been done; raises what it failed with, for the workflow task to fail with."""
        self._lanes.collect()

    async def _open(self) -> None:
        given = OpenInput(return_id=self._ret.return_id, request=self._ret.request, now=workflow.now())
        opening = await self._runner.run(
            "open",
            lambda: self._runner.steps.run_locally(
                OpeningActivities.open_return, given, name="open", summary="Decide and claim the units"
            ),
            on_failure=self._known_before,
        )
        if self.known or self.refused:
            return
        if isinstance(opening, DoneManually) or opening is None:
            raise ApplicationError("A return cannot go on without its opening step", type="NotOpened")
        open_return(self._ret, opening, workflow.now())

    async def decide_again(self, request: ReturnRequest) -> Opening:
        """The policy's word on a changed request; the return keeps the terms and calendar it began with.

        Declined, it raises ``ApplicationError`` of type ``Refused`` with the reasons.
        """
        ret, name = self._ret, self._ids.next("change")
        given = ChangeInput(return_id=ret.return_id, step=name, request=request, now=workflow.now())
        try:
            # Not as a local step: what follows may cancel a label that is being bought, and a replay
            # may see that label's result and a local step's answer in another order than they came in.
            opening = await self._runner.steps.start_activity(
                OpeningActivities.change_return,
                given,
                name=name,
                summary="Decide on the changed request",
                profile="records",
            )
        except FailureError as error:
            raise ApplicationError(reason(error), type="Refused") from error
        if opening.decision.outcome is Outcome.DECLINED:
            raise ApplicationError(reasons(opening.decision) or "declined", type="Refused")
        kept = {name: getattr(ret.opened, name) for name in ("terms", "calendar", "step_timeout", "publishes")}
        return opening.model_copy(update=kept)

    def _known_before(self, error: BaseException) -> bool:
        """Whether it cannot be opened: it has closed, belongs to another request, or holds texts that it may not."""
        closed = caused_by(error, CLOSED_BEFORE)
        if closed:
            self.known = View.model_validate(closed.details[0])
        elif caused_by(error, "KeyReused"):
            self.refused = InvalidRequest([("return_id", "expected one that no other request has used")])
        elif wrong := caused_by(error, "InvalidRequest"):
            self.refused = InvalidRequest.read(wrong.message)
        return bool(self.known or self.refused)

    async def _claim(self) -> None:
        """Units first: what is not claimed pays nothing."""
        agenda = self._ret.agenda
        while agenda.claims is not None or agenda.claim_money:
            await (self._claim_money() if agenda.claims is None else self._claim_units())

    async def _claim_money(self) -> None:
        ret, name = self._ret, self._ids.next("claim_money")
        wanted = claiming.wanted(ret)
        given = MoneyInput(
            return_id=ret.return_id,
            step=name,
            wanted=wanted,
            last_units=claiming.last_units(ret),
            shipping=original_shipping(ret.request.order),
            as_credit=ret.request.resolution is Resolution.STORE_CREDIT,
            now=workflow.now(),
        )
        answer = await self._runner.run_step(
            "claim_money",
            ClaimActivities.claim_money,
            given,
            summary="Claim the order's money",
        )
        found = answer if isinstance(answer, MoneyAnswer) else None
        money_claimed(ret, wanted, found, workflow.now())

    async def _claim_units(self) -> None:
        ret = self._ret
        claim = ret.agenda.claims == "claim"
        units = {unit.unit_id: unit.reason.sellers_fault for unit in ret.expected} if claim else None
        name = self._ids.next("claim_units" if claim else "release_claims")
        given = ClaimsInput(
            return_id=ret.return_id,
            order_id=ret.request.order.order_id,
            step=name,
            unit_ids=units,
            shipping=ret.opened.holds_shipping,
            now=workflow.now(),
        )
        summary = "Claim the units again" if claim else "Release the claimed units"
        shipping = await self._runner.run_step(
            "claim" if claim else "release",
            ClaimActivities.update_unit_claims,
            given,
            summary=summary,
        )
        if claim:
            ret.opened.holds_shipping = shipping is True
        else:
            claiming.released(ret)
        if ret.agenda.claims == ("claim" if claim else "release"):
            ret.agenda.claims = None

    async def _file_loss_claims(self) -> None:
        queue = self._ret.agenda.losses
        while queue:
            await self._file_loss_claim(queue[0])
            queue.popleft()

    async def _file_loss_claim(self, lost: LostParcel) -> None:
        name = self._ids.next("carrier_claim")
        given = LossInput(
            return_id=self._ret.return_id,
            step=name,
            tracking_code=lost.tracking_code,
            amount=lost.amount,
            currency=self._ret.request.order.currency,
            now=workflow.now(),
        )
        await self._runner.run_step(
            "carrier_claim",
            LossClaimActivities.file_claim,
            given,
            summary=f"Claim {format_money(lost.amount, given.currency)} from the carrier",
            profile="carrier",
        )

    async def _book(self) -> None:
        queue = self._ret.agenda.bookings
        while queue:
            await self._book_one(queue[0])
            queue.popleft()

    async def _check_pieces(self, booking: Booking) -> None:
        """A piece that came before, in another return of the order, is not taken in again.

        Not as a local step: what the warehouse says meanwhile decides whether that is paid.
        """
        ret = self._ret
        asked = pieces.unchecked(ret, booking.unit_ids)
        if not asked:
            return
        given = PiecesInput(
            return_id=ret.return_id,
            order_id=ret.request.order.order_id,
            step=self._ids.next("claim_pieces"),
            pieces=asked,
            now=workflow.now(),
        )
        seen = await self._runner.run_step(
            "claim_pieces",
            ClaimActivities.claim_pieces,
            given,
            summary="Check whether these pieces were returned before",
        )
        pieces.checked(ret, asked, seen if isinstance(seen, dict) else {}, workflow.now())
        advance(ret, workflow.now())

    async def _book_one(self, booking: Booking) -> None:
        await self._check_pieces(booking)
        moves = stock.moves_of(self._ret, booking)
        if not moves:
            return
        name = self._ids.next(booking.step)
        back = claiming.judged(self._ret, booking)
        given = StockInput(
            return_id=self._ret.return_id, step=name, moves=moves, said=booking.said, now=workflow.now(), back=back
        )
        step = StockActivities.receive if booking.step == "receive" else StockActivities.restock
        stock.booked(self._ret, booking)
        booked = await self._runner.run_step_locally(
            booking.step,
            step,
            given,
            summary=f"Book the stock of {literal(booking.source)}",
            profile="inventory",
        )
        if booked is None or isinstance(booked, DoneManually):
            stock.answered_for(self._ret, booking, name)

    async def _write_mails(self) -> None:
        queue = self._ret.agenda.notices
        while queue:
            await self._write_mail(queue[0])
            queue.popleft()

    async def _write_mail(self, notice: Notice) -> None:
        name = self._ids.next(f"tell-{notice.template}")
        given = WriteMailInput(
            return_id=self._ret.return_id,
            step=name,
            template=notice.template,
            to=notice.to,
            values=mails.mail_values(self._ret, notice),
            now=workflow.now(),
        )
        await self._runner.run_step(
            "mail",
            MailActivities.write_mail,
            given,
            summary=f"Write the mail {notice.template}",
        )

    async def _call_operations(self) -> None:
        """Mail operations about what waits for an operator; whatever comes up meanwhile goes into the next mail."""
        waiting = [parked for parked in self._ret.open_steps if not parked.called]
        for parked in waiting:
            parked.called = True
        name = self._ids.next("call_operations")
        given = CallOperationsInput(
            journey="return",
            record=self._ret.return_id,
            step=name,
            what=self._ret.return_id,
            waiting=[FailedStep(step=parked.step, error=parked.error) for parked in waiting],
            now=workflow.now(),
        )
        await call_operations(self._runner.steps, given, name)

    def publish(self) -> None:
        """Begin to publish what no other step takes along."""
        self._lanes.start({"events": self._publish})

    async def _publish(self) -> None:
        name = self._ids.next("publish")
        given = PublishInput(return_id=self._ret.return_id, step=name)
        with self._pending_events.publishing(), suppress(FailureError):
            await self._runner.steps.start_activity(
                PublishingActivities.publish,
                given,
                name=name,
                summary="Publish events to subscribers",
                profile="records",
            )

    def close(self) -> None:
        """Begin to keep the final view, and the state that a later event resumes from."""
        self._lanes.start({"close": self._close})

    async def _close(self) -> None:
        name = self._ids.next("close")
        given = CloseInput(
            return_id=self._ret.return_id,
            step=name,
            view=view_of(self._ret),
            state=snapshot(self._ret) | {"names": dict(self._ids.used)},
            freed=settling.freed(self._ret),
            frees_shipping=self._ret.opened.holds_shipping and not self._ret.money.shipping_paid,
            back=claiming.back(self._ret),
            given=claiming.given(self._ret),
            now=workflow.now(),
        )
        await self._runner.run_step_locally(
            "close",
            ClosingActivities.close_return,
            given,
            summary="Store the final view",
        )

    async def reopen(self) -> None:
        """The records of a return that had closed open again."""
        name = self._ids.next("reopen")
        given = ReopenInput(return_id=self._ret.return_id, step=name, now=workflow.now())
        await self._runner.run_step(
            "reopen",
            ClosingActivities.reopen_return,
            given,
            summary="Open the records again",
        )
