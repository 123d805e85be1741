"""How long a worker takes to rebuild a workflow from its history."""

from collections.abc import AsyncIterator

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer


async def one_after_another(replayer: Replayer, histories: list[WorkflowHistory]) -> None:
    """Replay each history; raises the first failure."""

    async def each() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            yield history

    await replayer.replay_workflows(each(), raise_on_replay_failure=True)
