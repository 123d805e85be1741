"""The typed way in: start a return, talk to it, look at it.

Needs a Temporal client with ``workers.converter.CONVERTER`` and the database.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from pydantic import BaseModel
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from gateways.database.engine import Database
from gateways.database.returns import get_return, state_of
from lifecycle import messages
from lifecycle.request import ReturnRequest
from lifecycle.showing import summary_of_view
from lifecycle.view import Summary, View
from starter.errors import HomewardError, InvalidInput, NotAllowed, UnknownReturn, Unreachable, sorted_errors
from starter.search import Listed, Wanted, listed
from starter.updates import send_update
from workflows.search_attributes import at_start

__all__ = [
    "Homeward",
    "HomewardError",
    "InvalidInput",
    "Listed",
    "NotAllowed",
    "Started",
    "UnknownReturn",
    "Unreachable",
    "new_return_id",
    "workflow_id",
]

WORKFLOW: Final = "ReturnWorkflow"
TASK_QUEUE: Final = "returns"
#: How long a call waits for a worker's answer.
PATIENCE: Final = timedelta(seconds=10)


@dataclass(frozen=True)
class Started:
    """``created`` is false when the return was there before."""

    summary: Summary
    created: bool


class Homeward:
    """Starts, changes and shows returns.

    Every call may raise ``Unreachable``: nothing answered in time, repeating is safe.
    """

    def __init__(self, client: Client, db: Database, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._db = db
        self._patience = patience

    async def start(self, request: ReturnRequest) -> Started:
        """Start a return and wait for the policy's decision; a known ``return_id`` is answered.

        Raises ``NotAllowed`` when the id belongs to another request, ``InvalidInput``.
        """
        return_id = request.return_id or new_return_id()
        request = request.model_copy(update={"return_id": return_id})
        known = await get_return(self._db, return_id)
        summary = None if known else await self._decide(return_id, request)
        row = known or await get_return(self._db, return_id)
        if row and ReturnRequest.model_validate(row.request) != request:
            raise NotAllowed(f"{return_id} was started with another request")
        if summary is None:
            summary = summary_of_view(await self.view(return_id))
        return Started(summary, created=known is None)

    async def _decide(self, return_id: str, request: ReturnRequest) -> Summary | None:
        """Ask for the decision, starting the workflow if need be; None if it runs no more."""
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            WORKFLOW,
            request.model_dump(mode="json", exclude_unset=True, exclude_none=True),
            id=workflow_id(return_id),
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=at_start(request),
            static_summary=_one_line(request),
        )
        with sorted_errors():
            try:
                return await self._client.execute_update_with_start_workflow(  # type: ignore[no-any-return]
                    "decision",
                    start_workflow_operation=start,
                    id="decision",
                    result_type=Summary,
                    rpc_timeout=self._patience,
                )
            except WorkflowAlreadyStartedError:
                return None
            finally:
                # It holds the same error, which asyncio would print if nobody looked at it.
                with suppress(Exception):
                    await start.workflow_handle()

    async def approve(self, return_id: str, message: messages.Approve, request_id: str = "") -> Summary:
        """Let a reviewed return go on; raises ``UnknownReturn``, ``NotAllowed``, ``InvalidInput``."""
        return await self._update(return_id, "approve", message, request_id)

    async def decline(self, return_id: str, message: messages.Decline, request_id: str = "") -> Summary:
        """Turn a reviewed return down; raises as ``approve`` does."""
        return await self._update(return_id, "decline", message, request_id)

    async def cancel(self, return_id: str, message: messages.Cancel, request_id: str = "") -> Summary:
        """Call a return off; raises as ``approve`` does."""
        return await self._update(return_id, "cancel", message, request_id)

    async def record_receipt(self, return_id: str, message: messages.Receipt) -> Summary:
        """Tell what arrived; the same ``receipt_id`` again changes nothing. Raises as ``approve`` does."""
        return await self._update(return_id, "record_receipt", message, update_id=f"receipt:{message.receipt_id}")

    async def record_inspection(self, return_id: str, message: messages.Inspection) -> Summary:
        """Tell the grades; the same ``inspection_id`` again changes nothing. Raises as ``approve`` does."""
        update_id = f"inspection:{message.inspection_id}"
        return await self._update(return_id, "record_inspection", message, update_id=update_id)

    async def change_request(self, return_id: str, message: messages.ChangeRequest, request_id: str = "") -> Summary:
        """Want something else, another way or another time, before the handover; raises as ``approve`` does."""
        return await self._update(return_id, "change_request", message, request_id)

    async def attest_wipe(self, return_id: str, message: messages.AttestWipe, request_id: str = "") -> Summary:
        """Say that a unit's personal data is gone; raises as ``approve`` does."""
        return await self._update(return_id, "attest_wipe", message, request_id)

    async def resolve_attention(
        self, return_id: str, message: messages.ResolveAttention, request_id: str = ""
    ) -> Summary:
        """Say what becomes of a step that gave up; raises as ``approve`` does."""
        return await self._update(return_id, "resolve_attention", message, request_id)

    async def override(self, return_id: str, message: messages.Override, request_id: str = "") -> Summary:
        """Change a fact by hand; raises as ``approve`` does."""
        return await self._update(return_id, "override", message, request_id)

    async def tracking_event(self, return_id: str, event: messages.TrackingEvent) -> None:
        """Pass a carrier's scan on; raises ``UnknownReturn``, ``NotAllowed`` once closed."""
        await self._signal(return_id, "tracking_event", event)

    async def payment_event(self, return_id: str, event: messages.PaymentEvent) -> None:
        """Pass a payment provider's news on; raises ``UnknownReturn``.

        A closed return whose refund failed after all goes on in a new run, from its records.
        """
        try:
            await self._signal(return_id, "payment_event", event)
        except NotAllowed:
            if event.status is messages.PaymentStatus.FAILED:
                await self._go_on(return_id, event)

    async def _go_on(self, return_id: str, event: messages.PaymentEvent) -> None:
        kept = await state_of(self._db, return_id)
        if kept is None:
            raise UnknownReturn(return_id)
        request, recorded = kept
        with sorted_errors():
            try:
                await self._client.start_workflow(
                    WORKFLOW,
                    {"request": request, "recorded": recorded, "event": event.model_dump(mode="json")},
                    id=workflow_id(return_id),
                    task_queue=TASK_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    rpc_timeout=self._patience,
                )
            except WorkflowAlreadyStartedError:
                # Other news came first and opened it.
                await self._signal(return_id, "payment_event", event)

    async def view(self, return_id: str) -> View:
        """Show all of one return; raises ``UnknownReturn``.

        From the database once it is closed, and when Temporal or its workers do not answer.
        """
        row = await get_return(self._db, return_id)
        stored = View.model_validate(row.view) if row and row.view else None
        if stored and stored.closed:
            return stored
        try:
            with sorted_errors():
                return await self._query(return_id)
        except HomewardError:
            if stored is None:
                raise
            return stored

    async def list(self, wanted: Wanted, limit: int = 100) -> list[Listed]:
        """List returns, the newest first."""
        found: dict[str, Listed] = {}
        with sorted_errors():
            async for execution in self._client.list_workflows(wanted.query, rpc_timeout=self._patience):
                row = listed(execution)
                found.setdefault(row.return_id, row)
                if len(found) >= limit:
                    break
        return list(found.values())

    async def _query(self, return_id: str) -> View:
        handle = self._client.get_workflow_handle(workflow_id(return_id))
        try:
            return View.model_validate(await handle.query("view", rpc_timeout=self._patience))
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise UnknownReturn(return_id) from None
            raise
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
            raise NotAllowed(str(error)) from None

    async def _update(
        self, return_id: str, name: str, message: BaseModel, request_id: str = "", *, update_id: str = ""
    ) -> Summary:
        handle = self._client.get_workflow_handle(workflow_id(return_id))
        with sorted_errors():
            try:
                unique = update_id or f"{name}:{request_id or uuid4().hex}"
                return await send_update(handle, name, message, unique, Summary, self._patience)
            except RPCError as error:
                await self._explain(return_id, error)
                raise

    async def _signal(self, return_id: str, name: str, event: BaseModel) -> None:
        handle = self._client.get_workflow_handle(workflow_id(return_id))
        with sorted_errors():
            try:
                await handle.signal(name, event, rpc_timeout=self._patience)
            except RPCError as error:
                await self._explain(return_id, error)
                raise

    async def _explain(self, return_id: str, error: RPCError) -> None:
        """Tell a closed return from an unknown one: Temporal gives both the same error."""
        if error.status is not RPCStatusCode.NOT_FOUND:
            return
        row = await get_return(self._db, return_id)
        if row and (row.closed_at or not await self._is_running(return_id)):
            raise NotAllowed(f"{return_id} is closed ({row.status})") from None
        if row is None:
            raise UnknownReturn(return_id) from None

    async def _is_running(self, return_id: str) -> bool:
        try:
            handle = self._client.get_workflow_handle(workflow_id(return_id))
            return (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise


def workflow_id(return_id: str) -> str:
    """The workflow that carries a return (CONTRACT section 7)."""
    return f"return-{return_id}"


def new_return_id() -> str:
    """An id for a request that brings none: the day, and enough chance never to meet another."""
    return f"R-{datetime.now(UTC):%y%m%d}-{uuid4().hex[:10]}"


def _one_line(request: ReturnRequest) -> str:
    units = sum(item.quantity for item in request.items)
    what = f"{units} unit{'' if units == 1 else 's'}"
    return f"{request.resolution.value} of {what} by {request.method.value}, order {request.order.order_id}"
