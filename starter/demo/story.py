"""One return of the demonstration, and what its customer, carrier and warehouse do."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.converter import DataConverter
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from client.errors import UnknownRepair, Unreachable
from client.names import repair_id, return_workflow_id, supplier_workflow_id
from client.repairs import Repairs
from client.returns import Homeward
from client.suppliers import Suppliers
from gateways.database.engine import Database
from gateways.database.stock.inventory import add_stock
from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.messages import (
    AnswerCharge,
    Approve,
    AttestWipe,
    Cancel,
    ChangeRequest,
    InspectedUnit,
    Inspection,
    Override,
    Receipt,
    ReceiptUnits,
    ResolveAttention,
    TrackingEvent,
    TrackingStatus,
)
from lifecycle.contract.request import ReturnRequest, parse_request
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Reception, View
from lifecycle.repairs.messages import Diagnosis, DiagnosisOutcome, EstimateAnswer, RepairCheck, RepairWork
from lifecycle.shared.repair_messages import RepairState
from lifecycle.suppliers.messages import Authorise, RecordCredit, RecordShipment
from starter.local.up import Ready
from starter.shared.example_dates import delivered
from workers.converter import CONVERTER

#: How long a story waits for the engine before it calls the demonstration failed, in seconds.
PATIENCE = 60.0
_PAUSE = 0.1


@dataclass(frozen=True)
class Stage:
    """What all stories share."""

    homeward: Homeward
    clock: TimeSkipper
    db: Database


@asynccontextmanager
async def stage_at(
    ready: Ready, patience: timedelta = timedelta(seconds=30), converter: DataConverter = CONVERTER
) -> AsyncIterator[Stage]:
    """A stage on what runs there; ``patience`` is how long a call waits for an answer."""
    client = await Client.connect(ready.temporal, data_converter=converter)
    database = Database(ready.database)
    clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    try:
        yield Stage(Homeward(clock.client, database, patience), clock, database)
    finally:
        await database.dispose()


class Story:
    """Drives one return; time passes for this return alone."""

    def __init__(self, stage: Stage, request: ReturnRequest) -> None:
        self._stage = stage
        self.request = request
        self.return_id = request.return_id or ""

    @property
    def repairs(self) -> Repairs:
        """The way to the repair bench."""
        return Repairs(self._stage.clock.client)

    @property
    def suppliers(self) -> Suppliers:
        """The way to what suppliers say."""
        return Suppliers(self._stage.clock.client)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The return's workflow."""
        return self._stage.clock.client.get_workflow_handle(return_workflow_id(self.return_id))

    async def view(self) -> View:
        """The whole view, as it is now."""
        return await self._stage.homeward.view(self.return_id)

    async def start(self, until: Status | None = Status.LABEL_SENT) -> None:
        """Ask for the return, and wait for the label."""
        await self._stage.homeward.start(self.request)
        if until:
            await self.until(until)

    async def hand_over(self, days: float = 2) -> None:
        """Asked for and handed over, so many days ago."""
        await self.start()
        await self.scan(TrackingStatus.ACCEPTED)
        await self.days(days)

    async def hand_in(self) -> None:
        """Asked for, handed over, and with the warehouse two days later."""
        await self.hand_over()
        await self.receive()

    async def until(self, status: Status) -> View:
        """Wait until the return is there; ``TimeoutError`` names what it waited for."""
        return await self.until_it(lambda view: view.status is status, status)

    async def until_it(self, holds: Callable[[View], bool], what: str) -> View:
        """Wait until it holds of the return; ``TimeoutError`` names what it waited for."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            view = await self.view()
            if holds(view):
                return view
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"{self.return_id} is {view.status}, not {what}, after {PATIENCE:.0f} s")
            await asyncio.sleep(_PAUSE)

    async def happened(self, event: str) -> View:
        """Wait until it stands on the timeline."""
        return await self.until_it(lambda view: any(entry.event == event for entry in view.timeline), event)

    async def attention(self, step: str | None = None) -> View:
        """Wait until a step needs an operator."""
        return await self.until_it(
            lambda view: view.attention is not None and step in (None, view.attention.step), "in need of an operator"
        )

    async def days(self, days: float) -> None:
        """Let so many days pass."""
        await self._stage.clock.fast_forward(self.handle, timedelta(days=days))

    async def scan(self, status: TrackingStatus, tracking_code: str | None = None) -> str:
        """The carrier scans the parcel, the newest where no code names another; the code that was scanned."""
        code = tracking_code or (await self.view()).handover.tracking_code or "unknown"
        event = TrackingEvent(
            event_id=f"evt-{uuid4().hex[:12]}",
            tracking_code=code,
            status=status,
            at=await self._stage.clock.get_current_time(self.handle),
        )
        await self._stage.homeward.tracking_event(self.return_id, event)
        return code

    async def receive(self, quantity: int | None = None, *, complete: bool = True) -> None:
        """The warehouse opens a parcel: with so many of the units still awaited, or all of them."""
        view = await self.view()
        coming = [unit for unit in view.units if unit.reception in (Reception.AWAITING, Reception.IN_TRANSIT)]
        await self._received([ReceiptUnits(line_id=unit.line_id) for unit in coming[:quantity]], complete=complete)

    async def receive_serials(self, *serial_numbers: str, complete: bool = False) -> None:
        """The warehouse opens a parcel and reads the serial numbers."""
        units = [ReceiptUnits(line_id="1", serial_number=number) for number in serial_numbers]
        await self._received(units, complete=complete)

    async def _received(self, units: list[ReceiptUnits], *, complete: bool) -> None:
        receipt = Receipt(receipt_id=f"rcpt-{uuid4().hex[:8]}", complete=complete, units=units)
        await self._stage.homeward.record_receipt(self.return_id, receipt)

    async def verdicts(self, grades: Mapping[str, Grade | None]) -> None:
        """The warehouse grades these units; no grade is a rejection."""
        await self._inspected(
            [
                InspectedUnit(
                    unit_id=unit_id, accepted=grade is not None, grade=grade, note=None if grade else "not ours"
                )
                for unit_id, grade in grades.items()
            ]
        )

    async def reject(self, unit_id: str, why: str) -> None:
        """The warehouse does not accept a unit."""
        await self._inspected([InspectedUnit(unit_id=unit_id, accepted=False, note=why)])

    async def inspect(self, *grades: Grade, disposition: Disposition | None = None) -> None:
        """The warehouse grades the units it has, in their order; A where no grade is given."""
        view = await self.view()
        waiting = [unit.unit_id for unit in view.units if unit.reception is Reception.RECEIVED and unit.grade is None]
        await self._inspected(
            [
                InspectedUnit(unit_id=unit_id, grade=grade, disposition=disposition)
                for unit_id, grade in zip(waiting, chain(grades, repeat(Grade.A)), strict=False)
            ]
        )

    async def graded(self, *grades: Grade, disposition: Disposition | None = None) -> None:
        """Graded as ``inspect`` does, and closed."""
        await self.inspect(*grades, disposition=disposition)
        await self.closed()

    async def _inspected(self, units: list[InspectedUnit]) -> None:
        inspection = Inspection(inspection_id=f"insp-{uuid4().hex[:8]}", by="warehouse", units=units)
        await self._stage.homeward.record_inspection(self.return_id, inspection)

    async def approve(self) -> None:
        """A reviewer lets it go on."""
        await self._stage.homeward.approve(self.return_id, Approve(by="reviewer"))

    async def cancel(self) -> None:
        """The customer calls it off."""
        await self._stage.homeward.cancel(self.return_id, Cancel(by="customer", reason="changed my mind"))

    async def change(self, **changes: Any) -> None:
        """The customer wants it otherwise."""
        message = ChangeRequest.model_validate({"by": "customer", **changes})
        await self._stage.homeward.change_request(self.return_id, message)

    async def answer_charge(self, **said: Any) -> None:
        """The customer answers what an exchange costs more than was agreed."""
        message = AnswerCharge.model_validate({"by": "customer", **said})
        await self._stage.homeward.answer_charge(self.return_id, message)

    async def choose_slot(self, number: int = 0) -> None:
        """The customer chooses one of the pickup's times, and the carrier is booked."""
        view = await self.until_it(
            lambda view: view.handover.pickup is not None and bool(view.handover.pickup.slots), "offered a pickup"
        )
        slots = view.handover.pickup.slots if view.handover.pickup else []
        await self.change(pickup_slot=slots[number].model_dump(mode="json"))
        await self.until(Status.LABEL_SENT)

    async def override(self, field: str, value: Any, unit_id: str | None = None) -> None:
        """An operator changes a fact."""
        message = Override(by="support", why="the customer asked for it", field=field, value=value, unit_id=unit_id)
        await self._stage.homeward.override(self.return_id, message)

    async def wipe(self, unit_id: str) -> None:
        """Somebody wipes a unit and says so."""
        message = AttestWipe(by="bench", unit_id=unit_id, how="factory reset, twice")
        await self._stage.homeward.attest_wipe(self.return_id, message)

    async def in_stock(self, quantity: int = 1) -> None:
        """There are so many of everything that this return may want."""
        request = self.request
        wanted = {request.order.line(item.line_id).sku for item in request.items}
        wanted |= {item.sku for item in request.exchange_for or []}
        for sku in wanted:
            await add_stock(self._stage.db, sku, quantity)

    async def on_bench(self, unit_id: str, state: RepairState = RepairState.DIAGNOSING) -> None:
        """Wait until the unit is on the repair bench, in that state."""
        await self.until_it(
            lambda view: any(
                unit.unit_id == unit_id and unit.repair is not None and unit.repair["state"] == state
                for unit in view.units
            ),
            f"on the bench, {state}",
        )
        await self._until_it_runs(unit_id)

    async def _until_it_runs(self, unit_id: str) -> None:
        """The return says so a moment before the bench's own workflow answers."""
        for _ in range(int(PATIENCE / _PAUSE)):
            try:
                await self.repairs.view(self.return_id, unit_id)
            except (UnknownRepair, Unreachable):
                await asyncio.sleep(_PAUSE)
            else:
                return
        raise TimeoutError(f"{self.return_id}: {unit_id} never came to the bench")

    async def repair_for_the_shelf(self, unit_id: str) -> None:
        """The bench repairs a unit of the shop's own; its return has closed."""
        await self._until_it_runs(unit_id)
        diagnosis = Diagnosis(diagnosis_id=uuid4().hex[:8], outcome=DiagnosisOutcome.REPAIRABLE)
        await self.repairs.diagnose(self.return_id, unit_id, diagnosis)
        await self.repair(unit_id)
        handle = self._stage.clock.client.get_workflow_handle(repair_id(self.return_id, unit_id))
        await asyncio.wait_for(handle.result(), PATIENCE)

    async def supplier_pays(self, unit_id: str, amount: int) -> None:
        """Weeks later: the supplier is asked, takes the unit back, gets it, and gives credit; the return has closed."""
        supplier_id = self.request.order.line(unit_id.rpartition("-")[0]).supplier_id or ""
        handle = self._stage.clock.client.get_workflow_handle(supplier_workflow_id(supplier_id))
        await self._stage.clock.fast_forward(handle, timedelta(days=8))
        units = [f"{self.return_id}/{unit_id}"]
        key = uuid4().hex[:8]
        await self.suppliers.authorise(supplier_id, Authorise(authorisation_id=f"RMA-{key}", by="acme", unit_ids=units))
        await self.suppliers.record_shipment(supplier_id, RecordShipment(shipment_id=f"S-{key}", by="warehouse"))
        await self._stage.clock.fast_forward(handle, timedelta(days=60))
        credit = RecordCredit(
            credit_id=f"C-{key}", by="acme", amount=amount, currency=self.request.order.currency, unit_ids=units
        )
        await self.suppliers.record_credit(supplier_id, credit)

    async def diagnose(self, unit_id: str, outcome: DiagnosisOutcome, estimate: int | None = None) -> None:
        """The bench looks at a unit."""
        await self.on_bench(unit_id)
        message = Diagnosis(diagnosis_id=uuid4().hex[:8], outcome=outcome, estimate=estimate)
        await self.repairs.diagnose(self.return_id, unit_id, message)

    async def answer_estimate(self, unit_id: str, *, accepted: bool) -> None:
        """The customer answers the estimate."""
        await self.on_bench(unit_id, RepairState.AWAITING_CUSTOMER)
        await self.repairs.answer_estimate(self.return_id, unit_id, EstimateAnswer(by="customer", accepted=accepted))

    async def repair(self, unit_id: str, *, passed: bool = True) -> None:
        """The bench repairs a unit and checks it."""
        await self.repairs.record_repair(self.return_id, unit_id, RepairWork(repair_id=uuid4().hex[:8]))
        check = RepairCheck(check_id=uuid4().hex[:8], passed=passed)
        await self.repairs.record_check(self.return_id, unit_id, check)

    async def resolve(self, action: Literal["retry", "mark_done", "skip"]) -> None:
        """An operator answers the step that waits."""
        message = ResolveAttention(by="operator", action=action)
        await self._stage.homeward.resolve_attention(self.return_id, message)

    async def mark_done(self, reference: str) -> None:
        """Finance says that the step is done."""
        answer = ResolveAttention(by="finance", action="mark_done", reference=reference)
        await self._stage.homeward.resolve_attention(self.return_id, answer)

    async def closed(self) -> None:
        """Wait until the workflow has completed."""
        await asyncio.wait_for(self.handle.result(), PATIENCE)


def read_example(path: Path) -> ReturnRequest:
    """An example's request, its order delivered four days ago."""
    now = datetime.now(UTC)
    return parse_request(delivered(json.loads(path.read_text()), 4, now), now=now, forbid_unknown=True)
