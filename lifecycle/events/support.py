"""What a support case tells of itself: its timeline entries, without what anybody wrote."""

from lifecycle.contract.events.data import PublishedEntry
from lifecycle.contract.events.roles import role_of
from lifecycle.events.data import SupportEventData
from lifecycle.support.state import CaseSummary, CaseView


def events_of(view: CaseView) -> list[SupportEventData]:
    """All that has happened to it; a number stays with its entry."""
    shown = vars(view) | {"attention": view.attention.step if view.attention else None}
    summary = CaseSummary.model_validate({name: shown[name] for name in CaseSummary.model_fields if name in shown})
    return [
        SupportEventData(
            number=number,
            entry=PublishedEntry(at=entry.at, event=entry.event, by=role_of(entry.by)),
            summary=summary,
            order_id=view.order_id,
            return_id=view.return_id,
        )
        for number, entry in enumerate(view.timeline, start=1)
    ]
