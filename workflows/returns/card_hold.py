"""What a return does on the customer's card: hold, release, capture, charge."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows.returns.step_runner import StepRunner
from workflows.shared.command_queue import Handlers
from workflows.shared.steps import DoneManually, StepIds, caused_by

with workflow.unsafe.imports_passed_through():
    from activities.returns.card import CaptureInput, CardActivities, CardInput, PlacedHold, ReleaseHoldInput
    from activities.returns.payment import RefundAnswer
    from lifecycle.contract.messages import PaymentStatus
    from lifecycle.contract.money import format_money
    from lifecycle.returns.aggregate.card_hold import CardHold
    from lifecycle.returns.commands import CaptureHold, PlaceHold, ReleaseHold
    from lifecycle.returns.goods import advance_replacement
    from lifecycle.returns.late_goods import wait_for_late_goods
    from lifecycle.returns.state import Return
    from lifecycle.shared.markdown import literal


class CardHolds:
    """The card hold of one return, and its charges."""

    def __init__(self, ret: Return, ids: StepIds, runner: StepRunner) -> None:
        self._ret = ret
        self._ids = ids
        self._runner = runner
        self.handlers: Handlers = {
            PlaceHold: self._place_hold,
            ReleaseHold: self._release_hold,
            CaptureHold: self._capture_hold,
        }

    async def _place_hold(self, _: PlaceHold) -> None:
        """Hold the units' worth, so that the replacement can go out at once; refused, it waits for the inspection."""
        ret, placing = self._ret, self._ret.hold
        if placing is None or placing.state != "placing":
            return
        placing.begin_placing(self._ids.next("place_hold"))
        given = self._card_input(placing.step, placing.tender_id, placing.amount)
        answer = await self._runner.run_step(
            "hold",
            CardActivities.place_hold,
            given,
            summary=f"Hold {format_money(placing.amount, given.currency)} on {literal(placing.tender_id)}",
            profile="payment",
            asked=lambda: ret.live and not ret.handed_over,
            on_failure=lambda error: caused_by(error, "Declined") is not None,
        )
        if isinstance(answer, PlacedHold):
            advance_replacement.hold_placed(ret, placing, answer.reference, answer.expires_at, workflow.now())
        elif isinstance(answer, DoneManually):
            await self._release(placing.step, None, keep=answer.reference)
            advance_replacement.hold_placed(ret, placing, answer.reference, None, workflow.now())
        else:
            advance_replacement.hold_refused(ret, placing)

    async def _release_hold(self, _: ReleaseHold) -> None:
        """Release the hold, whether or not its placing was ever answered."""
        ret, placed = self._ret, self._ret.hold
        if placed is None or not placed.step:
            return
        if placed.state not in ("placing", "held", "none"):
            return
        state = await self._release(placed.step, placed.reference)
        if state is None:
            advance_replacement.leave_hold(ret)
        else:
            advance_replacement.released(ret, state if isinstance(state, str) else "released", workflow.now())

    async def _release(
        self, hold_step: str, reference: str | None, keep: str | None = None
    ) -> str | DoneManually | None:
        ret, name = self._ret, self._ids.next("release_hold")
        given = ReleaseHoldInput(
            return_id=ret.return_id,
            step=name,
            hold_step=hold_step,
            reference=reference,
            keep=keep,
            card=self._card_input(name, ret.hold.tender_id, 0).card if ret.hold else None,
            now=workflow.now(),
        )
        return await self._runner.run_step(
            "release_hold",
            CardActivities.release_hold,
            given,
            summary="Release the card hold",
            profile="payment",
        )

    async def _capture_hold(self, _: CaptureHold) -> None:
        """Take what is held, unless the goods came after all."""
        ret, held = self._ret, self._ret.hold
        if held is None or held.state != "held" or ret.handed_over:
            return
        name = self._ids.next("capture_hold")
        given = CaptureInput(
            return_id=ret.return_id,
            step=name,
            reference=held.reference or "",
            amount=held.amount,
            now=workflow.now(),
        )
        reference = await self._runner.run_step(
            "capture",
            CardActivities.capture_hold,
            given,
            summary=f"Capture {format_money(held.amount, ret.request.order.currency)}",
            profile="payment",
            asked=lambda: not ret.handed_over,
            on_failure=lambda error: self._expired(held, error),
        )
        if isinstance(reference, str):
            advance_replacement.captured(ret, reference, workflow.now())
        elif isinstance(reference, DoneManually):
            advance_replacement.captured(ret, reference.reference, workflow.now())
        elif not ret.handed_over:
            advance_replacement.request_hold_release(ret)
            wait_for_late_goods(ret, workflow.now())

    def _expired(self, held: CardHold, error: BaseException) -> bool:
        """The provider says that there is nothing to capture any more: it stays with an operator."""
        declined = caused_by(error, "Declined")
        if declined is None or "hold_expired" not in declined.details:
            return False
        held.expire()
        self._ret.note(workflow.now(), "hold_expired")
        return False

    def _card_input(self, step: str, tender_id: str, amount: int) -> CardInput:
        order = self._ret.request.order
        tender = next((tender for tender in order.tenders if tender.tender_id == tender_id), None)
        return CardInput(
            return_id=self._ret.return_id,
            step=step,
            tender_id=tender_id,
            reference=tender.reference if tender else None,
            amount=amount,
            currency=order.currency,
            now=workflow.now(),
        )

    async def charge(self, tender_id: str, amount: int, name: str) -> str:
        """Charge the card; the reference of the charge. Without a card it is for an operator."""
        if advance_replacement.card(self._ret) is None:
            raise ApplicationError("the order was not paid by card", type="Declined", non_retryable=True)
        given = self._card_input(name, tender_id, amount)
        return await self._runner.steps.start_activity(
            CardActivities.charge,
            given,
            name=name,
            summary=f"Charge {format_money(amount, given.currency)} to {literal(tender_id)}",
            profile="payment",
            timeout=self._ret.opened.step_timeout,
            urgent=self._ret.escalated,
        )

    async def find_charge(self, tender_id: str, amount: int, name: str) -> RefundAnswer | None:
        """What came of the charge that the step of that name was to make; None for nothing."""
        if advance_replacement.card(self._ret) is None:
            return None
        found = await self._runner.steps.start_activity(
            CardActivities.find_charge,
            self._card_input(name, tender_id, amount),
            name=self._ids.next("find_charge"),
            summary="Check whether the charge was made",
            profile="payment",
            timeout=self._ret.opened.step_timeout,
        )
        if found is None:
            return None
        return RefundAnswer(reference=found.reference, status=PaymentStatus.SUCCEEDED, amount=-found.amount)
