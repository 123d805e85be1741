"""Steps that wait for staff, as the desk speaks of them."""

from typing import Final

from starter.portal.shared.texts import catalogue

#: The kind of a step that has no words of its own.
UNKNOWN: Final = "unforeseen"


def step_kind(step: str) -> str:
    """What kind of step it is, for its words: ``refund-t1-2`` is a ``refund``."""
    known: dict[str, object] = catalogue()["desk"]["step"]
    return max((kind for kind in known if step.startswith(kind)), key=len, default=UNKNOWN)
