"""One return of the demonstration, and what its customer, carrier and warehouse do."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper

from gateways.database.engine import Database
from lifecycle.messages import (
    Approve,
    Cancel,
    Grade,
    InspectedUnit,
    Inspection,
    Receipt,
    ReceiptUnits,
    ResolveAttention,
    TrackingEvent,
    TrackingStatus,
)
from lifecycle.request import ReturnRequest, parse_request
from lifecycle.view import Reception, Status, View
from starter.client import Homeward, workflow_id
from starter.dates import delivered

#: How long a story waits for the engine before it calls the demonstration failed, in seconds.
PATIENCE = 60.0
_PAUSE = 0.1


@dataclass(frozen=True)
class Stage:
    """What all stories share."""

    homeward: Homeward
    clock: TimeSkipper
    db: Database


class Story:
    """Drives one return; time passes for this return alone."""

    def __init__(self, stage: Stage, request: ReturnRequest) -> None:
        self._stage = stage
        self.request = request
        self.return_id = request.return_id or ""

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The return's workflow."""
        return self._stage.clock.client.get_workflow_handle(workflow_id(self.return_id))

    async def view(self) -> View:
        """The whole view, as it is now."""
        return await self._stage.homeward.view(self.return_id)

    async def start(self, until: Status | None = Status.LABEL_SENT) -> None:
        """Ask for the return, and wait for the label."""
        await self._stage.homeward.start(self.request)
        if until:
            await self.until(until)

    async def until(self, status: Status) -> View:
        """Wait until the return is there; ``TimeoutError`` names what it waited for."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            view = await self.view()
            if view.status is status:
                return view
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"{self.return_id} is {view.status}, not {status}, after {PATIENCE:.0f} s")
            await asyncio.sleep(_PAUSE)

    async def attention(self) -> View:
        """Wait until a step needs a person."""
        for _ in range(int(PATIENCE / _PAUSE)):
            view = await self.view()
            if view.attention:
                return view
            await asyncio.sleep(_PAUSE)
        raise TimeoutError(f"{self.return_id} never needed a person")

    async def days(self, days: float) -> None:
        """Let so many days pass."""
        await self._stage.clock.fast_forward(self.handle, timedelta(days=days))

    async def scan(self, status: TrackingStatus) -> None:
        """The carrier scans the parcel."""
        view = await self.view()
        event = TrackingEvent(
            event_id=f"evt-{uuid4().hex[:12]}",
            tracking_code=view.handover.tracking_code or "unknown",
            status=status,
            at=await self._stage.clock.get_current_time(self.handle),
        )
        await self._stage.homeward.tracking_event(self.return_id, event)

    async def receive(self, quantity: int | None = None, *, complete: bool = True) -> None:
        """The warehouse opens a parcel: with so many of the units still awaited, or all of them."""
        view = await self.view()
        coming = [unit for unit in view.units if unit.reception in (Reception.AWAITING, Reception.IN_TRANSIT)]
        units = [ReceiptUnits(line_id=unit.line_id) for unit in coming[:quantity]]
        receipt = Receipt(receipt_id=f"rcpt-{uuid4().hex[:8]}", complete=complete, units=units)
        await self._stage.homeward.record_receipt(self.return_id, receipt)

    async def inspect(self, *grades: Grade) -> None:
        """The warehouse grades the units it has, in their order; A where no grade is given."""
        view = await self.view()
        waiting = [unit.unit_id for unit in view.units if unit.reception is Reception.RECEIVED and unit.grade is None]
        verdicts = [
            InspectedUnit(unit_id=unit_id, grade=grades[number] if number < len(grades) else Grade.A)
            for number, unit_id in enumerate(waiting)
        ]
        inspection = Inspection(inspection_id=f"insp-{uuid4().hex[:8]}", by="warehouse", units=verdicts)
        await self._stage.homeward.record_inspection(self.return_id, inspection)

    async def approve(self) -> None:
        """A reviewer lets it go on."""
        await self._stage.homeward.approve(self.return_id, Approve(by="reviewer"))

    async def cancel(self) -> None:
        """The customer calls it off."""
        await self._stage.homeward.cancel(self.return_id, Cancel(by="customer", reason="changed my mind"))

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
