"""Whether a workflow that is no return's has its events kept: asked of the database as seldom as can be."""

from datetime import datetime, timedelta
from typing import Any, Final

from temporalio import workflow

#: How long a workflow whose events nobody wanted asks no more.
_QUIET: Final = timedelta(hours=1)


class Listening:
    """What the last step found; workflows that began before ``patch`` keep no events."""

    def __init__(self, patch: str) -> None:
        self._patch = patch
        self._quiet_until: datetime | None = None

    def asked(self, now: datetime) -> bool:
        """Whether events are worth a step."""
        quiet = self._quiet_until is not None and now < self._quiet_until
        return workflow.patched(self._patch) and not quiet

    def answered(self, wanted: Any, now: datetime) -> None:
        """What a step has found; anything but False is worth another one."""
        self._quiet_until = now + _QUIET if wanted is False else None
