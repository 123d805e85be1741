"""A return that no workflow carries: its records are open, and nothing happens to it by itself any more."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from lifecycle.contract.statuses import ENDED_UNSETTLED, SETTLED, Status
from lifecycle.contract.view import Attention, SettlementState, TimelineEntry, View
from lifecycle.returns.resolutions.table import rule_of

#: The step's name in attention (CONTRACT section 7).
ORPHANED: Final = "orphaned"
#: Why nothing carries it, where Temporal keeps nothing of its workflow.
GONE: Final = "gone"
#: Steps that give the customer something for their units.
_GIVING: Final = ("refund-", "credit-", "charge-", "ship", "capture_hold")
_ENDED: Final = SETTLED | ENDED_UNSETTLED
#: How its workflow may have ended, in words.
_HOW: Final = {
    GONE: "Temporal has no workflow of it",
    "terminated": "its workflow was terminated",
    "canceled": "its workflow was cancelled from outside",
    "failed": "its workflow has failed",
    "timed_out": "its workflow has timed out",
}


def how(why: str) -> str:
    """In words how its workflow ended."""
    return f"{_HOW.get(why, 'its workflow has ended')}, and nothing carries it on"


def orphaned(view: View, why: str, since: datetime) -> View:
    """The view of such a return; whatever else waited for an operator can wait only once it runs again."""
    return view.model_copy(update={"attention": Attention(step=ORPHANED, error=how(why), since=since)})


def has_given(view: View, steps: Iterable[str]) -> bool:
    """Whether the customer was given something for the units, or may have been, by the steps that were begun."""
    paid = any(paid.amount and paid.state != "failed" for paid in view.settlement.paid)
    return paid or any(step.startswith(_GIVING) for step in steps)


def released(view: View, *, given: bool, by: str, why: str, now: datetime) -> View:
    """How it stands once an operator has ended it: with what was given, or else called off with nothing owed."""
    status, settlement = view.status, view.settlement
    if given:
        status = status if status in SETTLED else rule_of(settlement.resolution).status
        settlement = settlement.model_copy(update={"state": SettlementState.SETTLED})
    elif status not in _ENDED:
        status = Status.CANCELLED
        settlement = settlement.model_copy(update={"amount": 0, "state": SettlementState.PENDING})
    entry = TimelineEntry(at=now, event="released", by=by, detail=why)
    changed = {"status": status, "settlement": settlement, "closed": True, "attention": None}
    return view.model_copy(update=changed | {"timeline": [*view.timeline, entry]})


def is_orphaned(view: View) -> bool:
    """Whether nothing carries it on."""
    return view.attention is not None and view.attention.step == ORPHANED
