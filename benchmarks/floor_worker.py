"""The floor's worker, in a process of its own: ``python -m benchmarks.floor_worker HOST:PORT TASK_QUEUE``.

Set up as ours is (``workers.main``): the same converter, no compression on the way to a server of this machine, the
same pollers, as short a build id, and no sandbox unless ``sandboxed`` follows.
"""

import asyncio
import signal
import sys

from temporalio.client import Client
from temporalio.service import GrpcCompression
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from benchmarks.floor import FloorWorkflow, database_step, outside_step
from workers.converter import CONVERTER

#: More than are ever in flight: a smaller cache would measure replays.
_CACHED = 2000
_AT_ONCE = 50


async def work(address: str, task_queue: str, *, sandboxed: bool) -> None:
    """Serve the floor until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    worker = Worker(
        await Client.connect(address, data_converter=CONVERTER, grpc_compression=GrpcCompression.NONE),
        task_queue=task_queue,
        workflows=[FloorWorkflow],
        activities=[database_step, outside_step],
        workflow_runner=SandboxedWorkflowRunner() if sandboxed else UnsandboxedWorkflowRunner(),
        max_cached_workflows=_CACHED,
        max_concurrent_activities=_AT_ONCE,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        build_id="floor",
    )
    async with worker:
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:3], sandboxed="sandboxed" in sys.argv[3:]))
