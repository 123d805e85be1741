"""How a step is tried again from outside a return: an activity reset, a workflow reset, a new run."""

from collections.abc import Callable
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyExcludeType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import ResetActivityRequest, ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from lifecycle.contract.request import ReturnRequest


def scheduled(step: str) -> Callable[[HistoryEvent], bool]:
    """Whether an event is the first of that step."""
    return lambda event: event.activity_task_scheduled_event_attributes.activity_id == step


def updated(name: str) -> Callable[[HistoryEvent], bool]:
    """Whether an event is an update of that name."""
    return lambda event: event.workflow_execution_update_accepted_event_attributes.accepted_request.input.name == name


async def reset_activity(client: Client, workflow_id: str, step: str) -> None:
    """As ``temporal activity reset``: at once, and as the first attempt."""
    asked = ResetActivityRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=workflow_id), id=step
    )
    await client.workflow_service.reset_activity(asked)


async def reset_workflow(
    client: Client, workflow_id: str, to: Callable[[HistoryEvent], bool], *, reapply: bool
) -> None:
    """As ``temporal workflow reset``: to the workflow task after which that event came.

    ``reapply``: what was said to it since is said again.
    """
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    place = next(event.event_id for event in history.events if to(event))
    tasks = [one.event_id for one in history.events if one.HasField("workflow_task_completed_event_attributes")]
    forgotten = (
        ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL,
        ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
    )
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
            reason="a test",
            request_id=uuid4().hex,
            workflow_task_finish_event_id=max(task for task in tasks if task < place),
            reset_reapply_exclude_types=[] if reapply else forgotten,
        )
    )


async def run_anew(client: Client, workflow_id: str, request: ReturnRequest) -> None:
    """End the run by force, and begin another by the same name and request."""
    handle = client.get_workflow_handle(workflow_id)
    if (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
        try:
            await handle.terminate("a test")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
    await client.start_workflow(
        "ReturnWorkflow",
        request.model_dump(mode="json", exclude_unset=True, exclude_none=True),
        id=workflow_id,
        task_queue="returns",
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
