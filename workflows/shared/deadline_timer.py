"""One timer at a time, set to the next deadline."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow


class DeadlineTimer:
    """A later instant leaves the running timer alone, which is set anew when it rings; only an earlier one restarts it.

    ``on_fire`` is called when it rings.
    """

    def __init__(self, on_fire: Callable[[], None]) -> None:
        self._on_fire = on_fire
        self._timer: asyncio.Task[None] | None = None
        self._at: datetime | None = None

    def set(self, alarm: tuple[datetime, str] | None) -> None:
        """Set it to an instant, with what is due then; None leaves it as it is."""
        if alarm is None or (self._at is not None and self._at <= alarm[0]):
            return
        if self._timer:
            self._timer.cancel()
        self._at = alarm[0]
        self._timer = asyncio.create_task(self._run(*alarm))

    async def _run(self, at: datetime, what: str) -> None:
        # It may ring for what has been done by then, or been put off: its summary says no more than is true for good.
        summary = f"Wakes it to look at its deadlines, set for the {what}"
        await workflow.sleep(max(at - workflow.now(), timedelta()), summary=summary)
        self._timer = self._at = None
        self._on_fire()
