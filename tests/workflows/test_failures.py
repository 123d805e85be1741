"""Partners that fail as real ones do: before and after the effect, busy, down, refusing, pending."""

from collections.abc import Callable
from typing import Any

import pytest

from client.errors import NotAllowed
from gateways.database.failing_steps import failures_of
from gateways.database.messages.outbox import mails_of
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import (
    InspectedUnit,
    PaymentEvent,
    PaymentStatus,
    ReceiptUnits,
    ResolveAttention,
    TrackingStatus,
)
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Summary
from starter.demo.story import Stage
from tests.workflows.returns.play import Play, called_for

ONE = ReceiptUnits(line_id="1")
PASSING = ["before:2", "after:1", "busy:1", "down:2"]


async def until_settling(story: Play) -> None:
    await story.start()
    await story.receive()
    await story.inspect()


async def answer(stage: Stage, story: Play, action: str, **more: Any) -> Summary:
    message = ResolveAttention.model_validate({"by": "operator", "action": action} | more)
    return await stage.homeward.resolve_attention(story.return_id, message)


@pytest.mark.parametrize("fault", PASSING)
async def test_a_refund_that_fails_for_a_while_is_paid_once(play: Callable[..., Play], fault: str) -> None:
    story = play(tender=f"pi-passing fault:{fault}")
    await until_settling(story)
    await story.closed()
    [paid] = (await story.view()).settlement.paid
    assert (paid.amount, paid.state) == (4000, "succeeded")
    assert (await story.effects()).count("refund-t1") == 1
    assert await story.mails() == ["label_sent", "refunded"]


@pytest.mark.parametrize("fault", ["before:1", "after:2", "busy:1", "down:1"])
async def test_a_label_that_fails_for_a_while_is_bought_once(play: Callable[..., Play], fault: str) -> None:
    story = play(line2=f"fault:{fault}")
    await story.start()
    assert (await story.effects()).count("buy_return_label") == 1
    assert await story.mails() == ["label_sent"]


@pytest.mark.parametrize("fault", ["before:2", "after:1", "busy:1", "down:3"])
async def test_stock_that_fails_for_a_while_is_booked_once(play: Callable[..., Play], fault: str) -> None:
    line = {"line_id": "1", "sku": "A", "title": f"Shoe fault:{fault}", "quantity": 1, "unit_price": 2500}
    story = play(lines=[line])
    await until_settling(story)
    await story.closed()
    assert await story.stock() == {("main", "A"): 1}


async def test_mail_that_fails_for_a_while_goes_out_and_holds_nothing_up(play: Callable[..., Play]) -> None:
    story = play(name="Sample Customer fault:busy:1")
    await until_settling(story)
    await story.closed()
    assert await story.mails() == ["label_sent", "refunded"]
    await story.until_mails_are("sent")


async def test_of_a_mail_that_is_refused_the_shop_is_reported(play: Callable[..., Play], stage: Stage) -> None:
    story = play(name="Sample Customer fault:refused")
    await story.start()
    await story.until_mail("mail_failed", "sent")
    states = {mail["template"]: mail["state"] for mail in await mails_of(stage.db, story.return_id)}
    assert states == {"label_sent": "failed", "mail_failed": "sent"}


async def test_a_refused_refund_waits_for_an_operator_who_retries(play: Callable[..., Play], stage: Stage) -> None:
    story = play(tender="pi-retried fault:refused:1")
    await until_settling(story)
    view = await story.attention()
    assert view.attention
    assert (view.attention.step, view.status, view.settlement.state) == ("refund", "settling", "failed")
    summary = await answer(stage, story, "retry")
    assert summary.status == "settling"
    await story.closed()
    assert [paid.state for paid in (await story.view()).settlement.paid] == ["succeeded"]
    assert (await story.events()).count("refunded") == 1
    assert await story.mails() == ["label_sent", "refunded"]


async def test_a_partner_that_is_down_for_good_ends_in_attention(play: Callable[..., Play], stage: Stage) -> None:
    story = play(tender="pi-down fault:down")
    await until_settling(story)
    await story.attention()
    await answer(stage, story, "mark_done", reference="bank transfer 77")
    await story.closed()
    view = await story.view()
    assert [(paid.state, paid.reference) for paid in view.settlement.paid] == [("succeeded", "bank transfer 77")]
    assert (view.status, view.attention) == ("refunded", None)
    assert await story.mails() == ["label_sent", "refunded"]


async def test_a_skipped_refund_stays_failed_and_the_return_goes_on(play: Callable[..., Play], stage: Stage) -> None:
    story = play(tender="pi-skipped fault:refused")
    await until_settling(story)
    await story.attention()
    await answer(stage, story, "skip")
    await story.closed()
    assert [paid.state for paid in (await story.view()).settlement.paid] == ["failed"]
    [*_, told] = await mails_of(stage.db, story.return_id)
    assert told["text"].count("40.00") == 1
    assert "40.00 USD could not be paid, and is not paid out" in told["text"]


