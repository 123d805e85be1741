"""When a process last asked Temporal for work, by the SDK's own count of its polls."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

#: A poll that finds no work is answered after a minute, and followed by the next one, also while Temporal is away.
SILENT: Final = timedelta(minutes=2)
_POLLS: Final = re.compile(r'^temporal_long_request\{([^}]*\boperation="Poll[^}]*)\} (\S+)$', re.MULTILINE)
_LABEL: Final = re.compile(r'\b(task_queue|operation)="([^"]*)"')


class Polls:
    """The polls of one process for each task queue and kind of work."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds, the machine's own unless a test says otherwise."""
        self._clock = clock
        #: By task queue and operation: how many polls there were, and when that number last grew.
        self._seen: dict[str, tuple[str, float]] = {}

    def look(self, metrics: str) -> None:
        """Note what the SDK's metrics say now."""
        for labels, count in _POLLS.findall(metrics):
            found = dict(_LABEL.findall(labels))
            name = f"{found.get('task_queue', '')} {found['operation']}".strip()
            if self._seen.get(name, ("", 0.0))[0] != count:
                self._seen[name] = (count, self._clock())

    def silent(self) -> list[str]:
        """The pollers that have not asked for work for two minutes."""
        since = self._clock() - SILENT.total_seconds()
        return sorted(name for name, (_, at) in self._seen.items() if at < since)
