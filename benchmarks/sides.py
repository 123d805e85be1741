"""What the sides of the comparison have in common."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from temporalio.client import WorkflowHandle, WorkflowHistory

from benchmarks.processes import WorkerProcess
from client.search_attributes import STATUS

Result = TypeVar("Result")
#: Seconds between the first two looks for a label, and by how much longer each next pause is.
_FIRST_LOOK = 0.05
_LONGER = 1.5
_PATIENCE = 60.0


@dataclass(frozen=True)
class Lived:
    """How long, in seconds, the caller waited: for the decision, and for each update of an event."""

    decision: float
    updates: tuple[float, ...]


class Side(Protocol):
    """One of the things compared."""

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


async def label_sent(handle: WorkflowHandle[Any, Any], bought: Callable[[], Awaitable[Result | None]]) -> Result:
    """Wait until the workflow shows its label, and give what ``bought`` knows of it; ``TimeoutError`` after a minute.

    ``bought`` looks into what the step itself has recorded, which costs server and worker nothing. One look at this
    workflow alone then mostly suffices. A list of all that have their label would cost more the more returns are open.
    """
    pause = _FIRST_LOOK
    async with asyncio.timeout(_PATIENCE):
        while (label := await bought()) is None:
            await asyncio.sleep(pause)
            pause *= _LONGER
        while True:
            await asyncio.sleep(pause)
            if (await handle.describe()).typed_search_attributes.get(STATUS) == "label_sent":
                return label
            pause *= _LONGER
