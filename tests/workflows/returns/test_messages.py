"""Messages early, late, twice, out of order, misshaped, or not allowed."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from client.errors import NotAllowed, UnknownReturn
from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.messages import Cancel, Decline, InspectedUnit, ReceiptUnits, TrackingEvent, TrackingStatus
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.workflows.returns.play import Play

JSON = {"encoding": b"json/plain"}
ONE = ReceiptUnits(line_id="1")
TWO = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]
EXPENSIVE = [{"line_id": "1", "sku": "TV", "quantity": 1, "unit_price": 60000}]


async def test_a_receipt_before_any_scan_is_the_handover(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    summary = await story.receipt(ONE)
    assert summary.status == "received"
    view = await story.view()
    assert view.handover.at is not None
    assert view.deadlines.target is not None


async def test_delivered_before_accepted_gives_the_earlier_handover(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.days(3)
    now = await story.now()
    code = (await story.view()).handover.tracking_code or ""
    for status, at in ((TrackingStatus.DELIVERED, now), (TrackingStatus.ACCEPTED, now - timedelta(days=2))):
        event = TrackingEvent(event_id=uuid4().hex, tracking_code=code, status=status, at=at)
        await story.signal("tracking_event", event)
    await story.until_event("delivered")
    view = await story.view()
    assert view.status == "in_transit"
    assert view.goods.state == "delivered"
    assert view.handover.at == now - timedelta(days=2)


async def test_a_scan_never_counts_before_the_label_nor_after_now(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    label_sent = next(e.at for e in (await story.view()).timeline if e.event == "label_sent")
    early = TrackingEvent(
        event_id="e1", tracking_code="x", status=TrackingStatus.ACCEPTED, at=label_sent - timedelta(days=30)
    )
    await story.signal("tracking_event", early)
    await story.until_event("handed_over")
    assert (await story.view()).handover.at == label_sent


async def test_the_same_event_twice_counts_once(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    event = TrackingEvent(
        event_id="same",
        tracking_code="x",
        status=TrackingStatus.FAILED,
        at=await story.now(),
        detail="nobody home",
    )
    await story.signal("tracking_event", event)
    await story.signal("tracking_event", event)
    await story.until_event("delivery_failed")
    assert (await story.events()).count("delivery_failed") == 1


async def test_the_same_receipt_twice_counts_once(play: Callable[..., Play]) -> None:
    story = play(items=TWO)
    await story.start()
    await story.receipt(ONE, complete=False, receipt_id="r1")
    again = await story.receipt(ONE, complete=False, receipt_id="r1")
    assert again.status == "partially_received"
    assert await story.stock() == {("main", ""): 1}


async def test_an_inspection_may_come_in_two_parts(play: Callable[..., Play]) -> None:
    story = play(items=TWO)
    await story.start()
    await story.receipt(ReceiptUnits(line_id="1", quantity=2))
    first = await story.inspection(InspectedUnit(unit_id="1-1", grade=Grade.A))
    assert first.status == "received"
    second = await story.inspection(InspectedUnit(unit_id="1-2", grade=Grade.B))
    assert second.status == "settling"
    await story.closed()
    assert (await story.view()).settlement.amount == 8000
    assert await story.stock() == {("main", "A"): 1, ("main", "B"): 1}


async def test_an_inspection_of_a_unit_that_is_not_there_is_refused_whole(play: Callable[..., Play]) -> None:
    story = play(items=TWO)
    await story.start()
    await story.receipt(ONE, complete=False)
    before = await story.history_length()
    units = [InspectedUnit(unit_id=unit, grade=Grade.A) for unit in ("1-1", "1-2")]
    with pytest.raises(NotAllowed, match=r"units.1.unit_id: 1-2 is awaiting, not received"):
        await story.inspection(*units)
    assert (await story.view()).units[0].grade is None
    assert await story.history_length() == before


async def test_what_is_not_allowed_leaves_nothing_in_history(play: Callable[..., Play], stage: Stage) -> None:
    story = play()
    await story.start()
    await story.receipt(ONE)
    before = await story.history_length()
    with pytest.raises(NotAllowed, match="handed over"):
        await stage.homeward.cancel(story.return_id, Cancel(by="customer"))
    with pytest.raises(NotAllowed, match="not in review"):
        await stage.homeward.decline(story.return_id, Decline(by="reviewer", reason="no"))
    assert await story.history_length() == before


async def test_a_misshaped_update_names_the_field(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await story.handle.execute_update("record_receipt", {"receipt_id": 7, "units": [{"quantity": 0}]})
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "InvalidRequest"
    named = [part.partition(":")[0] for part in failure.value.cause.message.split("; ")]
    assert named == ["receipt_id", "units.0.quantity"]


async def test_an_answer_names_the_fields_that_nobody_knows(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    misspelt = {"receipt_id": "r1", "compleet": True, "units": [{"line_id": "1", "qty": 1}]}
    answer = await story.handle.execute_update("record_receipt", misspelt)
    assert (answer["status"], answer["ignored"]) == ("received", ["units.0.qty", "compleet"])
    assert "ignored" not in await story.handle.execute_update("record_receipt", {"receipt_id": "r2"})


@pytest.mark.parametrize("payload", [{"event_id": "x"}, "nonsense", None, [1], {"event_id": "e", "at": "yesterday"}])
async def test_a_misshaped_signal_is_noted_and_dropped(play: Callable[..., Play], payload: object) -> None:
    story = play()
    await story.start()
    await story.handle.signal("tracking_event", payload)
    await story.until_event("dropped")
    assert (await story.receipt(ONE)).status == "received"


async def test_a_closed_return_and_an_unknown_one_are_distinguished(play: Callable[..., Play], stage: Stage) -> None:
    story = play(lines=[{"line_id": "1", "sku": "GIFT", "quantity": 1, "unit_price": 900, "final_sale": True}])
    await story.start(until=None)
    await story.closed()
    with pytest.raises(NotAllowed, match="closed"):
        await stage.homeward.cancel(story.return_id, Cancel(by="customer"))
    with pytest.raises(UnknownReturn):
        await stage.homeward.cancel("R-nobody", Cancel(by="customer"))


async def test_a_cancel_request_from_the_ui_is_a_cancel(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.handle.cancel()
    view = await story.until(Status.CANCELLED)
    assert view.settlement.amount == 0
    await story.days(31)
    await story.closed()
    assert {"void_label", "release_claims"} <= set(await story.effects())
    assert await story.mails() == ["label_sent", "cancelled"]


async def test_a_cancel_request_after_the_handover_is_noted_and_changes_nothing(
    play: Callable[..., Play],
) -> None:
    story = play()
    await story.start()
    await story.receipt(ONE)
    await story.handle.cancel()
    await story.until_event("cancel_refused")
    await story.inspect()
    await story.closed()
    assert (await story.view()).status == "refunded"


async def test_a_review_can_be_approved_or_declined(play: Callable[..., Play], stage: Stage) -> None:
    yes, no = play(lines=EXPENSIVE), play(lines=EXPENSIVE)
    await yes.start(until=Status.IN_REVIEW)
    with pytest.raises(NotAllowed, match="in review"):
        await yes.receipt(ONE)
    await yes.approve()
    await yes.until(Status.LABEL_SENT)
    await no.start(until=Status.IN_REVIEW)
    summary = await stage.homeward.decline(no.return_id, Decline(by="reviewer", reason="worn"))
    assert summary.status == "declined"
    await no.closed()
    assert await no.mails() == ["in_review", "declined"]
    # Its unit is released.
    again = play(lines=EXPENSIVE, order_id=no.request.order.order_id)
    await again.start(until=Status.IN_REVIEW)


@pytest.mark.parametrize("arguments", [[], [{"event_id": "e"}, 2]])
@pytest.mark.parametrize("name", ["tracking_event", "payment_event"])
async def test_a_signal_without_or_with_several_payloads_is_noted(
    play: Callable[..., Play], name: str, arguments: list[object]
) -> None:
    story = play()
    await story.start()
    await story.handle.signal(name, args=arguments)
    await story.until_event("dropped")
    assert (await story.receipt(ONE)).status == "received"


async def test_an_update_whose_payload_is_no_single_object_is_refused(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    unreadable = RawValue(Payload(metadata=JSON, data=b"{not json"))
    several: list[list[object]] = [[], [{"receipt_id": "r"}, 2], [None], ["r"], [[1]], [unreadable]]
    for name in ("record_receipt", "resolve_attention"):
        for arguments in several:
            with pytest.raises(WorkflowUpdateFailedError, match="Workflow update failed") as failure:
                await story.handle.execute_update(name, args=arguments)
            assert isinstance(failure.value.cause, ApplicationError)
            assert failure.value.cause.type == "InvalidRequest"
            assert failure.value.cause.message.startswith("body: expected ")
    assert (await story.receipt(ONE)).status == "received"


async def test_a_cancel_request_before_the_decision_waits_for_it(play: Callable[..., Play], stage: Stage) -> None:
    story = play()
    body = story.request.model_dump(mode="json")
    client = stage.clock.client
    handle = await client.start_workflow("ReturnWorkflow", body, id=f"return-{story.return_id}", task_queue="returns")
    await handle.cancel()
    await story.until(Status.CANCELLED)
    await story.until_event("cancelled")
    await story.until_no_label_is_left()


async def test_json_that_python_alone_can_read_is_noted(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.handle.signal("tracking_event", RawValue(Payload(metadata=JSON, data=b'{"event_id": "\\ud800"}')))
    await story.until_event("dropped")
    assert (await story.receipt(ONE)).status == "received"


async def test_goods_and_money_never_go_to_the_customer_both(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.receipt(ONE)
    home = InspectedUnit(unit_id="1-1", grade=Grade.A, disposition=Disposition.RETURN_TO_CUSTOMER)
    with pytest.raises(NotAllowed, match=r"units.0.disposition: expected one of restock"):
        await story.inspection(home)
    with pytest.raises(NotAllowed, match="value: 1-1 is pending, only a rejected unit goes back"):
        await story.override("disposition", "return_to_customer", "1-1")
    unit = (await story.view()).units[0]
    assert (unit.acceptance, unit.grade, unit.disposition) == ("pending", None, None)
    await story.inspection(InspectedUnit(unit_id="1-1", grade=Grade.A))
    await story.closed()
    assert await story.mails() == ["label_sent", "refunded"]
    assert not [step for step in await story.effects() if step.startswith("send_back")]
