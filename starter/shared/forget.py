"""Forgets a customer: in our own books, and in what Temporal keeps."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest, GetWorkflowExecutionHistoryRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from client.names import earlier_repair_id, repair_id, return_workflow_id, support_id
from gateways.database.engine import Database
from gateways.database.forgetting import forget as books
from gateways.database.forgetting.forget import Said, StillOpenError
from gateways.database.forgetting.known import Known
from gateways.errors import Unavailable
from workers.codec import ENCODING


async def forget_customer(
    client: Client, db: Database, customer_id: str, said: Said, *, leave_open: bool
) -> dict[str, Any]:
    """Forget what is closed; what was forgotten, in numbers, and what is open still.

    A history that is encrypted loses its key; one that is not is deleted. Raises ``StillOpenError``.
    """
    found = await books.known(db, customer_id)
    ids = list(_workflows_of(found))
    running = [each for each in ids if await _runs(client, each)]
    if (found.open or running) and not leave_open:
        raise StillOpenError([*found.open, *running])
    closed = [each for each in ids if each not in running]
    readable = [each for each in closed if await _began_in_the_clear(client, each)]
    dropped = await books.forget(db, customer_id, said, closed, datetime.now(UTC), leave_open=leave_open)
    deleted = sum([await _delete(client, each) for each in readable])
    return {
        "customer_id": customer_id,
        "returns": len(found.returns),
        "cases": len(found.cases),
        "orders": len(found.orders),
        "keys_destroyed": dropped,
        "histories_deleted": deleted,
        "left_open": [*found.open, *running],
        "files_rewritten": await _overwritten(db),
    }


def _workflows_of(found: Known) -> Iterable[str]:
    for return_id in found.returns:
        yield return_workflow_id(return_id)
        for unit_id in found.units[return_id]:
            yield repair_id(return_id, unit_id)
            yield earlier_repair_id(return_id, unit_id)
    for case_id in found.cases:
        yield support_id(case_id)


async def _runs(client: Client, workflow_id: str) -> bool:
    try:
        described = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise Unavailable("Temporal does not answer", "temporal") from error
    return described.status is WorkflowExecutionStatus.RUNNING


async def _began_in_the_clear(client: Client, workflow_id: str) -> bool:
    """Whether Temporal has its beginning, and that was not encrypted."""
    execution = WorkflowExecution(workflow_id=workflow_id)
    request = GetWorkflowExecutionHistoryRequest(namespace=client.namespace, execution=execution, maximum_page_size=1)
    try:
        answer = await client.workflow_service.get_workflow_execution_history(request)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise Unavailable("Temporal does not answer", "temporal") from error
    begun = answer.history.events[0].workflow_execution_started_event_attributes
    return any(payload.metadata.get("encoding") != ENCODING for payload in begun.input.payloads)


async def _delete(client: Client, workflow_id: str) -> int:
    """Have Temporal delete every run of a closed workflow; how many."""
    count = 0
    async for run_id in _runs_of(client, workflow_id):
        execution = WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
        request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
        await client.workflow_service.delete_workflow_execution(request)
        count += 1
    return count


async def _runs_of(client: Client, workflow_id: str) -> AsyncIterator[str]:
    quoted = workflow_id.replace("\\", "\\\\").replace("'", "\\'")
    async for found in client.list_workflows(f"WorkflowId = '{quoted}'"):
        yield found.run_id


async def _overwritten(db: Database) -> bool:
    """Whether SQLite's files hold nothing of it any more; others may be in the way for a moment."""
    try:
        await db.overwrite_freed()
    except Unavailable:
        return False
    return True
