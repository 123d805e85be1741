"""Drives the floor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle, WorkflowHistory
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
)
from temporalio.worker import Replayer

from benchmarks.floor import TASK_QUEUE, WORKFLOW, FloorWorkflow
from benchmarks.processes import WorkerProcess, running
from benchmarks.replaying import one_after_another
from benchmarks.request import plain_request
from benchmarks.sides import LabelWatch, Lived, timed, watching

_AT_START = TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_keyword("ReturnStatus"), "requested")])


class Floor:
    """The bare workflow, spoken to with the same calls as a return."""

    name = "floor"

    def __init__(self, client: Client, worker: WorkerProcess, watch: LabelWatch) -> None:
        self.worker = worker
        self._client = client
        self._watch = watch

    def handle(self, return_id: str) -> WorkflowHandle[Any, Any]:
        """The bare workflow that stands for a return."""
        return self._client.get_workflow_handle(f"floor-{return_id}")

    async def live(self, return_id: str) -> Lived:
        """One lifecycle."""
        handle = self.handle(return_id)
        _, decision = await timed(self._start(return_id, handle.id))
        await self._watch.label_sent(handle.id)
        await handle.signal("tracking_event", {"event_id": "1", "status": "in_transit"})
        receipt = {"receipt_id": "1", "units": [{"line_id": "1", "quantity": 1}]}
        _, received = await timed(handle.execute_update("record_receipt", receipt, id="receipt:1"))
        inspection = {"inspection_id": "1", "units": [{"unit_id": "1-1", "grade": "A"}]}
        _, inspected = await timed(handle.execute_update("record_inspection", inspection, id="inspection:1"))
        await handle.result()
        return Lived(decision, (received, inspected))

    async def _start(self, return_id: str, workflow_id: str) -> None:
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            WORKFLOW,
            plain_request(return_id),
            id=workflow_id,
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=_AT_START,
        )
        await self._client.execute_update_with_start_workflow("decision", start_workflow_operation=start, id="decision")

    async def replay(self, histories: list[WorkflowHistory]) -> None:
        """Replay floor histories."""
        await one_after_another(Replayer(workflows=[FloorWorkflow]), histories)


@asynccontextmanager
async def floor(address: str, folder: Path) -> AsyncIterator[Floor]:
    """The floor with its worker running."""
    client = await Client.connect(address)
    command = ["-m", "benchmarks.floor_worker", address]
    async with running(command, folder / "floor.log") as worker, watching(client, WORKFLOW) as watch:
        yield Floor(client, worker, watch)
