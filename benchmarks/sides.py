"""What the two sides of the comparison have in common."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from temporalio.client import Client, WorkflowHandle, WorkflowHistory

from benchmarks.processes import WorkerProcess

Result = TypeVar("Result")
_BETWEEN_LOOKS = 0.1
_PATIENCE = 60.0


@dataclass(frozen=True)
class Lived:
    """How long, in seconds, the caller waited: for the decision, and for each update of an event."""

    decision: float
    updates: tuple[float, ...]


class Side(Protocol):
    """One of the two things compared."""

    name: str
    worker: WorkerProcess

    async def live(self, return_id: str) -> Lived:
        """Carry one return from its start to its end."""
        ...

    def handle(self, return_id: str) -> WorkflowHandle[Any, Any]:
        """The workflow of a return."""
        ...

    async def replay(self, histories: list[WorkflowHistory]) -> None:
        """Replay the histories one after another; raises what a replay fails with."""
        ...


async def timed(call: Awaitable[Result]) -> tuple[Result, float]:
    """The call's answer, and the seconds that it took."""
    began = time.perf_counter()
    answer = await call
    return answer, time.perf_counter() - began


class LabelWatch:
    """Knows which workflows have their label, by one list call for all of them.

    A query per workflow would be work for the workers that no caller causes in real life.
    """

    def __init__(self, client: Client, workflow_type: str) -> None:
        self._client = client
        self._query = f"WorkflowType = '{workflow_type}' AND ReturnStatus = 'label_sent'"
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def label_sent(self, workflow_id: str) -> None:
        """Wait until the workflow shows its label; raises ``TimeoutError`` after a minute."""
        waiting = self._waiting.setdefault(workflow_id, asyncio.get_running_loop().create_future())
        try:
            await asyncio.wait_for(waiting, _PATIENCE)
        finally:
            self._waiting.pop(workflow_id, None)

    async def _look(self) -> None:
        while True:
            if self._waiting:
                async for found in self._client.list_workflows(self._query):
                    waiting = self._waiting.get(found.id)
                    if waiting and not waiting.done():
                        waiting.set_result(None)
            await asyncio.sleep(_BETWEEN_LOOKS)


@asynccontextmanager
async def watching(client: Client, workflow_type: str) -> AsyncIterator[LabelWatch]:
    """A watch that looks until the end of the block."""
    watch = LabelWatch(client, workflow_type)
    looking = asyncio.create_task(watch._look())  # noqa: SLF001 - made for this block alone
    try:
        yield watch
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
