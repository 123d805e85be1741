"""Lanes of work: one after another within a lane, lanes side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from temporalio import workflow


class Lanes:
    """``on_change`` is called whenever a kind has nothing left to do."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._running: dict[str, asyncio.Task[None]] = {}

    @property
    def idle(self) -> bool:
        """Whether nothing is being done."""
        return not self._running

    def start(self, wanted: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
        """Begin what is wanted and not under way."""
        for kind, work in wanted.items():
            if kind not in self._running:
                self._running[kind] = asyncio.create_task(self._run(work))

    def collect(self) -> None:
        """Forget what has been done; raises what it failed with, for the workflow task to fail with."""
        done = [kind for kind, task in self._running.items() if task.done()]
        for kind in done:
            self._running.pop(kind).result()

    async def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            if workflow.in_workflow():  # not while an evicted workflow is torn down
                self._on_change()
