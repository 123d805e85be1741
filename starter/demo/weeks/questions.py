"""What customers of the demonstration have asked after the sale, and parcels that nobody knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from client.support import Support
from gateways.webhook_protocol import PartnerEvent
from lifecycle.contract.messages import TrackingEvent, TrackingStatus
from lifecycle.support.messages import AddMessage, SupportRequest
from starter.demo.weeks.plots import PastStory

#: Subject, text, the answer where there is one, and how many hours ago it was asked.
_ASKED: Final = (
    ("Where is my refund?", "You got my parcel last week, and I see no money yet.", "", 5),
    ("Can I still exchange it?", "I would rather have the next size than my money back.", "", 21),
    ("Label does not print", "The label comes out cut off at the side. What can I do?", "", 2),
    ("Wrong colour arrived", "I ordered the green one, and this one is blue.", "", 47),
    ("Is the drop-off point open on Saturdays?", "The code says nothing of it.", "Yes, from nine to one.", 30),
    ("Store credit", "How long is my store credit good for?", "It stays good for as long as you like.", 52),
)


@dataclass(frozen=True)
class Asked:
    """One question, when it was asked, and the answer where there is one."""

    request: SupportRequest
    at: datetime
    answer: str


def questions(stories: Sequence[PastStory], now: datetime) -> list[Asked]:
    """Each is asked by the customer of one of the returns."""
    chosen = sorted(stories, key=lambda story: story.chance.random())[: len(_ASKED)]
    return [
        _asked(f"Q-{1001 + number}", story, *told, now)
        for number, (story, told) in enumerate(zip(chosen, _ASKED, strict=True))
    ]


def _asked(case_id: str, story: PastStory, subject: str, text: str, answer: str, hours: float, now: datetime) -> Asked:
    order = story.request.order
    request = SupportRequest(
        case_id=case_id, email=order.customer.email or "", subject=subject, text=text,
        order_id=order.order_id, return_id=story.return_id,
    )  # fmt: skip
    return Asked(request, now - timedelta(hours=hours), answer)


async def converse(support: Support, asked: Sequence[Asked]) -> None:
    """Have all of them asked, and those answered that have an answer."""
    for one in asked:
        await support.ask(one.request)
        if one.answer:
            case_id = one.request.case_id
            await support.add_message(case_id, AddMessage(message_id=f"{case_id}-1", by="support", text=one.answer))


def unknown_parcels() -> list[PartnerEvent]:
    """Scans of parcels that no return has."""
    now = datetime.now(UTC)
    return [
        PartnerEvent(
            source="easypost",
            event_id=f"demo-{number}",
            kind="tracking",
            message=TrackingEvent(
                event_id=f"demo-{number}", tracking_code=f"HW90000000{number}", status=TrackingStatus.DELIVERED, at=now
            ),
        )
        for number in (17, 18)
    ]
