"""Steps that wait for staff, as pages speak of them."""

from typing import Final

from starter.portal.shared.texts import catalogue, t

#: The kind of a step that has no words of its own.
UNKNOWN: Final = "unforeseen"


def step_kind(step: str) -> str:
    """What kind of step it is, for its words: ``refund-t1-2`` is a ``refund``."""
    known: dict[str, object] = catalogue()["desk"]["step"]
    return max((kind for kind in known if step.startswith(kind)), key=len, default=UNKNOWN)


def step_name(step: str) -> str:
    """What the step is about, in a word or two."""
    return t(f"desk.step.{step_kind(step)}.name")
