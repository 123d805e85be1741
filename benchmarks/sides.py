"""What the sides of the comparison have in common."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from temporalio.client import WorkflowHandle, WorkflowHistory

from benchmarks.processes import WorkerProcess
from client.search_attributes import STATUS

Result = TypeVar("Result")
#: Seconds between the first two looks for a label; by how much longer each next pause is; and the longest.
_FIRST_LOOK = 0.05
_LONGER = 1.5
_LONGEST = 1.0
_PATIENCE = 180.0


@dataclass(frozen=True)
class Lived:
    """How long, in seconds, the caller waited: for the decision, and for each update of an event."""

    decision: float
    updates: tuple[float, ...]


class Side(Protocol):
    """One of the things compared; ``servers`` are the process ids of what it stores its state in."""

    name: str
    worker: WorkerProcess
    servers: Sequence[int]

    async def live(self, return_id: str) -> Lived:
        """Carry one return from its start to its end."""
        ...


class TemporalSide(Side, Protocol):
    """One on Temporal."""

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
    """Wait until the workflow shows its label, and give what ``bought`` knows of it; ``TimeoutError`` after 3 min.

    ``bought`` looks into what the step itself has recorded, which costs server and worker nothing. One look at this
    workflow alone then mostly suffices. A list of all that have their label would cost more the more returns are open.
    """
    pause = _FIRST_LOOK
    async with asyncio.timeout(_PATIENCE):
        while (label := await bought()) is None:
            await asyncio.sleep(pause)
            pause = min(pause * _LONGER, _LONGEST)
        while True:
            await asyncio.sleep(pause)
            if (await handle.describe()).typed_search_attributes.get(STATUS) == "label_sent":
                return label
            pause = min(pause * _LONGER, _LONGEST)
