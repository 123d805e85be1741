"""Records returns that lost their workflow and went on: with their history, from their records alone, and by name."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.service import RPCError

from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage, Story, read_example
from tests.histories.recording import EXAMPLES, RELEASE, write_history

FOLDER: Final = RELEASE / "revived"


async def _received(stage: Stage, name: str) -> Story:
    request = read_example(EXAMPLES / "refund.json")
    order = request.order.model_copy(update={"order_id": f"SO-{name}"})
    story = Story(stage, request.model_copy(update={"return_id": f"R-{name}", "order": order}))
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.until(Status.RECEIVED)
    await asyncio.sleep(1)  # the receipt is booked
    return story


async def _reset(stage: Stage) -> Story:
    """Its workflow is terminated, and goes on from its last task."""
    story = await _received(stage, "reset")
    await story.handle.terminate("a stray one")
    await stage.homeward.revive(story.return_id)
    await story.inspect()
    return story


async def _begun_anew(stage: Stage) -> Story:
    """Its workflow is deleted, and a new one is told again what the records know."""
    story = await _received(stage, "begun-anew")
    client, execution = stage.clock.client, WorkflowExecution(workflow_id=f"return-{story.return_id}")
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
    await client.workflow_service.delete_workflow_execution(request)
    await _until_gone(story)
    await stage.homeward.revive(story.return_id)
    await story.until(Status.RECEIVED)
    await story.inspect()
    return story


async def _until_gone(story: Story) -> None:
    for _ in range(300):
        try:
            await story.handle.describe()
        except RPCError:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{story.return_id} was never deleted")


async def _repeated(stage: Stage) -> Story:
    """It has closed, and is started by name again."""
    story = await _received(stage, "repeated")
    await story.inspect()
    await story.closed()
    body = story.request.model_dump(mode="json")
    await stage.clock.client.start_workflow(
        "ReturnWorkflow", body, id=f"return-{story.return_id}", task_queue="returns"
    )
    return story


PATHS: Mapping[str, Callable[[Stage], Awaitable[Story]]] = {
    "reset": _reset,
    "begun_anew": _begun_anew,
    "repeated": _repeated,
}


async def record(stage: Stage) -> None:
    """Play them one after another and write their last runs."""
    for name, play in PATHS.items():
        story = await play(stage)
        await story.closed()
        await write_history(FOLDER / f"{name}.json", story.handle)
