"""A step that failed for good and is tried again a day later, in workflows where it holds nobody up."""

from datetime import datetime, timedelta
from typing import Protocol

from pydantic import AwareDatetime, BaseModel

#: A step that failed for good is tried again after so long.
TRY_AGAIN = timedelta(days=1)


class Trouble(BaseModel):
    """A step that failed for good, and when it is tried again by itself."""

    step: str
    error: str
    since: AwareDatetime
    again_at: AwareDatetime


class Troubled(Protocol):
    """What may be in trouble."""

    trouble: Trouble | None

    def note(self, at: AwareDatetime, event: str, by: str = "engine", detail: str | None = None) -> None:
        """Put an entry on the timeline."""
        ...


def backing_off(journey: Troubled, now: datetime) -> bool:
    """Whether a step failed so lately that nothing is tried now."""
    return journey.trouble is not None and now < journey.trouble.again_at


def record_failure(journey: Troubled, step: str, error: str, now: datetime) -> None:
    """A step could not be done: it is tried again a day later."""
    since = journey.trouble.since if journey.trouble else now
    journey.trouble = Trouble(step=step, error=error, since=since, again_at=now + TRY_AGAIN)
    journey.note(now, "attention", detail=f"{step}: {error}")


def record_success(journey: Troubled, now: datetime) -> None:
    """Steps can be done again."""
    if journey.trouble is not None:
        journey.note(now, "attention_resolved", detail=journey.trouble.step)
        journey.trouble = None
