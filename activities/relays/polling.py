"""How an activity that never ends polls: in runs of their own, so that its workflow's history stays short."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from temporalio import activity

from gateways.database.changes import Changes

#: How long one run lasts before it makes room for a new one.
RUN_LASTS = timedelta(minutes=30)
#: How long there is none to do before somebody looks again.
PAUSE = timedelta(milliseconds=300)
#: How long nobody looks where nothing has changed: something may fall due meanwhile.
UNCHANGED_PAUSE = timedelta(seconds=1)
#: Between two heartbeats, a few of which the workflow may miss.
BEAT = timedelta(seconds=2)


async def poll(work: Callable[[], Awaitable[int]], changes: Changes | None = None) -> None:
    """Poll for work, again and again, until the run ends or the worker stops.

    ``work`` returns how much it found to do; after nothing there is a pause, a longer one while ``changes`` say that
    nothing has been written since.
    """
    stopping = asyncio.ensure_future(activity.wait_for_worker_shutdown())
    end = datetime.now(UTC) + RUN_LASTS
    try:
        async with _alive():
            while datetime.now(UTC) < end and not stopping.done():
                seen = changes.number() if changes else None
                done = await work()
                if not done:
                    await _pause(stopping, changes, seen)
    finally:
        stopping.cancel()


async def _pause(stopping: asyncio.Future[None], changes: Changes | None, seen: int | None) -> None:
    until = asyncio.get_running_loop().time() + UNCHANGED_PAUSE.total_seconds()
    while not stopping.done():
        await asyncio.wait([stopping], timeout=PAUSE.total_seconds())
        if changes is None or seen is None or changes.number() != seen:
            return
        if asyncio.get_running_loop().time() >= until:
            return


@asynccontextmanager
async def _alive() -> AsyncIterator[None]:
    """Heartbeats, also while one piece of work takes long: taken for dead, it would be done twice at once."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(BEAT.total_seconds())

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
