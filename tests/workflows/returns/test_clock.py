"""Time: reminder, expiry, target, limit, and parcels that come late; lived by time skipping."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from client.errors import NotAllowed
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import InspectedUnit, Override, ReceiptUnits, ResolveAttention, TrackingStatus
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.workflows.returns.play import Play

ONE = ReceiptUnits(line_id="1")
TWO = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]
SERIAL = [{"line_id": "1", "sku": "PHONE", "quantity": 1, "unit_price": 9000, "serial_numbers": ["S-1"]}]


async def to_just_before(story: Play, deadline: str) -> None:
    await to_just_before_instant(story, getattr((await story.view()).deadlines, deadline))


async def to_just_before_instant(story: Play, at: datetime) -> None:
    await story.days((at - await story.now()) / timedelta(days=1) - 0.001)


async def test_reminder_on_the_seventh_day_and_expiry_after_the_fourteenth(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.days(6.99)
    assert "reminded" not in await story.events()
    await story.days(0.02)
    await story.until_event("reminded")
    await to_just_before(story, "ship_by")
    assert (await story.view()).status == "label_sent"
    await story.days(0.01)
    view = await story.until(Status.EXPIRED)
    assert view.settlement.amount == 0
    await story.until_effect("void_label")
    await story.days(31)
    await story.closed()
    assert await story.mails() == ["label_sent", "reminder", "expired"]
    assert await story.labels() == ["voided"]


async def test_escalated_at_the_target_and_settled_at_the_limit(play: Callable[..., Play]) -> None:
    story = play(items=TWO)
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until_event("handed_over")
    await story.receipt(ONE, complete=False)
    await to_just_before(story, "target")
    assert not (await story.view()).escalated
    assert await story.mails() == ["label_sent", "due_soon"]
    await story.days(0.01)
    await story.until_event("escalated")
    await to_just_before_instant(story, await story.limit_enforced_at())
    assert (await story.view()).status == "partially_received"
    await story.days(0.01)
    view = await story.until(Status.REFUNDED)
    assert [unit.reception for unit in view.units] == ["received", "missing"]
    assert view.settlement.amount == 4000
    assert "escalation" in await story.mails()
    # The rest comes late, and is paid by an entry of its own.
    await story.receipt(ONE)
    await story.inspection(InspectedUnit(unit_id="1-1", grade=Grade.B), InspectedUnit(unit_id="1-2", grade=Grade.C))
    await story.closed()
    view = await story.view()
    assert [paid.amount for paid in view.settlement.paid] == [4000, 2800]
    assert view.settlement.amount == 6800
    assert "shortfall" in [entry.event for entry in view.timeline]


async def test_nothing_received_by_the_limit_pays_what_was_handed_over(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until_event("handed_over")
    await story.days(14)
    view = await story.until(Status.REFUNDED)
    assert view.settlement.amount == 4000
    assert not view.closed
    await story.days(31)
    await story.closed()
    assert (await story.view()).goods.state == "lost"


async def test_a_wrong_item_at_the_limit_waits_for_an_operator(play: Callable[..., Play], stage: Stage) -> None:
    story = play(lines=SERIAL)
    await story.start()
    await story.receipt(ReceiptUnits(line_id="1", serial_number="S-9"))
    [unit] = (await story.view()).units
    assert (unit.reception, unit.acceptance) == ("wrong_item", "manual_review")
    await story.days(14)
    view = await story.attention()
    assert view.attention
    assert view.attention.step == "limit"
    assert view.settlement.paid == []
    message = ResolveAttention(by="finance", action="mark_done", reference="paid in the store")
    await stage.homeward.resolve_attention(story.return_id, message)
    view = await story.until(Status.REFUNDED)
    assert [(paid.amount, paid.reference) for paid in view.settlement.paid] == [(9000, "paid in the store")]


async def test_lost_is_settled_at_once(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.scan(TrackingStatus.LOST)
    view = await story.until(Status.REFUNDED)
    assert (view.goods.state, view.settlement.amount) == ("lost", 4000)
    await story.until_effect("carrier_claim")
    # It turns up after all, worn: what is paid stays paid.
    await story.receipt(ONE)
    await story.inspect(Grade.D)
    await story.closed()
    view = await story.view()
    assert view.settlement.amount == 4000
    assert "shortfall" in [entry.event for entry in view.timeline]


@pytest.mark.parametrize("how", ["cancelled", "expired"])
async def test_a_late_parcel_reopens(play: Callable[..., Play], how: str) -> None:
    story = play()
    await story.start()
    if how == "cancelled":
        await story.cancel()
    else:
        await story.days(16)
    await story.until(Status(how))
    await story.days(20)
    assert (await story.receipt(ONE)).status == "received"
    await story.inspect()
    await story.closed()
    view = await story.view()
    assert (view.status, view.settlement.amount) == ("refunded", 4000)
    assert "reopened" in [entry.event for entry in view.timeline]


async def test_a_late_parcel_whose_units_are_taken_waits_for_an_operator(
    play: Callable[..., Play], stage: Stage
) -> None:
    story = play(items=TWO)
    await story.start()
    await story.cancel()
    await story.until_effect("release_claims")
    other = play(items=TWO, order_id=story.request.order.order_id)
    await other.start()
    await story.receipt(ReceiptUnits(line_id="1", quantity=2))
    view = await story.attention()
    assert view.attention
    assert view.attention.step == "claim"
    assert view.settlement.paid == []
    await story.inspect()
    await story.days(1)
    assert (await story.view()).settlement.paid == []


async def test_an_operator_may_move_a_deadline_and_set_the_amount(play: Callable[..., Play], stage: Stage) -> None:
    story = play()
    await story.start()
    ship_by = (await story.view()).deadlines.ship_by
    assert ship_by
    later = ship_by + timedelta(days=10)
    change = Override(by="operator", why="on holiday", field="ship_by", value=later.isoformat())
    with pytest.raises(NotAllowed, match="still to come"):
        await stage.homeward.override(story.return_id, change.model_copy(update={"value": "2020-01-01T00:00:00Z"}))
    await stage.homeward.override(story.return_id, change)
    await story.days(16)
    assert (await story.view()).status == "label_sent"
    change = Override(by="operator", why="goodwill", field="amount", value=4321)
    await stage.homeward.override(story.return_id, change)
    with pytest.raises(NotAllowed, match="minor units"):
        await stage.homeward.override(story.return_id, change.model_copy(update={"value": 99999}))
    await story.receive()
    await story.inspect()
    await story.closed()
    assert (await story.view()).settlement.amount == 4321


async def test_a_review_that_waits_for_a_business_day_is_remembered(play: Callable[..., Play]) -> None:
    story = play(lines=[{"line_id": "1", "sku": "TV", "quantity": 1, "unit_price": 60000}])
    await story.start(until=Status.IN_REVIEW)
    await story.days(5)
    await story.until_effect("tell-review_waits")
    assert await story.mails() == ["in_review", "review_waits"]


async def test_what_is_escalated_goes_first(play: Callable[..., Play]) -> None:
    story = play(tender="pi-urgent fault:refused:1")
    await story.start()
    await story.receipt(ONE)
    await to_just_before(story, "target")
    await story.days(0.01)
    await story.until_event("escalated")
    await story.inspect()
    await story.attention()
    history = await story.handle.fetch_history()
    priorities = {
        event.activity_task_scheduled_event_attributes.activity_id: (
            event.activity_task_scheduled_event_attributes.priority.priority_key
        )
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    }
    priorities.pop("call_operations", None)
    before, after = {"buy_return_label", "tell-due_soon"}, {"tell-escalation", "refund-t1"}
    assert priorities == dict.fromkeys(before, 0) | dict.fromkeys(after, 1)
