"""Parcels on the real engine: turned back to the customer, empty, foreign, and pieces that came before."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from lifecycle.messages import TrackingEvent, TrackingStatus
from lifecycle.view import Status
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
