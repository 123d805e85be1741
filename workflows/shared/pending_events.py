"""What others may not know yet of a return: its timeline entries travel with steps outside, in their header.

An entry counts as told once a step that took it along has succeeded. Steps inside the workflow
task take none along: their task may never be completed, and then the entry was never made.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from lifecycle.returns.state import Return
    from lifecycle.returns.views.events import News, news_of


class Untold:
    """The entries of one return, counted; ``wake`` is called when it is known what became of some.

    A run that goes on tells all of them again, which changes nothing.
    """

    def __init__(self, ret: Return, wake: Callable[[], None]) -> None:
        self._ret = ret
        self._wake = wake
        self._told = 0
        #: A step of their own could not bring so many out: they wait for another one.
        self._left = 0
        self._on_the_way: dict[Any, int] = {}
        self._inside = 0
        self._telling = False

    @property
    def wanted(self) -> bool:
        """Whether anybody wants to know, as the opening step has found."""
        return self._ret.opening is not None and self._ret.opening.publishes

    @property
    def any_left(self) -> bool:
        """Whether there is something that is not told yet and can be."""
        return self.wanted and len(self._ret.timeline) > max(self._told, self._left)

    @property
    def waits(self) -> bool:
        """Whether something needs a step of its own: no step that is under way has it.

        Not while a step runs inside the workflow task: a replay may see its end earlier than it came.
        """
        under_way = max(self._on_the_way.values(), default=0)
        return self.any_left and len(self._ret.timeline) > under_way and not (self._inside or self._telling)

    def news(self) -> News | None:
        """What a step outside that begins now takes along."""
        if not self.wanted or len(self._ret.timeline) == self._told:
            return None
        return news_of(self._ret, self._told)

    def goes_with(self, step: "workflow.ActivityHandle[Any]") -> None:
        """A step outside has begun, and has taken all of it along."""
        if self.wanted:
            self._on_the_way[step] = len(self._ret.timeline)
            step.add_done_callback(self._ended)

    def _ended(self, step: Any) -> None:
        count = self._on_the_way.pop(step)
        if not step.cancelled() and step.exception() is None:
            self._told = max(self._told, count)
        self._wake()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """A step runs inside the workflow task."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    @contextmanager
    def telling(self) -> Iterator[None]:
        """A step of its own is under way; what it could not bring out waits for the next other step."""
        count, self._telling = len(self._ret.timeline), True
        try:
            yield
        finally:
            self._left = max(self._left, count)
            self._telling = False


def untold_here() -> Untold | None:
    """What this workflow has to tell; null for one that tells nothing."""
    return getattr(workflow.instance(), "untold", None)
