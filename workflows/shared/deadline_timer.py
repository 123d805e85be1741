"""One alarm at a time, set to whatever comes next by itself."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow


class AlarmClock:
    """A later instant leaves the running timer alone, which is set anew when it rings; only an earlier one restarts it.

    ``ring`` is called when it rings.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._timer: asyncio.Task[None] | None = None
        self._at: datetime | None = None

    def set(self, alarm: tuple[datetime, str] | None) -> None:
        """Set it to an instant, and say what is to happen then; null has it as it is."""
        if alarm is None or (self._at is not None and self._at <= alarm[0]):
            return
        if self._timer:
            self._timer.cancel()
        self._at = alarm[0]
        self._timer = asyncio.create_task(self._run(*alarm))

    async def _run(self, at: datetime, what: str) -> None:
        await workflow.sleep(max(at - workflow.now(), timedelta()), summary=f"Until {what}, or an earlier one")
        self._timer = self._at = None
        self._ring()
