"""How long a worker takes to rebuild a workflow from its history."""

import time
from collections.abc import AsyncIterator

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from benchmarks.sides import TemporalSide


async def one_after_another(replayer: Replayer, histories: list[WorkflowHistory]) -> None:
    """Replay each history; raises the first failure."""

    async def each() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            yield history

    await replayer.replay_workflows(each(), raise_on_replay_failure=True)


async def replay_time(side: TemporalSide, return_ids: list[str], times: int) -> float:
    """Seconds that the replay of one history took, of these returns so many times over."""
    histories = [await side.handle(return_id).fetch_history() for return_id in return_ids] * times
    began = time.perf_counter()
    await side.replay(histories)
    return (time.perf_counter() - began) / len(histories)
