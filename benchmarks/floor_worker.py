"""The floor's worker, in a process of its own: ``python -m benchmarks.floor_worker HOST:PORT``."""

import asyncio
import signal
import sys

from temporalio.client import Client
from temporalio.worker import Worker

from benchmarks.floor import TASK_QUEUE, FloorWorkflow, database_step, outside_step

#: More than are ever in flight: a smaller cache would measure replays.
_CACHED = 2000
_AT_ONCE = 50


async def work(address: str) -> None:
    """Serve the floor until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    worker = Worker(
        await Client.connect(address),
        task_queue=TASK_QUEUE,
        workflows=[FloorWorkflow],
        activities=[database_step, outside_step],
        max_cached_workflows=_CACHED,
        max_concurrent_activities=_AT_ONCE,
    )
    async with worker:
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
