"""Repairs, personal data and suppliers: the item's own end."""

from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from lifecycle.repairs.messages import DiagnosisOutcome
from starter.demo.story import Story

_UNIT = "1-1"


async def repair(story: Story) -> None:
    """Repaired in warranty, at the second attempt, and sent back."""
    await story.hand_in()
    await story.diagnose(_UNIT, DiagnosisOutcome.REPAIRABLE)
    await story.repair(_UNIT, passed=False)
    await story.repair(_UNIT)
    await story.closed()


async def repair_paid(story: Story) -> None:
    """Out of warranty: the estimate is accepted and charged."""
    await story.hand_in()
    await story.diagnose(_UNIT, DiagnosisOutcome.REPAIRABLE, estimate=4500)
    await story.answer_estimate(_UNIT, accepted=True)
    await story.repair(_UNIT)
    await story.closed()


async def repair_refused(story: Story) -> None:
    """Out of warranty: the estimate is refused, the unit goes back."""
    await story.hand_in()
    await story.diagnose(_UNIT, DiagnosisOutcome.REPAIRABLE, estimate=9900)
    await story.answer_estimate(_UNIT, accepted=False)
    await story.closed()


async def beyond_repair(story: Story) -> None:
    """In warranty and beyond repair: replaced."""
    await story.in_stock()
    await story.hand_in()
    await story.diagnose(_UNIT, DiagnosisOutcome.UNREPAIRABLE)
    await story.closed()


async def own_phone(story: Story) -> None:
    """A phone is not replaced: the customer's own is repaired."""
    await story.in_stock()
    await story.hand_in()
    await story.diagnose(_UNIT, DiagnosisOutcome.REPAIRABLE)
    await story.repair(_UNIT)
    await story.closed()


async def back_on_the_shelf(story: Story) -> None:
    """Replaced first; the old one is repaired and goes back on the shelf."""
    await story.in_stock()
    await story.start(until=Status.REPLACED)
    await story.happened("label_sent")
    await story.scan(TrackingStatus.ACCEPTED)
    await story.days(2)
    await story.receive()
    await story.graded(Grade.C, disposition=Disposition.REPAIR)
    await story.repair_for_the_shelf(_UNIT)


async def wiped(story: Story) -> None:
    """A phone refunded: back on the shelf once its data is wiped."""
    await story.hand_in()
    await story.inspect()
    await story.happened("refunded")
    await story.wipe(_UNIT)
    await story.closed()


async def supplier(story: Story) -> None:
    """Defective: the customer is refunded, then the supplier takes the unit back and pays for it."""
    await story.hand_in()
    await story.graded(Grade.D, disposition=Disposition.RETURN_TO_SUPPLIER)
    await story.supplier_pays(_UNIT, 3100)
