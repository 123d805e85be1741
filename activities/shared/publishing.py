"""Events of a return on their way out: taken along by its steps, or published by a step of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pydantic import BaseModel
from temporalio import activity

from lifecycle.returns.views.events import EventBatch

#: The header in which a step takes events along; whatever step it is, its worker stores them before it begins.
EVENTS_HEADER = "homeward-news"
_ATTACHED: ContextVar[EventBatch | None] = ContextVar("events of the step that is being started", default=None)


@contextmanager
def attaching(batch: EventBatch | None) -> Iterator[None]:
    """A step that is started meanwhile takes these events along: the SDK lets only interceptors write headers."""
    token = _ATTACHED.set(batch)
    try:
        yield
    finally:
        _ATTACHED.reset(token)


def attached() -> EventBatch | None:
    """The events of the step that is being started; None where it takes none along."""
    return _ATTACHED.get()


class PublishInput(BaseModel):
    """The step's name; the events themselves are in its header."""

    return_id: str
    step: str


class PublishingActivities:
    """The step for events that no other step takes along."""

    @activity.defn
    async def publish(self, given: PublishInput) -> None:
        """Nothing besides the events, which the worker has stored when this begins."""
