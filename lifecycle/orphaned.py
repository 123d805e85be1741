"""A return that no workflow carries: its records are open, and nothing happens to it by itself any more."""

from datetime import datetime
from typing import Final

from lifecycle.view import Attention, View

#: The step's name in attention (CONTRACT section 10).
ORPHANED: Final = "orphaned"
#: Why nothing carries it, where Temporal keeps nothing of its workflow.
GONE: Final = "gone"
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
    """The view of such a return; whatever else waited for a person can wait only once it is carried again."""
    return view.model_copy(update={"attention": Attention(step=ORPHANED, error=how(why), since=since)})


def is_orphaned(view: View) -> bool:
    """Whether nothing carries it on."""
    return view.attention is not None and view.attention.step == ORPHANED
