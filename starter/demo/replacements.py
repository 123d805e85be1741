"""What a customer may get instead of their money back, or before the goods are seen."""

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from starter.demo.story import Story


async def store_credit(story: Story) -> None:
    """Store credit with its bonus."""
    await story.hand_in()
    await story.graded()


async def kept(story: Story) -> None:
    """Not worth its way back: refunded, and kept."""
    await story.start(until=None)
    await story.closed()


async def instant_refund(story: Story) -> None:
    """Refunded at handover; the worse grade is a shortfall."""
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until(Status.REFUNDED)
    await story.days(2)
    await story.receive()
    await story.graded(Grade.C)


async def replacement(story: Story) -> None:
    """Replaced after the inspection."""
    await story.in_stock()
    await story.hand_in()
    await story.graded(Grade.D)


async def advance_replacement(story: Story) -> None:
    """Replaced at once against a hold on the card, released at handover."""
    await story.in_stock()
    await story.start(until=Status.REPLACED)
    await story.happened("label_sent")
    await story.days(3)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.happened("hold_released")
    await story.receive()
    await story.graded(Grade.C)


async def hold_captured(story: Story) -> None:
    """Replaced at once, the old one not sent: charged, and paid back when it comes late."""
    await story.in_stock()
    await story.start(until=Status.REPLACED)
    await story.happened("label_sent")
    await story.days(8)
    await story.days(8)
    await story.happened("hold_captured")
    await story.scan(TrackingStatus.ACCEPTED)
    await story.days(2)
    await story.receive()
    await story.graded()


async def out_of_stock(story: Story) -> None:
    """The replacement is out of stock: the customer takes the money."""
    await story.hand_in()
    await story.inspect(Grade.D)
    await story.attention("stock")
    await story.override("resolution", "refund")
    await story.closed()


async def exchange(story: Story) -> None:
    """Exchanged for something dearer: the difference is charged."""
    await story.in_stock()
    await story.hand_in()
    await story.graded()


async def exchange_asked(story: Story) -> None:
    """Two for two, one of them rejected: asked before anything is charged, the customer takes one."""
    await story.in_stock(2)
    await story.hand_in()
    await story.verdicts({"1-1": Grade.A, "1-2": None})
    await story.happened("charge_asked")
    await story.days(8)
    await story.happened("reminded")
    wanted = (story.request.exchange_for or [])[0].sku
    await story.answer_charge(accepted=False, exchange_for=[{"sku": wanted, "quantity": 1}])
    await story.closed()


async def rejected(story: Story) -> None:
    """Not accepted: sent back to the customer with the reason."""
    await story.hand_in()
    await story.reject("1-1", "worn outdoors for weeks")
    await story.closed()
