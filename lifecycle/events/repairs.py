"""What a repair tells of itself: its timeline entries, without what the bench wrote."""

from collections.abc import Sequence

from lifecycle.contract.events.data import PublishedEntry
from lifecycle.contract.events.roles import role_of
from lifecycle.contract.view import TimelineEntry
from lifecycle.events.data import RepairEventData
from lifecycle.repairs.messages import RepairSummary


def events_of(entries: Sequence[TimelineEntry], summary: RepairSummary, sku: str) -> list[RepairEventData]:
    """These entries; who keeps them numbers them."""
    return [
        RepairEventData(
            number=1,
            entry=PublishedEntry(at=entry.at, event=entry.event, by=role_of(entry.by)),
            summary=summary,
            sku=sku,
        )
        for entry in entries
    ]
