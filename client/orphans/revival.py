"""Has a return that no workflow carries go on from its records, or ends it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest, ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from client.errors import Closed, NotAllowed, UnknownReturn
from client.names import RETURN, RETURNS_QUEUE, return_workflow_id
from client.orphans.recorded_messages import recorded_messages
from client.search_attributes import at_start
from client.updates import UnlessGone, description_of
from client.within import within
from gateways.database import failing_steps, ledger
from gateways.database.engine import Database
from gateways.database.orders import order_money
from gateways.database.returns import orphans, records
from gateways.database.returns.records import StoredReturn, get_return
from lifecycle.contract.messages import Release
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import ENDED_UNSETTLED
from lifecycle.contract.view import View
from lifecycle.returns.orphaned import has_given, released

_REASON: Final = "homeward revive"
_PAGE: Final = 100


class Revival:
    """For operators; each call may be repeated, and made by two at once. Raises ``Unreachable`` as clients do."""

    def __init__(self, client: Client, db: Database, patience: timedelta) -> None:
        self._client = client
        self._db = db
        self._patience = patience

    async def revive(self, return_id: str) -> None:
        """Have it carried again; one that is carried, or closed, is left as it is.

        While Temporal keeps its workflow, that goes on in a new run from its last task: nothing is lost. Else a new
        one begins from the request, and applies again the messages that the records know of; the ledger keeps what was
        done from being done twice. One that Temporal knows and the records do not begins again from its first task,
        which makes its record, and is told again all that was said to it. Raises ``UnknownReturn``, ``Closed`` when it
        was released meanwhile.
        """
        row = await get_return(self._db, return_id)
        if row is None:
            await self._record_again(return_id)
            return
        if row.closed_at is not None:
            return
        workflow_id = return_workflow_id(return_id)
        async with within(self._client, self._patience):
            there = await self._described(workflow_id)
            if there is None:
                await self._begin_anew(row)
            elif there.status is not WorkflowExecutionStatus.RUNNING:
                await self._reset_all(row, there)
        await orphans.drop_orphan(self._db, return_id)
        if (await self._row(return_id)).closed_at is not None:
            await self._end(return_id, "released meanwhile")
            raise Closed(f"{return_id} was released at the same moment")

    async def _record_again(self, return_id: str) -> None:
        """The database is older than its workflow, which makes the record once more; raises ``UnknownReturn``."""
        async with within(self._client, self._patience):
            there = await self._described(return_workflow_id(return_id))
            if there is None or not await self._reset(there, first=True):
                raise UnknownReturn(return_id)

    async def release(self, return_id: str, message: Release, view: View) -> None:
        """End it as it stands in ``view``; what it claims is released, unless something was given for it.

        Raises ``UnknownReturn``, ``NotAllowed`` while a workflow carries it.
        """
        row = await self._row(return_id)
        if row.closed_at is not None:
            return
        async with within(self._client, self._patience):
            there = await self._described(return_workflow_id(return_id))
        if there and there.status is WorkflowExecutionStatus.RUNNING:
            raise NotAllowed(f"{return_id} is carried by its workflow: cancel or decline it instead")
        now = datetime.now(UTC)
        steps = [effect["step"] for effect in await ledger.effects_of(self._db, return_id)]
        given = has_given(view, steps)
        final = released(view, given=given, by=message.by, why=message.why, now=now)

        def apply(connection: Connection) -> dict[str, Any]:
            records.close_return(connection, return_id, final, {}, now)
            failing_steps.forget_waiting(connection, return_id)
            orphans.drop(connection, return_id)
            if not given:
                _release_claims(connection, return_id)
            return {"by": message.by, "why": message.why, "claims": "kept" if given else "released"}

        await ledger.once(self._db, ledger.Effect(return_id, "released", {}), apply, now)
        await self._end(return_id, "released")

    async def release_what_is_left(self, return_id: str) -> None:
        """Release what is still claimed by a return that was called off, or of which there is no record."""
        row = await get_return(self._db, return_id)
        if row and (row.closed_at is None or row.status not in ENDED_UNSETTLED):
            return
        async with within(self._client, self._patience):
            there = await self._described(return_workflow_id(return_id))
        if there is None or there.status is not WorkflowExecutionStatus.RUNNING:
            await self._db.write(lambda connection: _release_claims(connection, return_id))

    async def _row(self, return_id: str) -> StoredReturn:
        row = await get_return(self._db, return_id)
        if row is None:
            raise UnknownReturn(return_id)
        return row

    async def _described(self, workflow_id: str) -> WorkflowExecutionDescription | None:
        return await description_of(self._client.get_workflow_handle(workflow_id), self._patience)

    async def _end(self, return_id: str, why: str) -> None:
        """Whoever revived it at the same moment comes too late."""
        handle = self._client.get_workflow_handle(return_workflow_id(return_id))
        with UnlessGone():
            await handle.terminate(why, rpc_timeout=self._patience)

    async def _reset_all(self, row: StoredReturn, ended: WorkflowExecutionDescription) -> None:
        """The repairs that ended with it go on first: it waits for their results."""
        for pending in ended.raw_description.pending_children:
            child = await self._described(pending.workflow_id)
            if child and child.status is WorkflowExecutionStatus.TERMINATED:
                await self._reset(child)
        if not await self._reset(ended):
            await self._begin_anew(row)

    async def _reset(self, ended: WorkflowExecutionDescription, *, first: bool = False) -> bool:
        """Go on from the last task that was done, or the first; what was said after it is said again.

        False when none was.
        """
        execution = WorkflowExecution(workflow_id=ended.id, run_id=ended.run_id)
        events = await self._history(execution)
        task = first_task(events) if first else last_task(events)
        if task is None:
            return False
        request = ResetWorkflowExecutionRequest(
            namespace=self._client.namespace,
            workflow_execution=execution,
            reason=_REASON,
            workflow_task_finish_event_id=task,
            # The same for everybody who revives this run: it is reset once.
            request_id=str(uuid5(NAMESPACE_URL, f"revive/{ended.run_id}")),
            reset_reapply_type=ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
        )
        try:
            await self._client.workflow_service.reset_workflow_execution(request, timeout=self._patience)
        except RPCError:
            now = await self._described(ended.id)
            if now is None or now.status is not WorkflowExecutionStatus.RUNNING:
                raise
        return True

    async def _history(self, execution: WorkflowExecution) -> list[HistoryEvent]:
        """Its whole history, the newest event first."""
        events: list[HistoryEvent] = []
        token = b""
        while True:
            request = GetWorkflowExecutionHistoryReverseRequest(
                namespace=self._client.namespace, execution=execution, maximum_page_size=_PAGE, next_page_token=token
            )
            page = await self._client.workflow_service.get_workflow_execution_history_reverse(
                request, timeout=self._patience
            )
            events += page.history.events
            token = page.next_page_token
            if not token:
                return events

    async def _begin_anew(self, row: StoredReturn) -> None:
        await self._client.start_workflow(
            RETURN,
            {"request": row.request, "retold": await recorded_messages(self._db, row.return_id)},
            id=return_workflow_id(row.return_id),
            task_queue=RETURNS_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=at_start(ReturnRequest.model_validate(row.request)),
            static_summary="Revived from its records",
            rpc_timeout=self._patience,
        )


def _release_claims(connection: Connection, return_id: str) -> None:
    records.release_claims(connection, return_id)
    order_money.release(connection, return_id)


def first_task(backwards: Iterable[HistoryEvent]) -> int | None:
    """The number of the event that ended the first workflow task; None for none."""
    done = (one.event_id for one in backwards if one.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    return min(done, default=None)


def last_task(backwards: Iterable[HistoryEvent]) -> int | None:
    """The number of the event that ended the last workflow task to which a run can be reset; None for none.

    ``backwards`` is its whole history, the newest first. A task between the acceptance of an update and its
    answer is none: reset there, the server does not know the update any more, and refuses its answer for ever.
    """
    tasks: list[int] = []
    answered: dict[int, int] = {}
    for event in backwards:
        number = event.event_id
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            tasks.append(number)
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
            answered[event.workflow_execution_update_completed_event_attributes.accepted_event_id] = number
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            tasks = [task for task in tasks if answered.get(number, task) < task]
    return tasks[0] if tasks else None
