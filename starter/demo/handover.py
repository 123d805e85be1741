"""Other handover options than a label by mail."""

from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from starter.demo.story import Story


async def pickup(story: Story) -> None:
    """Picked up at the door, at the second attempt."""
    await story.start(until=None)
    await story.choose_slot()
    await story.scan(TrackingStatus.FAILED)
    await story.until(Status.REQUESTED)
    await story.days(1 / 24)
    await story.choose_slot(1)
    await _home(story)


async def drop_off(story: Story) -> None:
    """Left at a drop-off point with a code."""
    await story.start()
    await _home(story)


async def way_changed(story: Story) -> None:
    """A label by mail, changed to a drop-off: the label is void."""
    await story.start()
    await story.change(method="drop_off")
    await story.until_it(lambda view: view.handover.drop_off is not None and bool(view.handover.drop_off.code), "coded")
    await _home(story)


async def _home(story: Story) -> None:
    await story.scan(TrackingStatus.ACCEPTED)
    await story.days(2)
    await story.receive()
    await story.graded()
