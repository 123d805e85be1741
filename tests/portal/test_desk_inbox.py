"""A message that hardly belongs to a return is given to it at the desk only when somebody says so twice."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from gateways.webhook_protocol import PartnerEvent
from lifecycle.contract.messages import TrackingEvent, TrackingStatus
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.inbox import Inbox
from tests.portal.desk import desk_at
from tests.portal.people import signed_in
from tests.workflows.returns.play import Play


async def test_the_desk_asks_before_a_parcel_of_no_return_is_given_to_one(
    ready: Ready, stage: Stage, play: Callable[..., Play]
) -> None:
    story, code, at = play(), f"OWN{uuid4().hex[:8].upper()}", datetime.now(UTC)
    await story.start()
    said = TrackingEvent(event_id=uuid4().hex, tracking_code=code, status=TrackingStatus.IN_TRANSIT, at=at)
    await Inbox(stage.homeward, stage.db).take([PartnerEvent("easypost", said.event_id, "tracking", said)])
    async with desk_at(ready.api) as desk:
        await signed_in(desk, stage.db, ["clerk"])
        await desk.open("/desk")
        assert code in desk.answer.text
        await desk.send("/desk/inbox/", do="attach", return_id=story.return_id)
        assert (desk.answer.status_code, f"Does it belong to {story.return_id}?" in desk.answer.text) == (409, True)
        assert f"the parcel of {story.return_id} is " in desk.answer.text
        assert (await story.view()).handover.at is None
        await desk.send("/desk/inbox/", do="attach")
        assert f"It belongs to {story.return_id} now." in desk.answer.text
    assert (await story.view()).handover.at is not None