async def test_attention_is_answered_by_its_name_or_refused(play: Callable[..., Play], stage: Stage) -> None:
    story = play(tender="pi-named fault:refused")
    await story.start()
    with pytest.raises(NotAllowed, match="no step waits"):
        await answer(stage, story, "retry")
    await story.receive()
    await story.inspect()
    await story.attention()
    with pytest.raises(NotAllowed, match="no step label waits"):
        await answer(stage, story, "retry", step="label")
    await answer(stage, story, "skip", step="refund")
    await story.closed()


async def test_a_refused_label_lets_the_customer_send_on_their_own(play: Callable[..., Play], stage: Stage) -> None:
    story = play(line2="fault:refused")
    await story.start(until=None)
    view = await story.attention()
    assert view.attention
    assert view.attention.step == "label"
    assert view.status == "requested"
    await answer(stage, story, "mark_done", reference="OWN-123")
    await story.until(Status.LABEL_SENT)
    assert (await story.view()).handover.tracking_code == "OWN-123"


async def test_a_return_in_attention_can_be_cancelled(play: Callable[..., Play]) -> None:
    story = play(line2="fault:refused")
    await story.start(until=None)
    await story.attention()
    await story.cancel()
    view = await story.until(Status.CANCELLED)
    assert view.attention is None
    await story.closed()


async def test_cancelled_while_the_carrier_is_down_leaves_no_label(play: Callable[..., Play]) -> None:
    story = play(line2="fault:after:2")
    await story.start(until=None)
    await story.cancel()
    await story.until(Status.CANCELLED)
    await story.until_effect("void_label")
    assert await story.labels() == ["voided"]


async def test_stock_in_attention_does_not_hold_the_refund_up(play: Callable[..., Play], stage: Stage) -> None:
    line = {"line_id": "1", "sku": "A", "title": "Shoe fault:refused", "quantity": 1, "unit_price": 2500}
    story = play(lines=[line])
    await until_settling(story)
    view = await story.until(Status.REFUNDED)
    assert view.attention
    assert view.attention.step == "receive"
    assert not view.closed
    await answer(stage, story, "skip")
    await story.attention()
    await answer(stage, story, "mark_done")
    await story.closed()


@pytest.mark.parametrize("early", [False, True])
async def test_a_pending_refund_is_settled_by_the_providers_event(
    play: Callable[..., Play], stage: Stage, early: bool
) -> None:
    story = play(tender="pi-pending fault:pending")
    await until_settling(story)
    await story.until_paid("pending")
    view = await story.view()
    assert (view.status, view.settlement.state) == ("settling", "in_progress")
    reference = view.settlement.paid[0].reference or ""
    status = PaymentStatus.PENDING if early else PaymentStatus.SUCCEEDED
    event = PaymentEvent(event_id="e1", reference=reference, status=status, at=await story.now())
    await story.signal("payment_event", event)
    if early:
        event = event.model_copy(update={"event_id": "e2", "status": PaymentStatus.SUCCEEDED})
        await story.signal("payment_event", event)
    await story.closed()
    assert await story.mails() == ["label_sent", "refunded"]


async def test_a_pending_refund_is_asked_after(play: Callable[..., Play]) -> None:
    story = play(tender="pi-asked fault:pending:3")
    await until_settling(story)
    await story.until_paid("pending")
    await story.days(2)
    await story.closed()
    assert [paid.state for paid in (await story.view()).settlement.paid] == ["succeeded"]


async def test_a_refund_that_fails_later_waits_for_an_operator(play: Callable[..., Play], stage: Stage) -> None:
    story = play(tender="pi-failed fault:pending")
    await until_settling(story)
    await story.until_paid("pending")
    reference = (await story.view()).settlement.paid[0].reference or ""
    failed = PaymentEvent(
        event_id="e1", reference=reference, status=PaymentStatus.FAILED, at=await story.now(), detail="account closed"
    )
    await story.signal("payment_event", failed)
    view = await story.attention()
    assert view.attention
    assert (view.attention.step, view.attention.error) == ("refund", "account closed")
    assert [paid.state for paid in view.settlement.paid] == ["failed"]
    await answer(stage, story, "mark_done", reference="cheque 12")
    await story.closed()
    view = await story.view()
    assert [(paid.state, paid.reference) for paid in view.settlement.paid] == [("succeeded", "cheque 12")]


async def test_no_more_goes_back_than_was_captured(play: Callable[..., Play], stage: Stage) -> None:
    reference = "pi-shared"
    first, second = play(tender=reference), play(tender=reference)
    for story in (first, second):
        await until_settling(story)
    await first.closed()
    await second.closed()
    third = play(tender=reference)
    await until_settling(third)
    view = await third.attention()
    assert view.attention
    assert "held 4000 less than is owed" in view.attention.error
    await answer(stage, third, "skip")
    await third.closed()


