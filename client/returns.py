"""The typed way in: start a return, talk to it, look at it.

Needs a Temporal client with ``workers.converter.CONVERTER`` and the database.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from pydantic import BaseModel
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowExecutionStatus, WorkflowQueryRejectedError
from temporalio.common import QueryRejectCondition, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from client.answers import Page, Source, SourcedView, Started
from client.errors import Closed, Forgotten, NotAllowed, Orphaned, OtherRequest, UnknownReturn, Unreachable
from client.ids import new_return_id
from client.list_pages import Lists
from client.list_rows import ListFilter
from client.messages import ReturnCalls
from client.names import RETURN, RETURNS_QUEUE, return_workflow_id
from client.orphans.revival import Revival
from client.search import FoundPage, FoundRow, Search
from client.search_attributes import at_start
from client.updates import UnlessGone, description_of, send_update, start_and_ask, view_of, without_nulls
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

#: How long a call waits for a worker's answer.
PATIENCE: Final = timedelta(seconds=10)


class NotRunning(Exception):
    """The return's workflow runs no more; ``status`` is None when Temporal keeps nothing of it."""

    def __init__(self, status: WorkflowExecutionStatus | None) -> None:
        super().__init__(status)
        self.status = status
        self.completed = status is WorkflowExecutionStatus.COMPLETED
        self.why = status.name.lower() if status else GONE


class Homeward(ReturnCalls):
    """Starts, changes and shows returns.

    Every call may raise ``Unreachable``: nothing answered in time, repeating is safe. It is
    ``OutOfReach`` when Temporal did not, ``NoAnswer`` when its workers did not.
    """

    def __init__(self, client: Client, db: Database, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._db = db
        self._patience = patience
        self._lists = Lists(client, db, patience)
        self._search = Search(client, db, patience)
        self._revival = Revival(client, db, patience)

    async def start(self, request: ReturnRequest, waited: timedelta = timedelta()) -> Started:
        """Start a return and wait for the policy's decision; a known ``return_id`` is answered.

        Raises ``OtherRequest`` when the id belongs to another one, ``Orphaned`` when nothing carries it any
        more, ``InvalidInput``. ``waited`` is how much of the patience is spent already.
        """
        return_id = request.return_id or new_return_id()
        request = request.model_copy(update={"return_id": return_id})
        known = await get_return(self._db, return_id)
        summary = None if known else await self._decide(return_id, request, self._patience - waited)
        row = known or await get_return(self._db, return_id)
        if row and ReturnRequest.model_validate(row.request) != request:
            raise OtherRequest(f"{return_id} was started with another request")
        if summary is None:
            seen = await self.sourced_view(return_id)
            if seen.source is Source.ORPHANED:
                raise Orphaned.of(return_id, seen.view.attention.error if seen.view.attention else how(GONE))
            summary = summary_of_view(seen.view)
        return Started(summary, created=known is None)

    async def _decide(self, return_id: str, request: ReturnRequest, patience: timedelta) -> Summary | None:
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
            static_summary=one_line(request),
        )
        return await start_and_ask(self._client, start, "decision", Summary, patience)

    async def revive(self, return_id: str) -> Summary:
        """Have a return that nothing carries go on from its records; raises as ``Revival.revive`` does."""
        await self._revival.revive(return_id)
        return summary_of_view(await self.view(return_id))

    async def release(self, return_id: str, message: messages.Release) -> Summary:
        """End a return that nothing carries; raises as ``Revival.release`` does."""
        await self._revival.release_what_is_left(return_id)
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

    async def sourced_view(self, return_id: str) -> SourcedView:
        """See ``ReturnCalls``; whether a closed one is forgotten, ``is_forgotten`` says."""
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

    async def page(self, wanted: ListFilter, limit: int = 100, after: bytes | None = None) -> Page:
        """See ``ReturnCalls``; raises ``InvalidInput`` for a bad ``after``.

        A return that ran more than once stands on a page once. Those that nothing carries come first.
        """
        return await self._lists.page(wanted, limit, after)

    async def find(self, wanted: ListFilter, limit: int = 50, after: str = "") -> FoundPage:
        """Those of a list that our records know, with what is recorded of each, going on after that return."""
        return await self._search.find(wanted, limit, after)

    async def rows_of(self, return_ids: Collection[str]) -> list[FoundRow]:
        """These returns as the list shows them, the oldest first."""
        return await self._search.of(return_ids)

    async def find_recorded(self, wanted: ListFilter, limit: int = 50, after: str = "") -> FoundPage:
        """The same while Temporal is away, from our records alone: see ``Search.recorded``."""
        return await self._search.recorded(wanted, limit, after)

    async def details(self, return_id: str) -> str:
        """What the return says to operators of where it stands and what comes next, Markdown; empty once it has ended.

        Nothing personal. Raises ``Unreachable``.
        """
        handle = self._client.get_workflow_handle(return_workflow_id(return_id))
        async with within(self._client, self._patience):
            with UnlessGone():
                told: WorkflowMetadata = await handle.query(
                    "__temporal_workflow_metadata", result_type=WorkflowMetadata, rpc_timeout=self._patience
                )
                return told.current_details
        return ""

    async def _query(self, return_id: str, unless: QueryRejectCondition = QueryRejectCondition.NOT_OPEN) -> View:
        """Ask its workflow; raises ``NotRunning`` when that has ended, or is gone."""
        handle = self._client.get_workflow_handle(return_workflow_id(return_id))
        try:
            view = await view_of(handle, View, self._patience, unless)
        except WorkflowQueryRejectedError as rejected:
            raise NotRunning(rejected.status) from None
        if view is None:
            raise NotRunning(None)
        return view

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
                await handle.signal(name, without_nulls(event), rpc_timeout=self._patience)
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
        there = await description_of(self._client.get_workflow_handle(return_workflow_id(return_id)), self._patience)
        return there.status if there else None


def _closed(row: StoredReturn) -> str:
    return f"{row.return_id} is closed ({row.status})"


def one_line(request: ReturnRequest) -> str:
    """What lists of workflows call a return: its order and what was asked for, as it began; nothing personal."""
    units = sum(item.quantity for item in request.items)
    what = f"{units} unit{'' if units == 1 else 's'}"
    return f"{request.resolution.value} of {what} by {request.method.value}, order {literal(request.order.order_id)}"
