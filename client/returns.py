"""The typed way in: start a return, talk to it, look at it.

Needs a Temporal client with ``workers.converter.CONVERTER`` and the database.
"""

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
from temporalio.common import QueryRejectCondition, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from client.answers import Page, Source, SourcedView, Started
from client.errors import (
    Closed,
    Forgotten,
    HomewardError,
    InvalidInput,
    NotAllowed,
    Orphaned,
    OtherRequest,
    UnknownReturn,
    Unreachable,
)
from client.ids import new_return_id
from client.list_rows import Listed, ListFilter
from client.listing import Lists
from client.names import RETURN, RETURNS_QUEUE, return_workflow_id
from client.revival import Revival
from client.search_attributes import at_start
from client.updates import send_update, start_and_ask
from client.within import within
from gateways.database.engine import Database
from gateways.database.returns.orphans import orphan_of
from gateways.database.returns.rebuild import view_from_database
from gateways.database.returns.records import StoredReturn, get_return, state_of
from lifecycle.contract import messages
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import Summary, View
from lifecycle.returns.orphaned import GONE, how, orphaned
from lifecycle.returns.views.return_view import summary_of_view
from lifecycle.shared.markdown import literal

__all__ = [
    "Homeward",
    "HomewardError",
    "InvalidInput",
    "Listed",
    "NotAllowed",
    "Page",
    "Source",
    "SourcedView",
    "Started",
    "UnknownReturn",
    "Unreachable",
    "new_return_id",
]

#: How long a call waits for a worker's answer.
PATIENCE: Final = timedelta(seconds=10)
#: The most rows that Temporal gives at once.
_PAGE: Final = 1000


class NotRunning(Exception):
    """The return's workflow runs no more; ``status`` is None when Temporal keeps nothing of it."""

    def __init__(self, status: WorkflowExecutionStatus | None) -> None:
        super().__init__(status)
        self.status = status
        self.completed = status is WorkflowExecutionStatus.COMPLETED
        self.why = status.name.lower() if status else GONE


