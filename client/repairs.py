"""The typed way to the repair bench: its queue, and each repair on it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel
from temporalio.client import Client, WorkflowExecution

from client.errors import NotAllowed, UnknownRepair
from client.messages import RepairCalls
from client.names import REPAIR, earlier_repair_id, repair_id
from client.returns import PATIENCE
from client.search_attributes import ATTENTION
from client.updates import UnlessGone, send_update, view_of
from client.within import within
from gateways.database.engine import Database
from gateways.database.returns.records import get_return
from lifecycle.contract.messages import ResolveAttention
from lifecycle.contract.request import Item, ReturnRequest
from lifecycle.repairs.messages import RepairSummary, RepairView
from lifecycle.shared.repair_messages import RepairState


class QueuedRepair(BaseModel):
    """One row of the bench's queue, a moment behind the repair itself; ``since`` it is in its state."""

    return_id: str
    unit_id: str
    sku: str
    location: str
    state: RepairState
    since: AwareDatetime
    attention: str | None


class Repairs(RepairCalls):
    """Shows repairs and takes what bench and customer say.

    Every call may raise ``Unreachable``: nothing answered in time, repeating is safe. Those about one
    unit raise ``UnknownRepair``; those that change something also ``NotAllowed`` and ``InvalidInput``.
    """

    def __init__(self, client: Client, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._patience = patience

    async def resolve_attention(
        self, return_id: str, unit_id: str, message: ResolveAttention, request_id: str = ""
    ) -> RepairSummary:
        """Answer a step of the repair that failed for good."""
        return await self._update(return_id, unit_id, "resolve_attention", message, request_id)

    async def view(self, return_id: str, unit_id: str) -> RepairView:
        """Show all of one repair, as long as Temporal keeps it."""
        return (await self._found(return_id, unit_id))[1]

    async def queue(
        self, state: RepairState | None = None, *, attention: bool = False, limit: int = 100
    ) -> list[QueuedRepair]:
        """List what is on the bench, the longest waiting first; ``attention``: only what waits for an operator."""
        query = f"WorkflowType = '{REPAIR}' AND ExecutionStatus = 'Running'"
        if attention:
            query += f" AND {ATTENTION.name} IS NOT NULL"
        found: list[QueuedRepair] = []
        async with within(self._client, self._patience):
            async for execution in self._client.list_workflows(query, rpc_timeout=self._patience):
                row = _queued(execution, await execution.memo())
                if row and state in (None, row.state):
                    found.append(row)
        return sorted(found, key=lambda row: row.since)[:limit]

    async def _found(self, return_id: str, unit_id: str) -> tuple[str, RepairView]:
        """The workflow that carries this unit's repair, by today's id or the one of before, and what it shows."""
        async with within(self._client, self._patience):
            for workflow_id in (repair_id(return_id, unit_id), earlier_repair_id(return_id, unit_id)):
                view = await view_of(self._client.get_workflow_handle(workflow_id), RepairView, self._patience)
                # Ids of before can be those of another return's unit too.
                if view and (view.return_id, view.unit_id) == (return_id, unit_id):
                    return workflow_id, view
        raise UnknownRepair(return_id, unit_id)

    async def _update(
        self, return_id: str, unit_id: str, name: str, message: BaseModel, request_id: str = "", *, update_id: str = ""
    ) -> RepairSummary:
        update_id = update_id or f"{name}:{request_id or uuid4().hex}"
        answer = await self._sent(repair_id(return_id, unit_id), name, message, update_id)
        if answer is None:
            workflow_id, view = await self._found(return_id, unit_id)
            answer = await self._sent(workflow_id, name, message, update_id)
            if answer is None:
                raise NotAllowed(f"the repair is over ({view.outcome or 'called off'})")
        if (answer.return_id, answer.unit_id) != (return_id, unit_id):
            raise UnknownRepair(return_id, unit_id)
        return answer

    async def _sent(self, workflow_id: str, name: str, message: BaseModel, update_id: str) -> RepairSummary | None:
        """What the repair answers; None where none runs under that id."""
        handle = self._client.get_workflow_handle(workflow_id)
        async with within(self._client, self._patience):
            with UnlessGone():
                return await send_update(handle, name, message, update_id, RepairSummary, self._patience)
        return None


async def customers_item(db: Database, return_id: str, unit_id: str) -> Item | None:
    """What the customer said of a unit as they asked for its return; None where nothing is known of it.

    Kept in our own records alone: no workflow of the bench, nor what Temporal shows of one, holds their words.
    """
    known = await get_return(db, return_id)
    items = ReturnRequest.model_validate(known.request).items if known else []
    return next((item for item in items if item.line_id == unit_id.rpartition("-")[0]), None)


def _queued(execution: WorkflowExecution, memo: Mapping[str, Any]) -> QueuedRepair | None:
    """A row; None for a repair whose first task no worker has done yet."""
    if "state" not in memo:
        return None
    return QueuedRepair.model_validate({**memo, "attention": execution.typed_search_attributes.get(ATTENTION)})
