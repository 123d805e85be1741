"""Parcels on the real engine: turned back to the customer, empty, foreign, and pieces that came before."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from lifecycle.messages import ReceiptUnits, TrackingEvent, TrackingStatus
from lifecycle.view import Status
from starter.errors import NotAllowed
from tests.workflows.returns import Play


async def test_a_parcel_that_went_back_to_the_customer_is_never_paid(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    old = (await story.view()).handover.tracking_code or ""
    await story.scan(TrackingStatus.RETURNED)
    await story.until_it(lambda view: view.handover.tracking_code not in (None, old), "given a new label")
    for status in (TrackingStatus.DELIVERED, TrackingStatus.IN_TRANSIT, TrackingStatus.ACCEPTED):
        at = await story.now() + timedelta(seconds=1)
        await story.days(1)
        await story.signal(
            "tracking_event", TrackingEvent(event_id=uuid4().hex, tracking_code=old.lower(), status=status, at=at)
        )
    view = await story.until_it(lambda view: [e.event for e in view.timeline].count("scan_passed_over") == 3, "noted")
    assert (view.status, view.handover.at, view.deadlines.target) == (Status.LABEL_SENT, None, None)
    await story.days(14)
    view = await story.until(Status.EXPIRED)
    assert view.settlement.paid == []


async def test_an_empty_parcel_is_not_refunded_and_nobody_forgets_it(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    summary = await story.receipt()
    assert (summary.status, summary.attention, summary.amount) == (Status.IN_TRANSIT, "empty_parcel", 0)
    await story.days(14)
    view = await story.until_it(lambda view: view.escalated, "escalated")
    assert (view.status, view.settlement.paid, view.settlement.state) == (Status.IN_TRANSIT, [], "pending")
    assert "empty_parcel" in await story.mails()
    await story.mark_done("seen")
    await story.closed()
    view = await story.view()
    assert (view.status, view.settlement.amount, view.settlement.paid) == (Status.REJECTED, 0, [])
    assert (await story.mails())[-1] == "rejected"
    assert "refunded" not in await story.mails()


async def test_counted_again_it_is_paid_after_all(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receipt()
    await story.attention("empty_parcel")
    await story.resolve("retry")
    await story.receive()
    await story.inspect()
    await story.closed()
    assert [paid.amount for paid in (await story.view()).settlement.paid] == [4000]


async def test_extras_alone_start_no_clock_and_settle_nothing(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    summary = await story.receipt(ReceiptUnits(sku="MUG-1", quantity=2))
    assert (summary.status, summary.attention, summary.resolve_by) == (Status.LABEL_SENT, "empty_parcel", None)
    view = await story.view()
    assert [(extra.line_id, extra.sku, extra.quantity) for extra in view.extras] == [(None, "MUG-1", 2)]
    assert (view.handover.at, view.settlement.state) == (None, "pending")


async def test_a_line_that_the_order_does_not_have_is_refused_by_its_field(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    with pytest.raises(NotAllowed, match=r"units\.0\.line_id: the order has no line 9"):
        await story.receipt(ReceiptUnits(line_id="9"))
    assert "received" not in await story.events()