class Homeward:
    """Starts, changes and shows returns.

    Every call may raise ``Unreachable``: nothing answered in time, repeating is safe. It is
    ``OutOfReach`` when Temporal did not, ``NoAnswer`` when its workers did not.
    """

    def __init__(self, client: Client, db: Database, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._db = db
        self._patience = patience
        self._lists = Lists(client, db, patience)
        self._revival = Revival(client, db, patience)

    async def start(self, request: ReturnRequest) -> Started:
        """Start a return and wait for the policy's decision; a known ``return_id`` is answered.

        Raises ``OtherRequest`` when the id belongs to another one, ``Orphaned`` when nothing carries it any
        more, ``InvalidInput``.
        """
        return_id = request.return_id or new_return_id()
        request = request.model_copy(update={"return_id": return_id})
        known = await get_return(self._db, return_id)
        summary = None if known else await self._decide(return_id, request)
        row = known or await get_return(self._db, return_id)
        if row and ReturnRequest.model_validate(row.request) != request:
            raise OtherRequest(f"{return_id} was started with another request")
        if summary is None:
            seen = await self.sourced_view(return_id)
            if seen.source is Source.ORPHANED:
                raise Orphaned.of(return_id, seen.view.attention.error if seen.view.attention else how(GONE))
            summary = summary_of_view(seen.view)
        return Started(summary, created=known is None)

    async def _decide(self, return_id: str, request: ReturnRequest) -> Summary | None:
        """Ask for the decision, starting the workflow if need be; None if it runs no more."""
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            RETURN,
            request.model_dump(mode="json", exclude_unset=True, exclude_none=True),
            id=return_workflow_id(return_id),
            task_queue=RETURNS_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            # A bad start, by name, came to nothing: its id is still free.
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            search_attributes=at_start(request),
            static_summary=_one_line(request),
        )
        return await start_and_ask(self._client, start, "decision", Summary, self._patience)

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
        """Record what arrived; the same ``receipt_id`` again changes nothing. Raises as ``approve`` does."""
        return await self._update(return_id, "record_receipt", message, update_id=f"receipt:{message.receipt_id}")

    async def record_inspection(self, return_id: str, message: messages.Inspection) -> Summary:
        """Record the grades; the same ``inspection_id`` again changes nothing. Raises as ``approve`` does."""
        update_id = f"inspection:{message.inspection_id}"
        return await self._update(return_id, "record_inspection", message, update_id=update_id)

    async def change_request(self, return_id: str, message: messages.ChangeRequest, request_id: str = "") -> Summary:
        """Want something else, another way or another time, before the handover; raises as ``approve`` does."""
        return await self._update(return_id, "change_request", message, request_id)

    async def answer_charge(self, return_id: str, message: messages.AnswerCharge, request_id: str = "") -> Summary:
        """Answer whether the customer pays what an exchange costs more than was agreed; raises as ``approve`` does."""
        return await self._update(return_id, "answer_charge", message, request_id)

    async def attest_wipe(self, return_id: str, message: messages.AttestWipe, request_id: str = "") -> Summary:
        """Attest that a unit's personal data was wiped; raises as ``approve`` does."""
        return await self._update(return_id, "attest_wipe", message, request_id)

    async def resolve_attention(
        self, return_id: str, message: messages.ResolveAttention, request_id: str = ""
    ) -> Summary:
        """Answer a step that failed for good; raises as ``approve`` does."""
        return await self._update(return_id, "resolve_attention", message, request_id)

    async def override(self, return_id: str, message: messages.Override, request_id: str = "") -> Summary:
        """Change a fact by hand; raises as ``approve`` does."""
        return await self._update(return_id, "override", message, request_id)

    async def revive(self, return_id: str) -> Summary:
        """Have a return that nothing carries go on from its records; raises as ``Revival.revive`` does."""
        await self._revival.revive(return_id)
        return summary_of_view(await self.view(return_id))

    async def release(self, return_id: str, message: messages.Release) -> Summary:
        """End a return that nothing carries; raises as ``Revival.release`` does."""
        await self._revival.release(return_id, message, await self.view(return_id))
        return summary_of_view(await self.view(return_id))

    async def tracking_event(self, return_id: str, event: messages.TrackingEvent) -> None:
        """Signal a carrier's scan; raises ``UnknownReturn``, ``NotAllowed`` once closed."""
        await self._signal(return_id, "tracking_event", event)

    async def payment_event(self, return_id: str, event: messages.PaymentEvent) -> None:
        """Signal a payment provider's event; raises ``UnknownReturn``.

        A closed return whose refund failed after all goes on in a new run, from its records.
        """
        try:
            await self._signal(return_id, "payment_event", event)
        except Orphaned:
            raise
        except NotAllowed:
            if event.status is messages.PaymentStatus.FAILED:
                await self._resume(return_id, event)

    async def _resume(self, return_id: str, event: messages.PaymentEvent) -> None:
        kept = await state_of(self._db, return_id)
        if kept is None:
            raise UnknownReturn(return_id)
        request, recorded = kept
        if not recorded:
            raise Closed(f"{return_id} was released: nothing goes on from its records")
        async with within(self._client, self._patience):
            try:
                await self._client.start_workflow(
                    RETURN,
                    {"request": request, "recorded": recorded, "event": event.model_dump(mode="json")},
                    id=return_workflow_id(return_id),
                    task_queue=RETURNS_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    rpc_timeout=self._patience,
                )
            except WorkflowAlreadyStartedError:
                # Another event came first and opened it.
                await self._signal(return_id, "payment_event", event)

    async def view(self, return_id: str) -> View:
        """Show all of one return; raises ``UnknownReturn``.

        From the database once it is closed, and, as far as that knows, when Temporal or its
        workers do not answer.
        """
        return (await self.sourced_view(return_id)).view

    async def sourced_view(self, return_id: str) -> SourcedView:
        """The same, with where it comes from; whether a closed one is forgotten, ``is_forgotten`` says."""
        row = await get_return(self._db, return_id)
        if row and row.view:
            return SourcedView(View.model_validate(row.view), Source.CLOSED)
        try:
            async with within(self._client, self._patience):
                return SourcedView(await self._query(return_id), Source.LIVE)
        except NotRunning as ended:
            return await self._view_after_end(return_id, ended)
        except Unreachable:
            if row is None:
                raise
            return await self._view_in_records(row)

    async def _view_after_end(self, return_id: str, ended: NotRunning) -> SourcedView:
        """How it stands once its workflow runs no more: closed by now, forgotten, or nothing carries it."""
        row = await get_return(self._db, return_id)
        if row and row.view:
            return SourcedView(View.model_validate(row.view), Source.CLOSED)
        if row is None and not ended.completed:
            raise UnknownReturn(return_id)  # a bad start, or none
        last = await self._last_view(return_id) if ended.status else None
        if last and ended.completed:
            return SourcedView(last, Source.LIVE)
        if row is None:
            raise UnknownReturn(return_id)
        orphan = await orphan_of(self._db, return_id)
        since = orphan.since if orphan else datetime.now(UTC)
        return SourcedView(orphaned(last or await view_from_database(self._db, row), ended.why, since), Source.ORPHANED)

    async def _last_view(self, return_id: str) -> View | None:
        """How it stood when its workflow ended; None when no worker answers."""
        try:
            async with within(self._client, self._patience):
                return await self._query(return_id, QueryRejectCondition.NONE)
        except (Unreachable, NotAllowed, UnknownReturn):
            return None

    async def _view_in_records(self, row: StoredReturn) -> SourcedView:
        """What the database knows of an open return while nobody else answers."""
        view, orphan = await view_from_database(self._db, row), await orphan_of(self._db, row.return_id)
        if orphan:
            return SourcedView(orphaned(view, orphan.why, orphan.since), Source.ORPHANED)
        return SourcedView(view, Source.RECORDS)

    async def is_forgotten(self, return_id: str) -> bool:
        """Whether Temporal keeps nothing of it any more."""
        async with within(self._client, self._patience):
            return await self._status(return_id) is None

    async def list(self, wanted: ListFilter, limit: int = 100) -> list[Listed]:
        """List returns, the newest first."""
        found: dict[str, Listed] = {}
        page = Page([], b"")
        while page.next is not None and len(found) < limit:
            page = await self.page(wanted, min(limit, _PAGE), page.next or None)
            for row in page.rows:
                found.setdefault(row.return_id, row)
        return list(found.values())[:limit]

    async def page(self, wanted: ListFilter, limit: int = 100, after: bytes | None = None) -> Page:
        """One page of that list, of at most ``limit`` rows, going on ``after`` another; ``InvalidInput`` for a bad one.

        A return that ran more than once stands on a page once. Those that nothing carries come first.
        """
        return await self._lists.page(wanted, limit, after)

    async def _query(self, return_id: str, unless: QueryRejectCondition = QueryRejectCondition.NOT_OPEN) -> View:
        """Ask its workflow; raises ``NotRunning`` when that has ended, or is gone."""
        handle = self._client.get_workflow_handle(return_workflow_id(return_id))
        try:
            answer = await handle.query("view", reject_condition=unless, rpc_timeout=self._patience)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise NotRunning(None) from None
            raise
        except WorkflowQueryRejectedError as rejected:
            raise NotRunning(rejected.status) from None
        except WorkflowQueryFailedError as error:
            raise NotAllowed(str(error)) from None
        return View.model_validate(answer)

    async def _update(
        self, return_id: str, name: str, message: BaseModel, request_id: str = "", *, update_id: str = ""
    ) -> Summary:
        handle = self._client.get_workflow_handle(return_workflow_id(return_id))
        async with within(self._client, self._patience):
            try:
                unique = update_id or f"{name}:{request_id or uuid4().hex}"
                return await send_update(handle, name, message, unique, Summary, self._patience)
            except RPCError as error:
                await self._explain(return_id, error)
                raise

    async def _signal(self, return_id: str, name: str, event: BaseModel) -> None:
        handle = self._client.get_workflow_handle(return_workflow_id(return_id))
        async with within(self._client, self._patience):
            try:
                await handle.signal(name, event, rpc_timeout=self._patience)
            except RPCError as error:
                await self._explain(return_id, error)
                raise

    async def _explain(self, return_id: str, error: RPCError) -> None:
        """Distinguish a closed return, a forgotten one and an unknown one: Temporal gives all the same error."""
        if error.status is not RPCStatusCode.NOT_FOUND:
            return
        ended = NotRunning(await self._status(return_id))
        row = await get_return(self._db, return_id)
        if row is None:
            raise UnknownReturn(return_id) from None
        if row.closed_at is None and not ended.completed:
            if ended.status is not WorkflowExecutionStatus.RUNNING:
                raise Orphaned.of(return_id, how(ended.why)) from None
        elif ended.status is None:
            raise Forgotten(f"{_closed(row)}, and Temporal keeps nothing of it any more") from None
        else:
            raise Closed(_closed(row)) from None

    async def _status(self, return_id: str) -> WorkflowExecutionStatus | None:
        """What Temporal says of the workflow; None when it keeps nothing of it."""
        try:
            handle = self._client.get_workflow_handle(return_workflow_id(return_id))
            return (await handle.describe(rpc_timeout=self._patience)).status
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise


def _closed(row: StoredReturn) -> str:
    return f"{row.return_id} is closed ({row.status})"


def _one_line(request: ReturnRequest) -> str:
    units = sum(item.quantity for item in request.items)
    what = f"{units} unit{'' if units == 1 else 's'}"
    return f"{request.resolution.value} of {what} by {request.method.value}, order {literal(request.order.order_id)}"
