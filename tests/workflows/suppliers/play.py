"""One supplier of a test, and what tests say to its journey and ask of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import ActivityEnvironment

from activities.returns.supplier_units import SendToSupplierInput, SupplierUnitActivities
from activities.suppliers.journey import record_id
from client.names import supplier_workflow_id
from client.suppliers import Suppliers
from gateways.database.messages.outbox import mails_of
from gateways.sandbox.inventory import SandboxInventory
from lifecycle.suppliers.messages import Authorise, RecordCredit, RecordShipment, Refuse
from lifecycle.suppliers.state import SupplierSummary, SupplierView
from starter.demo.story import Stage

_numbers = count(1)
_RUN = uuid4().hex[:6]


class SupplierPlay:
    """Sends units as returns do, and says what operations say; each has a supplier of its own."""

    def __init__(self, stage: Stage, client: Client) -> None:
        self.number = f"{_RUN}-{next(_numbers)}"
        self.supplier_id = f"ACME {self.number}"
        self.suppliers = Suppliers(client)
        self._stage = stage
        self._activities = SupplierUnitActivities(client, stage.db, SandboxInventory(stage.db))

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The newest run of its workflow."""
        return self._stage.clock.client.get_workflow_handle(supplier_workflow_id(self.supplier_id))

    def unit(self, number: int, unit_id: str = "1-1") -> str:
        """The name of a unit of the return of that number."""
        return f"R-{self.number}-{number}/{unit_id}"

    def units(self, *numbers: int) -> list[str]:
        """The names of the first units of these returns."""
        return [self.unit(number) for number in numbers]

    async def send(self, number: int, unit_id: str = "1-1", **changes: Any) -> None:
        """A return sends a unit, by the activity that its workflow runs."""
        given = SendToSupplierInput(
            return_id=f"R-{self.number}-{number}",
            step=f"send_to_supplier-{unit_id}",
            supplier_id=self.supplier_id,
            unit_id=unit_id,
            sku="SHOE-42",
            now=datetime.now(UTC),
        )
        await ActivityEnvironment().run(self._activities.send_to_supplier, given.model_copy(update=changes))

    async def authorise(self, *units: str, key: str = "RMA-1") -> SupplierSummary:
        """The supplier takes them back."""
        message = Authorise(authorisation_id=key, by="ops", unit_ids=list(units))
        return await self.suppliers.authorise(self.supplier_id, message)

    async def ship(self, key: str = "S-1") -> SupplierSummary:
        """They go out."""
        return await self.suppliers.record_shipment(self.supplier_id, RecordShipment(shipment_id=key, by="ops"))

    async def credit(self, *units: str, key: str = "C-1", amount: int = 500) -> SupplierSummary:
        """The supplier pays."""
        message = RecordCredit(credit_id=key, by="ops", amount=amount, currency="USD", unit_ids=list(units))
        return await self.suppliers.record_credit(self.supplier_id, message)

    async def refuse(self, *units: str, request_id: str = "") -> SupplierSummary:
        """The supplier does not."""
        message = Refuse(by="ops", unit_ids=list(units), reason="worn out")
        return await self.suppliers.refuse(self.supplier_id, message, request_id)

    async def shipped(self, count: int = 3) -> list[str]:
        """Bring so many units on their way to the supplier; their names."""
        for number in range(count):
            await self.send(number)
        units = self.units(*range(count))
        await self.authorise(*units)
        await self.ship()
        return units

    async def view(self) -> SupplierView:
        """All of it."""
        return await self.suppliers.view(self.supplier_id)

    async def stages(self) -> dict[str, str]:
        """The stage of each unit."""
        return {unit.unit_id: unit.stage.value for unit in (await self.view()).units}

    async def events(self) -> list[str]:
        """The timeline's event names."""
        return [entry.event for entry in (await self.view()).timeline]

    async def mails(self) -> list[dict[str, Any]]:
        """What was written to operations."""
        return await mails_of(self._stage.db, record_id(self.supplier_id))

    async def days(self, days: float) -> None:
        """Let so many days pass for this supplier."""
        await self._stage.clock.fast_forward(self.handle, timedelta(days=days))

    async def now(self) -> datetime:
        """This supplier's own time."""
        return await self._stage.clock.get_current_time(self.handle)

    async def next_run(self) -> None:
        """Say so much that its history grows long, a unit again and again, until it goes on as a new run."""
        run_id = (await self.handle.describe()).run_id
        known = (await self.view()).units[0]
        return_id, _, unit_id = known.unit_id.partition("/")
        repeat = {"return_id": return_id, "unit_id": unit_id, "sku": known.sku}
        for _ in range(100):
            if (await self.handle.describe()).run_id != run_id:
                return
            await asyncio.gather(*(self.handle.signal("add_unit", repeat) for _ in range(90)))
            await self.view()
        raise TimeoutError(f"{self.supplier_id} never went on as a new run")

    async def until_stages(self, *stages: str) -> None:
        """Wait until the units are at these stages, in the order in which they came."""
        await self.until(self.stages, lambda found: list(found.values()) == list(stages))

    async def until_mails(self, *templates: str) -> None:
        """Wait until exactly these mails have been written."""
        await self.until(self.mails, lambda found: [mail["template"] for mail in found] == list(templates))

    async def until(self, ask: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool]) -> None:
        """Wait until it holds; ``TimeoutError`` tells what was found instead."""
        found = None
        for _ in range(300):
            if holds(found := await ask()):
                return
            await asyncio.sleep(0.1)
        raise TimeoutError(f"{self.supplier_id}: {found}")
