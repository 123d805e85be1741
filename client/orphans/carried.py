"""Whether a return's workflow carries it, asked of Temporal itself: its lists lag."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from client.names import RETURN, RETURN_PREFIX, return_workflow_id
from lifecycle.returns.orphaned import GONE

_RPC: Final = timedelta(seconds=10)
_PAGE: Final = 500
_COMPLETED: Final = f"WorkflowType = '{RETURN}' AND ExecutionStatus = 'Completed'"
_RUNNING: Final = f"WorkflowType = '{RETURN}' AND ExecutionStatus = 'Running'"


async def described(client: Client, return_id: str) -> WorkflowExecution | None:
    """What Temporal says of its workflow; None when it keeps nothing of it. Raises ``RPCError``."""
    try:
        return await client.get_workflow_handle(return_workflow_id(return_id)).describe(rpc_timeout=_RPC)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


async def running(client: Client, among: str = "") -> AsyncIterator[WorkflowExecution]:
    """Those that a list shows as running, a moment behind; ``among`` limits it. Raises ``RPCError``."""
    query = f"{_RUNNING} AND {among}" if among else _RUNNING
    async for execution in client.list_workflows(query, page_size=_PAGE, rpc_timeout=_RPC):
        yield execution


async def completed(client: Client, since: datetime) -> AsyncIterator[WorkflowExecution]:
    """Those that have come to their end by themselves since then. Raises ``RPCError``."""
    query = f"{_COMPLETED} AND CloseTime >= '{since.astimezone(UTC).isoformat()}'"
    async for execution in client.list_workflows(query, page_size=_PAGE, rpc_timeout=_RPC):
        yield execution


def return_id_of(execution: WorkflowExecution) -> str:
    """The return that a workflow carries."""
    return execution.id.removeprefix(RETURN_PREFIX)


def is_carried(execution: WorkflowExecution | None) -> bool:
    """Whether it runs, or has come to its end by itself: one whose records nobody closed is not forgotten."""
    return execution is not None and execution.status in (
        WorkflowExecutionStatus.RUNNING,
        WorkflowExecutionStatus.COMPLETED,
    )


def state_of(execution: WorkflowExecution | None) -> str:
    """How its workflow stands, in lower case; ``gone`` where Temporal keeps nothing of it."""
    return execution.status.name.lower() if execution and execution.status else GONE
