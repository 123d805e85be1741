"""What a return does on the customer's card: hold, release, capture, charge."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows.returns.step_runner import StepRunner
from workflows.shared.steps import DoneManually, caused_by

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


async def place_hold(runner: StepRunner, _: PlaceHold) -> None:
    """Hold the units' worth, so that the replacement can go out at once; refused, it waits for the inspection."""
    ret, placing = runner.ret, runner.ret.hold
    if placing is None or placing.state != "placing":
        return
    placing.begin_placing(runner.ids.next("place_hold"))
    given = _card_input(ret, placing.step, placing.tender_id, placing.amount)
    answer = await runner.run_step(
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
        await _release(runner, placing.step, None, keep=answer.reference)
        advance_replacement.hold_placed(ret, placing, answer.reference, None, workflow.now())
    else:
        advance_replacement.hold_refused(ret, placing)


async def release_hold(runner: StepRunner, _: ReleaseHold) -> None:
    """Release the hold, whether or not its placing was ever answered."""
    ret, placed = runner.ret, runner.ret.hold
    if placed is None or not placed.step or placed.state not in ("placing", "held", "none"):
        return
    state = await _release(runner, placed.step, placed.reference)
    if state is None:
        placed.leave()
    else:
        advance_replacement.released(ret, state if isinstance(state, str) else "released", workflow.now())


async def _release(
    runner: StepRunner, hold_step: str, reference: str | None, keep: str | None = None
) -> str | DoneManually | None:
    ret, new = runner.ret, runner.new_step("release_hold")
    card = _card_input(ret, new["step"], ret.hold.tender_id, 0).card if ret.hold else None
    given = ReleaseHoldInput(**new, hold_step=hold_step, reference=reference, keep=keep, card=card)
    return await runner.run_step(
        "release_hold", CardActivities.release_hold, given, summary="Release the card hold", profile="payment"
    )


async def capture_hold(runner: StepRunner, _: CaptureHold) -> None:
    """Take what is held, unless the goods came after all."""
    ret, held = runner.ret, runner.ret.hold
    if held is None or held.state != "held" or ret.handed_over:
        return
    given = CaptureInput(**runner.new_step("capture_hold"), reference=held.reference or "", amount=held.amount)
    reference = await runner.run_step(
        "capture",
        CardActivities.capture_hold,
        given,
        summary=f"Capture {format_money(held.amount, ret.request.order.currency)}",
        profile="payment",
        asked=lambda: not ret.handed_over,
        on_failure=lambda error: _expired(ret, held, error),
    )
    if isinstance(reference, str):
        advance_replacement.captured(ret, reference, workflow.now())
    elif isinstance(reference, DoneManually):
        advance_replacement.captured(ret, reference.reference, workflow.now())
    elif not ret.handed_over:
        advance_replacement.request_hold_release(ret)
        wait_for_late_goods(ret, workflow.now())


def _expired(ret: Return, held: CardHold, error: BaseException) -> bool:
    """The provider says that there is nothing to capture any more: it stays with an operator."""
    declined = caused_by(error, "Declined")
    if declined is not None and "hold_expired" in declined.details:
        held.expire()
        ret.note(workflow.now(), "hold_expired")
    return False


def _card_input(ret: Return, step: str, tender_id: str, amount: int) -> CardInput:
    order = ret.request.order
    return CardInput(
        return_id=ret.return_id,
        step=step,
        tender_id=tender_id,
        reference=next((tender.reference for tender in order.tenders if tender.tender_id == tender_id), None),
        amount=amount,
        currency=order.currency,
        now=workflow.now(),
    )


async def charge(runner: StepRunner, tender_id: str, amount: int, name: str) -> str:
    """Charge the card; the reference of the charge. Without a card it is for an operator."""
    if advance_replacement.card(runner.ret) is None:
        raise ApplicationError("the order was not paid by card", type="Declined", non_retryable=True)
    given = _card_input(runner.ret, name, tender_id, amount)
    summary = f"Charge {format_money(amount, given.currency)} to {literal(tender_id)}"
    return await runner.start(CardActivities.charge, given, summary=summary, profile="payment")


async def find_charge(runner: StepRunner, tender_id: str, amount: int, name: str) -> RefundAnswer | None:
    """What came of the charge that the step of that name was to make; None for nothing."""
    if advance_replacement.card(runner.ret) is None:
        return None
    found = await runner.steps.start_activity(
        CardActivities.find_charge,
        _card_input(runner.ret, name, tender_id, amount),
        name=runner.ids.next("find_charge"),
        summary="Check whether the charge was made",
        profile="payment",
        timeout=runner.ret.opened.step_timeout,
    )
    if found is None:
        return None
    return RefundAnswer(reference=found.reference, status=PaymentStatus.SUCCEEDED, amount=-found.amount)
