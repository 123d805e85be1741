"""Returns by mail for a refund, and what may come between."""

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from starter.demo.story import Story


async def refund(story: Story) -> None:
    """Posted, received, graded as new, refunded."""
    await story.start()
    await story.days(1)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.days(3)
    await story.scan(TrackingStatus.DELIVERED)
    await story.receive()
    await story.graded()


async def two_parcels(story: Story) -> None:
    """Three units in two parcels, one of them used."""
    await story.hand_over()
    await story.receive(2, complete=False)
    await story.inspect()
    await story.days(1)
    await story.receive()
    await story.graded(Grade.C)


async def declined(story: Story) -> None:
    """Final sale: declined by the policy."""
    await story.start(until=None)
    await story.closed()


async def partly_declined(story: Story) -> None:
    """One unit allowed, one declined by the policy."""
    await refund(story)


async def reviewed(story: Story) -> None:
    """Worth a look: approved by an operator."""
    await story.start(until=Status.IN_REVIEW)
    await story.approve()
    await story.until(Status.LABEL_SENT)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.days(3)
    await story.receive()
    await story.graded()


async def cancelled(story: Story) -> None:
    """Cancelled by the customer before it was posted."""
    await story.start()
    await story.cancel()
    await story.days(31)
    await story.closed()


async def never_posted(story: Story) -> None:
    """Never posted: reminded, then expired."""
    await story.start()
    await story.days(8)
    await story.days(8)
    await story.until(Status.EXPIRED)
    await story.days(31)
    await story.closed()


async def late_parcel(story: Story) -> None:
    """Expired, and then the parcel comes after all."""
    await story.start()
    await story.days(16)
    await story.until(Status.EXPIRED)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.days(3)
    await story.receive()
    await story.graded()


async def lost(story: Story) -> None:
    """Lost by the carrier: the customer is refunded."""
    await story.hand_over()
    await story.scan(TrackingStatus.LOST)
    await story.until(Status.REFUNDED)
    await story.days(31)
    await story.closed()


async def turned_back(story: Story) -> None:
    """Turned back to the customer: sent again with a new label, and the old parcel's scans count for nothing."""
    await story.hand_over()
    old = await story.scan(TrackingStatus.RETURNED)
    await story.until_it(lambda view: view.handover.tracking_code != old, "given a new label")
    await story.scan(TrackingStatus.DELIVERED, old)
    await story.happened("scan_passed_over")
    await story.days(3)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.days(2)
    await story.receive()
    await story.graded()


async def empty_parcel(story: Story) -> None:
    """Empty: the customer is mailed, an operator looks into it, and nothing is owed."""
    await story.hand_over()
    await story.receive(0)
    await story.attention("empty_parcel")
    await story.days(1)
    await story.resolve("mark_done")
    await story.closed()


async def two_tenders(story: Story) -> None:
    """Everything back, damaged: gift card and card refunded, shipping too."""
    await story.hand_in()
    await story.graded(*[Grade.C] * 5)


async def refund_retried(story: Story) -> None:
    """The refund fails twice, then works."""
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.graded()


async def refund_by_hand(story: Story) -> None:
    """The card refuses the refund: finance pays by hand."""
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.inspect()
    await story.attention()
    await story.mark_done("bank transfer 77")
    await story.closed()


async def settled_by_timer(story: Story) -> None:
    """Received but never graded: escalated, then settled by the timer."""
    await story.hand_in()
    await story.days(12)
    await story.until(Status.REFUNDED)
    await story.graded(Grade.A, Grade.B)


async def many_fates(story: Story) -> None:
    """Five units: one good, one rejected, one of another serial number, one that comes late, one missing."""
    await story.hand_over(days=1)
    await story.receive_serials("CAM-1", "CAM-2", "XYZ-9")
    await story.verdicts({"1-1": Grade.A, "1-2": None})
    await story.days(1)
    await story.receive_serials("CAM-4", complete=True)
    await story.verdicts({"1-4": Grade.B})
    await story.days(13)
    await story.attention("limit")
    await story.verdicts({"1-3": None})
    await story.days(31)
    await story.closed()
