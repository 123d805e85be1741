"""What happens to the returns of the last weeks: one plot for each thing that may, and how often it does.

A plot gives the instant that its return's clock is to be set to next; what it does then is done at that instant.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from lifecycle.repairs.messages import DiagnosisOutcome
from starter.demo.story import Stage, Story

#: How long before the end the last thing happens that is not left to somebody.
_BEFORE_THE_END: Final = timedelta(minutes=20)


class PastStory(Story):
    """A return that opened some time ago; ``at`` is how far its own clock has come, ``end`` where it stops."""

    def __init__(self, request: ReturnRequest, tell: "Tell", opened: datetime, end: datetime, chance: Random) -> None:
        # Its stage comes by `take_to`: before the first there is none.
        self.request = request
        self.return_id = request.return_id or ""
        #: What is left of its plot.
        self.told = tell(self)
        self.opened = opened
        self.at = opened
        #: When its parcel is posted; None for some time after it opened.
        self.handed_over: datetime | None = None
        self.end = end
        self.chance = chance

    def take_to(self, stage: Stage) -> None:
        """Go on elsewhere: the server has been started again."""
        self._stage = stage

    def later(self, least: float, most: float) -> datetime:
        """So many days after the last instant, but before the end."""
        then = self.at + timedelta(days=self.chance.uniform(least, most))
        self.at = min(then, self.end - _BEFORE_THE_END)
        return self.at

    def posting(self, least: float, most: float) -> datetime:
        """When the customer hands the parcel over: so many days later, unless it is set."""
        if self.handed_over is None:
            return self.later(least, most)
        self.at = self.handed_over
        return self.at

    def until_after(self, deadline: datetime) -> datetime:
        """Just after a deadline, but before the end."""
        self.at = min(deadline + timedelta(seconds=20), self.end - _BEFORE_THE_END)
        return self.at

    def grade(self) -> Grade:
        """What the warehouse finds: mostly as new. In an exchange always, or the difference is asked for."""
        if self.request.exchange_for:
            return Grade.A
        return self.chance.choices((Grade.A, Grade.B, Grade.C), (75, 17, 8))[0]


Told = AsyncIterator[datetime]
Tell = Callable[[PastStory], Told]


async def waits(story: PastStory) -> Told:
    """A label, and nothing more yet."""
    await story.start()
    yield story.end


async def asked_for_slot(story: PastStory) -> Told:
    """A pickup whose time the customer has not chosen yet."""
    await story.start(until=None)
    yield story.end


async def to_review(story: PastStory) -> Told:
    """Worth a look."""
    await story.start(until=Status.IN_REVIEW)
    yield story.end


async def never_posted(story: PastStory) -> Told:
    """A label that nobody uses: the customer is reminded, and at last the return expires."""
    await story.start()
    yield story.later(7.1, 7.6)
    await story.happened("reminded")
    if (story.end - story.opened).days > 15:
        ship_by = (await story.view()).deadlines.ship_by
        yield story.until_after(ship_by or story.end)
        await story.until(Status.EXPIRED)


async def on_its_way(story: PastStory) -> Told:
    """Posted."""
    await story.start()
    yield story.posting(0.4, 2)
    await story.scan(TrackingStatus.ACCEPTED)


async def unopened(story: PastStory) -> Told:
    """Delivered, and not opened yet."""
    async for instant in on_its_way(story):
        yield instant
    yield story.later(1.2, 3)
    await story.scan(TrackingStatus.DELIVERED)


async def ungraded(story: PastStory) -> Told:
    """With the warehouse, which has not graded it yet."""
    async for instant in on_its_way(story):
        yield instant
    yield story.later(1.5, 3)
    await story.scan(TrackingStatus.DELIVERED)
    await story.receive()


async def partly_here(story: PastStory) -> Told:
    """One of two units is here."""
    async for instant in on_its_way(story):
        yield instant
    yield story.later(1.5, 3)
    await story.receive(1, complete=False)


async def late(story: PastStory) -> Told:
    """Here, not graded, and past its promise."""
    async for instant in on_its_way(story):
        yield instant
    yield story.later(1.5, 3)
    await story.receive()
    target = (await story.view()).deadlines.target
    yield story.until_after(target or story.end)
    await story.happened("escalated")


async def settled(story: PastStory) -> Told:
    """Graded, and what was asked for is given."""
    async for instant in ungraded(story):
        yield instant
    yield story.later(0.05, 0.6)
    await story.graded(story.grade())


async def replaced(story: PastStory) -> Told:
    """Replaced at once against a hold on the card, which the parcel home releases."""
    await story.start(until=Status.REPLACED)
    await story.happened("label_sent")
    yield story.later(0.4, 2)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.happened("hold_released")
    yield story.later(1.5, 3)
    await story.receive()
    await story.graded(story.grade())


async def approved(story: PastStory) -> Told:
    """Approved by a reviewer, then as any other."""
    await story.start(until=Status.IN_REVIEW)
    yield story.later(0.1, 0.9)
    await story.approve()
    await story.until(Status.LABEL_SENT)
    yield story.later(0.5, 2)
    await story.scan(TrackingStatus.ACCEPTED)
    yield story.later(1.5, 3)
    await story.receive()
    await story.graded(story.grade())


async def stuck(story: PastStory) -> Told:
    """Graded, and then a step needs staff."""
    async for instant in ungraded(story):
        yield instant
    yield story.later(0.05, 0.5)
    # What is replaced is not good enough for the shelf: the next would be replaced by it.
    await story.inspect(Grade.D if story.request.resolution.value == "replacement" else Grade.A)
    deadlines = (await story.attention()).deadlines
    for deadline, event in ((deadlines.target, "escalated"), (deadlines.limit, "limit_reached")):
        if deadline and deadline < story.end - timedelta(hours=1):
            yield story.until_after(deadline)
            await story.happened(event)


async def empty(story: PastStory) -> Told:
    """A parcel with nothing in it."""
    async for instant in on_its_way(story):
        yield instant
    yield story.later(1.5, 3)
    await story.receive(0)
    await story.attention("empty_parcel")


async def asked_for_more(story: PastStory) -> Told:
    """One of two is not accepted: the customer is asked whether the exchange may cost more."""
    async for instant in ungraded(story):
        yield instant
    yield story.later(0.05, 0.4)
    await story.verdicts({"1-1": Grade.A, "1-2": None})
    await story.happened("charge_asked")


async def not_accepted(story: PastStory) -> Told:
    """Sent back to the customer with the reason."""
    async for instant in ungraded(story):
        yield instant
    yield story.later(0.05, 0.5)
    await story.reject("1-1", "worn outdoors for weeks")
    await story.closed()


async def ends_at_once(story: PastStory) -> Told:
    """Declined by the policy, or not worth its way back."""
    await story.start(until=None)
    await story.closed()
    yield story.end


async def called_off(story: PastStory) -> Told:
    """Cancelled by the customer."""
    await story.start()
    yield story.later(0.2, 2)
    await story.cancel()


async def lost(story: PastStory) -> Told:
    """Lost by the carrier, and refunded."""
    async for instant in on_its_way(story):
        yield instant
    yield story.later(4, 7)
    await story.scan(TrackingStatus.LOST)
    await story.until(Status.REFUNDED)


async def trusted(story: PastStory) -> Told:
    """Refunded when it is posted, graded later."""
    await story.start()
    yield story.later(0.4, 2)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until(Status.REFUNDED)
    yield story.later(2, 4)
    await story.receive()
    await story.graded(story.grade())


async def for_the_supplier(story: PastStory) -> Told:
    """Refunded, and the supplier is to take the unit back."""
    async for instant in ungraded(story):
        yield instant
    await story.graded(Grade.D, disposition=Disposition.RETURN_TO_SUPPLIER)


async def unwiped(story: PastStory) -> Told:
    """Refunded, and somebody has to wipe the phone."""
    async for instant in ungraded(story):
        yield instant
    yield story.later(0.05, 0.5)
    await story.inspect()
    await story.until(Status.REFUNDED)


async def on_bench(story: PastStory) -> Told:
    """On the repair bench."""
    async for instant in ungraded(story):
        yield instant
    await story.on_bench("1-1")


async def estimated(story: PastStory) -> Told:
    """The customer is to say whether the repair is worth its price."""
    async for instant in ungraded(story):
        yield instant
    await story.diagnose("1-1", DiagnosisOutcome.REPAIRABLE, estimate=4500)


async def repaired(story: PastStory) -> Told:
    """Repaired, and sent back."""
    async for instant in ungraded(story):
        yield instant
    await story.diagnose("1-1", DiagnosisOutcome.REPAIRABLE)
    await story.repair("1-1")
    await story.closed()


@dataclass(frozen=True)
class Plot:
    """How often something happens, and to what; ``ages`` are days since it opened, least and most."""

    tell: Tell
    count: int
    skus: tuple[str, ...]
    ages: tuple[float, float]
    resolution: str = "refund"
    method: str = "mail"
    reason: str = ""
    quantity: int = 1
    #: What the sandbox's card answers to a refund.
    fault: str = ""
    #: What an exchange leads to.
    instead: str = ""
    #: It is of the shop's own country: what the policy says of small amounts is said in its currency.
    at_home: bool = False
    #: It was handed over so many business days ago, whatever ``ages`` say.
    business_days: int = 0


_WEAR: Final = ("TRAIL-42", "TRAIL-43", "RAIN-JACKET-M", "MERINO-L", "BACKPACK-20")
_THINGS: Final = ("HEADLAMP", "STOVE", "GRINDER", "KETTLE-1", "TENT-2")
_ALL: Final = (*_WEAR, *_THINGS)
#: In the order of what a desk shows: what has ended first, what waits for somebody after it.
PLOTS: Final = (
    Plot(settled, 34, _ALL, (7, 44)),
    Plot(settled, 14, _WEAR, (7, 44), method="drop_off"),
    Plot(settled, 14, _WEAR, (7, 40), resolution="store_credit"),
    Plot(settled, 14, ("TRAIL-42",), (7, 40), resolution="exchange", instead="TRAIL-43"),
    Plot(replaced, 8, _THINGS, (7, 35), resolution="replacement", reason="defective"),
    Plot(approved, 5, ("ESPRESSO",), (8, 35)),
    Plot(trusted, 7, ("BOTTLE",), (8, 30), at_home=True),
    Plot(ends_at_once, 6, ("SOCKS-M",), (1, 40), at_home=True),
    Plot(ends_at_once, 5, ("GIFT-BOX",), (1, 40)),
    Plot(called_off, 5, _ALL, (4, 26)),
    Plot(lost, 3, _ALL, (12, 27)),
    Plot(not_accepted, 3, _WEAR, (8, 30)),
    Plot(never_posted, 4, _ALL, (17, 28)),
    Plot(for_the_supplier, 6, ("GRINDER", "KETTLE-1"), (7, 16), reason="defective"),
    Plot(repaired, 3, ("STOVE", "HEADLAMP"), (7, 14), resolution="repair", reason="defective"),
    Plot(asked_for_slot, 3, _THINGS, (0.05, 0.6), method="pickup"),
    Plot(to_review, 6, ("ESPRESSO",), (0.1, 1.4)),
    Plot(waits, 12, _ALL, (0.1, 4)),
    Plot(never_posted, 4, _ALL, (8, 13)),
    Plot(on_its_way, 9, _ALL, (2.2, 4)),
    Plot(unopened, 5, _ALL, (4, 6)),
    Plot(ungraded, 7, _ALL, (5, 7)),
    Plot(partly_here, 2, _WEAR, (5, 7), quantity=2),
    Plot(late, 4, _ALL, (0, 0), business_days=6),
    Plot(ungraded, 3, _ALL, (0, 0), business_days=5),
    Plot(stuck, 3, _WEAR, (14, 17), fault="refused"),
    Plot(stuck, 2, ("WATCH",), (5, 8), resolution="replacement", reason="defective"),
    Plot(empty, 1, ("HEADLAMP",), (5, 7)),
    Plot(asked_for_more, 2, ("TRAIL-42",), (5, 7), resolution="exchange", instead="TRAIL-43", quantity=2),
    Plot(unwiped, 2, ("PHONE-128",), (6, 8), at_home=True),
    Plot(on_bench, 2, ("STOVE",), (5, 8), resolution="repair", reason="defective"),
    Plot(estimated, 2, ("WATCH",), (5, 8), resolution="repair", reason="other"),
)
