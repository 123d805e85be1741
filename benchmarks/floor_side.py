"""Drives the floor."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TextIO

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle, WorkflowHistory
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from benchmarks.floor import WORKFLOW, FloorWorkflow
from benchmarks.processes import WorkerProcess, running
from benchmarks.replaying import one_after_another
from benchmarks.request import plain_request
from benchmarks.sides import Lived, label_sent, timed
from client.search_attributes import STATUS
from starter.local.temporal_server import TemporalServer
from starter.shared.connect import client_of
from workers.converter import CONVERTER

_AT_START = TypedSearchAttributes([SearchAttributePair(STATUS, "requested")])


class Floor:
    """The bare workflow, spoken to with the same calls as a return; in the SDK's sandbox or not."""

    def __init__(
        self, server: TemporalServer, client: Client, worker: WorkerProcess, log: TextIO, name: str, *, sandboxed: bool
    ) -> None:
        self.name = name
        self.worker = worker
        self.servers: Sequence[int] = [server.pid]
        self._client = client
        self._log = log
        self._labelled: set[str] = set()
        self._runner = SandboxedWorkflowRunner() if sandboxed else UnsandboxedWorkflowRunner()

    def handle(self, return_id: str) -> WorkflowHandle[Any, Any]:
        """The bare workflow that stands for a return."""
        return self._client.get_workflow_handle(f"{self.name}-{return_id}")

    async def live(self, return_id: str) -> Lived:
        """One lifecycle."""
        handle = self.handle(return_id)
        _, decision = await timed(self._start(return_id, handle.id))
        await label_sent(handle, lambda: self._label(handle.id))
        await handle.signal("tracking_event", {"event_id": "1", "status": "in_transit"})
        receipt = {"receipt_id": "1", "units": [{"line_id": "1", "quantity": 1}]}
        _, received = await timed(handle.execute_update("record_receipt", receipt, id="receipt:1"))
        inspection = {"inspection_id": "1", "units": [{"unit_id": "1-1", "grade": "A"}]}
        _, inspected = await timed(handle.execute_update("record_inspection", inspection, id="inspection:1"))
        await handle.result()
        return Lived(decision, (received, inspected))

    async def _label(self, workflow_id: str) -> str | None:
        """The workflow's id once its label is there, as its worker's log says."""
        self._labelled.update(self._log.read().split())
        return workflow_id if workflow_id in self._labelled else None

    async def _start(self, return_id: str, workflow_id: str) -> None:
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            WORKFLOW,
            plain_request(return_id),
            id=workflow_id,
            task_queue=self.name,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=_AT_START,
        )
        await self._client.execute_update_with_start_workflow("decision", start_workflow_operation=start, id="decision")

    async def replay(self, histories: list[WorkflowHistory]) -> None:
        """Replay floor histories."""
        replayer = Replayer(workflows=[FloorWorkflow], data_converter=CONVERTER, workflow_runner=self._runner)
        await one_after_another(replayer, histories)


@asynccontextmanager
async def floor(server: TemporalServer, folder: Path, *, sandboxed: bool = False) -> AsyncIterator[Floor]:
    """The floor with its worker running."""
    name = "floor-sandboxed" if sandboxed else "floor"
    client = await client_of({"target_host": server.address})
    command = ["-m", "benchmarks.floor_worker", server.address, name, *(["sandboxed"] if sandboxed else [])]
    path = folder / f"{name}.log"
    async with running(command, path) as worker:
        with path.open() as log:
            yield Floor(server, client, worker, log, name, sandboxed=sandboxed)
