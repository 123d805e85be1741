"""Events that are not published yet: timeline entries travel with steps outside, in their header.

An entry counts as published once a step that took it along has succeeded. Steps inside the workflow
task take none along: their task may never be completed, and then the entry was never made.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from lifecycle.returns.state import Return
    from lifecycle.returns.views.events import EventBatch, EventLog


class PendingEvents:
    """The entries of one return, counted; ``notify`` is called when the outcome of some is known.

    A run that is resumed publishes all of them again, which changes nothing.
    """

    def __init__(self, ret: Return, notify: Callable[[], None]) -> None:
        self._ret = ret
        self._log = EventLog(ret)
        self._notify = notify
        self._published = 0
        #: A step of their own could not bring so many out: they wait for another one.
        self._postponed = 0
        self._attached: dict[Any, int] = {}
        self._inside = 0
        self._publishing = False

    @property
    def has_subscribers(self) -> bool:
        """Whether there are subscribers, as the opening step has found."""
        return self._ret.opening is not None and self._ret.opening.publishes

    @property
    def any_pending(self) -> bool:
        """Whether there are events that are not published yet and can be."""
        return self.has_subscribers and len(self._ret.timeline) > max(self._published, self._postponed)

    @property
    def needs_own_step(self) -> bool:
        """Whether something needs a step of its own: no step that is under way has it.

        Not while a step runs inside the workflow task: a replay may see its end earlier than it came.
        """
        under_way = max(self._attached.values(), default=0)
        return self.any_pending and len(self._ret.timeline) > under_way and not (self._inside or self._publishing)

    def events(self) -> EventBatch | None:
        """What a step outside that begins now takes along."""
        if not self.has_subscribers or len(self._ret.timeline) == self._published:
            return None
        return self._log.batch(self._published)

    def take_down(self) -> None:
        """Take down what has just happened, before anything else does: an event is of its own moment."""
        if self.has_subscribers:
            self._log.take_down()

    def attach_to(self, step: "workflow.ActivityHandle[Any]") -> None:
        """A step outside has begun, and has taken all of it along."""
        if self.has_subscribers:
            self._attached[step] = len(self._ret.timeline)
            step.add_done_callback(self._ended)

    def _ended(self, step: Any) -> None:
        count = self._attached.pop(step)
        if not step.cancelled() and step.exception() is None:
            self._published = max(self._published, count)
        self._notify()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """A step runs inside the workflow task."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """A step of its own is under way; what it could not bring out waits for the next other step."""
        count, self._publishing = len(self._ret.timeline), True
        try:
            yield
        finally:
            self._postponed = max(self._postponed, count)
            self._publishing = False
