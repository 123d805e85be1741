"""A worker that kills itself once at each place where events are written, spread, brought and settled.

``python -m tests.crash.telling_worker FOLDER``: as the self-killing worker, and besides before and after
the given call of each function below. A file named after the place says that it was done.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from activities.relays import events as delivery
from gateways.database.engine import Database
from gateways.database.messages import deliveries, events
from gateways.subscribers.http import HttpEventSender
from starter.shared.connect import connect, where_is_temporal
from tests.crash.self_killing_worker import SelfKilling
from workers.main import run_workers
from workers.setting_values import Role
from workers.settings import load_settings

#: What is called, and at which of its calls in one life of the process it dies.
FUNCTIONS: dict[str, tuple[Any, str, int]] = {
    "write": (events, "write", 3),
    "spread": (deliveries, "fan_out", 5),
    "settle": (deliveries, "settle", 2),
    "bring": (HttpEventSender, "deliver", 2),
}
PLACES = [f"{name}-{when}" for name in FUNCTIONS for when in ("before", "after")]


class Deaths:
    """Ends the process by SIGKILL, once at each place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._calls: dict[str, int] = {}

    def put_in(self) -> None:
        """Put a death before and after each of the functions."""
        for name, (owner, function, _) in FUNCTIONS.items():
            original = getattr(owner, function)
            wrap = self._waited if asyncio.iscoroutinefunction(original) else self._called
            setattr(owner, function, wrap(name, original))

    def _called(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self._maybe(name, "before")
            result = original(*arguments)
            self._maybe(name, "after")  # its transaction is not committed yet
            return result

        return call

    def _waited(self, name: str, original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*arguments: Any) -> Any:
            self._maybe(name, "before")
            result = await original(*arguments)
            self._maybe(name, "after")
            return result

        return call

    def _maybe(self, name: str, when: str) -> None:
        place = f"{name}-{when}"
        done = self._folder / place
        self._calls[place] = self._calls.get(place, 0) + 1
        if self._calls[place] == FUNCTIONS[name][2] and not done.exists():
            done.touch()
            os.kill(os.getpid(), signal.SIGKILL)


async def main(folder: Path) -> None:
    """Work until killed."""
    delivery.FIRST_WAIT = timedelta(milliseconds=50)
    Deaths(folder).put_in()
    settings = load_settings()
    client = await connect(where_is_temporal(settings))
    database = Database(settings.database)
    await run_workers(client, settings, database, tuple(Role), asyncio.Event(), interceptors=[SelfKilling(folder)])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
