"""Of two who decide at the same moment one is first: the other is told who that was, and changes nothing."""

from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel

from lifecycle.contract.errors import Refused
from lifecycle.contract.messages import Deciding
from lifecycle.contract.view import TimelineEntry

#: What the timeline calls a decision of somebody.
DECIDED: Final = frozenset(
    {"approved_first", "approved", "declined", "cancelled", "attention_resolved", "overridden", "changed", "wiped"}
    | {"charge_accepted", "charge_refused", "fewer_pieces", "released"}
)


def decided_since(timeline: Sequence[TimelineEntry], seen: int) -> TimelineEntry | None:
    """What somebody decided after ``seen`` entries of the timeline; the first of them."""
    return next((entry for entry in timeline[seen:] if entry.event in DECIDED), None)


def check_first(timeline: Sequence[TimelineEntry], message: BaseModel) -> None:
    """Refuse what says how much of the timeline its sender knew, where somebody has decided since."""
    if not isinstance(message, Deciding) or message.seen is None:
        return
    if first := decided_since(timeline, message.seen):
        raise Refused(f"seen: {first.by} was first ({first.event}); look again before you decide")
