"""Drives the plain return: mail, one unit, as new, refunded to one card; and checks what came of it."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from benchmarks.postgresql import PostgreSQL
from benchmarks.processes import WorkerProcess, running
from benchmarks.replaying import one_after_another
from benchmarks.request import AMOUNT, SKU, plain_request
from benchmarks.sides import Lived, label_sent, timed
from client.names import return_workflow_id
from client.returns import Homeward
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.messages import outbox
from gateways.database.stock import inventory
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import InspectedUnit, Inspection, Receipt, ReceiptUnits, TrackingEvent, TrackingStatus
from lifecycle.contract.request import parse_request
from lifecycle.contract.statuses import Status
from starter.local.temporal_server import TemporalServer
from starter.shared.connect import client_of
from workers.converter import CONVERTER
from workflows.returns.workflow import ReturnWorkflow

#: Every step of a plain return, each once.
_EFFECTS = Counter(["open", "buy_return_label", "receive", "restock", "refund-t1", "close"])
_MAILS = 2
#: What events are signed with; nobody checks it here.
_SECRET = f"whsec_{b64encode(bytes(24)).decode()}"
#: Long enough for a machine that has other work to do: what is slow is measured, not given up.
PATIENCE = timedelta(minutes=1)


class WrongOutcome(Exception):
    """A return did not end as it must; the message says which and how."""


class Plain:
    """The real engine, spoken to through the typed client."""

    def __init__(
        self,
        client: Client,
        db: Database,
        worker: WorkerProcess,
        environment: Mapping[str, str],
        servers: Sequence[int],
        name: str,
    ) -> None:
        self.name = name
        self.worker = worker
        self.servers = servers
        self.client = client
        self.db = db
        #: What another process needs to reach the same engine.
        self.environment = environment
        self.homeward = Homeward(client, db, PATIENCE)

    def handle(self, return_id: str) -> WorkflowHandle[Any, Any]:
        """The return's workflow."""
        return self.client.get_workflow_handle(return_workflow_id(return_id))

    async def live(self, return_id: str) -> Lived:
        """One lifecycle."""
        request = parse_request(plain_request(return_id), now=datetime.now(UTC))
        _, decision = await timed(self.homeward.start(request))
        label = await label_sent(self.handle(return_id), lambda: ledger.find(self.db, return_id, "buy_return_label"))
        await self.homeward.tracking_event(return_id, _scan(label["tracking_code"]))
        receipt = Receipt(receipt_id="1", units=[ReceiptUnits(line_id="1", quantity=1)])
        _, received = await timed(self.homeward.record_receipt(return_id, receipt))
        unit = InspectedUnit(unit_id="1-1", accepted=True, grade=Grade.A)
        inspection = Inspection(inspection_id="1", by="bench", units=[unit])
        _, inspected = await timed(self.homeward.record_inspection(return_id, inspection))
        await self.handle(return_id).result()
        return Lived(decision, (received, inspected))

    async def replay(self, histories: list[WorkflowHistory]) -> None:
        """Replay histories of returns."""
        replayer = Replayer(
            workflows=[ReturnWorkflow], data_converter=CONVERTER, workflow_runner=UnsandboxedWorkflowRunner()
        )
        await one_after_another(replayer, histories)

    async def check(self, return_id: str) -> None:
        """Look at the final state, the ledger, the stock and the mails; raises ``WrongOutcome``."""
        view = await self.homeward.view(return_id)
        paid = [(entry.tender_id, entry.amount, entry.state) for entry in view.settlement.paid]
        effects = Counter(effect["step"] for effect in await ledger.effects_of(self.db, return_id))
        on_shelf = [
            move
            for move in await inventory.movements_of(self.db, return_id)
            if move["sku"] == SKU and move["grade"] == "A" and move["quantity"] == 1
        ]
        mails = await outbox.mails_of(self.db, return_id)
        wrong = {
            "status": (view.status, Status.REFUNDED),
            "closed": (view.closed, True),
            "paid": (paid, [("t1", AMOUNT, "succeeded")]),
            "ledger": (effects, _EFFECTS),
            "units put on the shelf": (len(on_shelf), 1),
            "mails": (len(mails), _MAILS),
        }
        found = [f"{what}: {got!r}, not {must!r}" for what, (got, must) in wrong.items() if got != must]
        if found:
            raise WrongOutcome(f"{return_id}: {'; '.join(found)}")


def _scan(tracking_code: str) -> TrackingEvent:
    at = datetime.now(UTC)
    return TrackingEvent(event_id="1", tracking_code=tracking_code, status=TrackingStatus.IN_TRANSIT, at=at)


@asynccontextmanager
async def plain(
    server: TemporalServer,
    folder: Path,
    *,
    subscriber: str | None = None,
    postgresql: PostgreSQL | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Plain]:
    """The plain return with a new database and its worker running; ``subscriber`` is the URL of one.

    The database is SQLite without ``postgresql``, which then is to be one server more. A Temporal server can serve one
    at a time: all use the same task queues.
    """
    url = f"{postgresql.address}/homeward" if postgresql else f"sqlite:///{folder / 'homeward.db'}"
    environment = {
        "TEMPORAL_ADDRESS": server.address,
        "HOMEWARD_DATABASE_URL": url,
        "HOMEWARD_LOG_LEVEL": "WARNING",
        "HOMEWARD_SUBSCRIBERS": json.dumps([{"url": subscriber, "secret": _SECRET}] if subscriber else []),
        **(settings or {}),
    }
    servers = [server.pid, *([postgresql.pid] if postgresql else [])]
    db = Database(url)
    await db.upgrade()
    client = await client_of({"target_host": server.address})
    command = ["-c", "from starter.cli.main import main; main()", "worker"]
    try:
        async with running(command, folder / "worker.log", environment) as worker:
            yield Plain(client, db, worker, environment, servers, "return-postgresql" if postgresql else "return")
    finally:
        await db.dispose()