async def test_a_label_returned_to_the_customer_is_replaced(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until(Status.IN_TRANSIT)
    await story.scan(TrackingStatus.RETURNED)
    await story.until_effect("buy_return_label-2")
    view = await story.until(Status.LABEL_SENT)
    assert view.handover.at is None
    await story.receive()
    await story.inspection(InspectedUnit(unit_id="1-1", grade=Grade.A))
    await story.closed()


async def test_a_refund_that_fails_after_the_return_has_closed_opens_it_again(
    play: Callable[..., Play], stage: Stage
) -> None:
    story = play()
    await until_settling(story)
    await story.closed()
    reference = (await story.view()).settlement.paid[0].reference or ""
    failed = PaymentEvent(event_id="late", reference=reference, status=PaymentStatus.FAILED, at=await story.now())
    await stage.homeward.payment_event(story.return_id, failed)
    view = await story.attention()
    assert (view.status, view.settlement.state, view.closed) == ("settling", "failed", False)
    await answer(stage, story, "retry")
    await story.closed()
    view = await story.view()
    assert (view.status, view.closed) == ("refunded", True)
    [paid] = view.settlement.paid
    assert (paid.amount, paid.state) == (4000, "succeeded")
    assert paid.reference != reference
    assert {"refund-t1", "refund-t1-2", "close", "close-2"} <= set(await story.effects())
    assert await story.stock() == {("main", "A"): 1}
    # The same news again changes nothing.
    await stage.homeward.payment_event(story.return_id, failed)
    await story.closed()
    assert (await story.view()).settlement.paid == [paid]


@pytest.mark.parametrize("second", [True, False])
async def test_a_tender_that_holds_less_than_the_order_says(
    play: Callable[..., Play], stage: Stage, second: bool
) -> None:
    spent = f"pi-spent-{second}"
    other = play(tenders=[{"tender_id": "t1", "kind": "card", "captured": 8000, "reference": spent}])
    await until_settling(other)
    await other.closed()  # 4000 of 8000 went back, elsewhere

    tenders = [{"tender_id": "t1", "kind": "gift_card", "captured": 8000, "reference": spent}]
    if second:
        tenders.append({"tender_id": "t2", "kind": "card", "captured": 8000, "reference": f"{spent}-2"})
    story = play(tenders=tenders, items=[{"line_id": "1", "quantity": 2, "reason": "unwanted"}])
    await until_settling(story)
    if not second:
        view = await story.attention()
        assert view.attention
        assert view.attention.error == "t1 held 4000 less than is owed"
        await answer(stage, story, "mark_done", reference="bank transfer")
    await story.closed()
    view = await story.view()
    assert [(paid.amount, paid.state) for paid in view.settlement.paid] == [(4000, "succeeded"), (4000, "succeeded")]
    assert [paid.tender_id for paid in view.settlement.paid] == ["t1", "t2" if second else "t1"]
    assert await story.mails() == ["label_sent", "refunded"]


async def test_a_retry_that_is_refused_again_waits_again(play: Callable[..., Play], stage: Stage) -> None:
    story = play(tender="pi-again fault:refused")
    await until_settling(story)
    await story.attention()
    await answer(stage, story, "retry")
    view = await story.attention()
    assert (view.status, view.settlement.state) == ("settling", "failed")
    assert await story.mails() == ["label_sent"]
    await answer(stage, story, "mark_done", reference="cash")
    await story.closed()


async def test_what_a_sandbox_quotes_stays_beside_the_ledger(play: Callable[..., Play], stage: Stage) -> None:
    story = play(line2="c/o Jane Roe fault:refused")
    await story.start(until=None)
    view = await story.attention("label")
    assert view.attention
    assert view.attention.error == "the partner refused"
    said = "cannot be done: c/o Jane Roe fault:refused"
    history = await story.handle.fetch_history()
    assert said.encode() not in b"".join(event.SerializeToString() for event in history.events)
    assert "Jane" not in view.model_dump_json()
    [failure] = await failures_of(stage.db, story.return_id)
    assert (failure["step"], failure["code"], failure["words"]) == ("buy_return_label", "refused", said)


@pytest.mark.parametrize(
    ("changes", "step"), [({"line2": "fault:refused"}, "label"), ({"tender": "pi fault:refused"}, "refund")]
)
async def test_a_step_in_attention_calls_operations_once(
    play: Callable[..., Play], stage: Stage, changes: dict[str, str], step: str
) -> None:
    story = play(**changes)
    await story.start(until=None)
    if step == "refund":
        await story.until(Status.LABEL_SENT)
        await story.receive()
        await story.inspect()
    await story.attention(step)
    await story.until_effect("call_operations")
    assert await called_for(stage.db, f"an operator: {step}")
    assert (await story.effects()).count("call_operations") == 1
    assert "attention" in await story.events()
