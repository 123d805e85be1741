"""What a return publishes of itself: its timeline entries, numbered, without what people wrote in them.

An entry's ``detail`` stays in the view: it holds reasons and notes in people's own words, and what
partners said. So do the names of people.
"""

from collections.abc import Sequence

from pydantic import AwareDatetime, BaseModel

from lifecycle.contract.request import Channel
from lifecycle.contract.said_by import name_of
from lifecycle.contract.view import Summary, TimelineEntry, View
from lifecycle.returns.state import Return
from lifecycle.returns.views.return_view import summary_of, summary_of_view

#: Who an entry may name; anybody else is ``staff``.
ROLES = frozenset({"engine", "customer", "carrier", "warehouse", "payment", "bench", "temporal"}) | set(Channel)
STAFF = "staff"


class EventEntry(BaseModel):
    """One timeline entry; ``number`` is its place in the timeline, counted from 1."""

    number: int
    at: AwareDatetime
    event: str
    by: str


class EventBatch(BaseModel):
    """Entries in a row, and where the return stood when they were passed on."""

    happened: list[EventEntry]
    summary: Summary


def event_batch_of(ret: Return, after: int) -> EventBatch:
    """What has happened since the entry of that number."""
    return EventBatch(happened=_happened(ret.timeline, after), summary=summary_of(ret))


def event_batch_of_view(view: View) -> EventBatch:
    """All that has happened to a return."""
    return EventBatch(happened=_happened(view.timeline, 0), summary=summary_of_view(view))


def _happened(timeline: Sequence[TimelineEntry], after: int) -> list[EventEntry]:
    return [
        EventEntry(number=number, at=entry.at, event=entry.event, by=_role(entry.by))
        for number, entry in enumerate(timeline[after:], start=after + 1)
    ]


def _role(by: str) -> str:
    name = name_of(by)
    return name if name in ROLES else STAFF
