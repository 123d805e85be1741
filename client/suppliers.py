"""The typed way to what goes back to suppliers: each one's journey, and what is said to it."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import uuid4

from pydantic import BaseModel
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from client.errors import HomewardError, NotAllowed, client_errors
from client.names import RETURNS_QUEUE, SUPPLIER, SUPPLIER_PREFIX, supplier_workflow_id
from client.returns import PATIENCE
from client.updates import UnlessGone, send_update, view_of
from lifecycle.shared.markdown import literal
from lifecycle.suppliers.messages import AddUnit, Authorise, RecordCredit, RecordShipment, Refuse
from lifecycle.suppliers.state import SupplierSummary, SupplierView, UnitStage

_RUNNING: Final = f"WorkflowType = '{SUPPLIER}' AND ExecutionStatus = 'Running'"
#: Journeys that are asked at the same time.
_AT_ONCE = 20


class UnknownSupplier(HomewardError):
    """Nothing was ever gathered for a supplier with this id."""

    def __init__(self, supplier_id: str) -> None:
        super().__init__(f"there is nothing for the supplier {supplier_id}")


class Suppliers:
    """Shows suppliers' journeys and takes what suppliers say.

    Every call may raise ``Unreachable``: nothing answered in time, repeating is safe. Those about one
    supplier raise ``UnknownSupplier``; those that change something also ``NotAllowed`` and ``InvalidInput``.
    """

    def __init__(self, client: Client, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._patience = patience

    async def hand_over(
        self, supplier_id: str, *, return_id: str, unit_id: str, sku: str, serial_number: str | None = None
    ) -> None:
        """Give a unit of a return to the supplier's journey, which begins with its first; again, nothing is done."""
        unit = AddUnit(return_id=return_id, unit_id=unit_id, sku=sku, serial_number=serial_number)
        with client_errors():
            await self._client.start_workflow(
                SUPPLIER,
                id=supplier_workflow_id(supplier_id),
                task_queue=RETURNS_QUEUE,
                start_signal="add_unit",
                start_signal_args=[unit],
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                static_summary=f"Goods for supplier {literal(supplier_id)}",
            )

    async def knows(self, supplier_id: str, return_id: str, unit_id: str) -> bool:
        """Whether the supplier's journey was given the unit, be it that the unit or the journey has ended."""
        try:
            view = await self.view(supplier_id)
        except UnknownSupplier:
            return False
        return f"{return_id}/{unit_id}" in {unit.unit_id for unit in view.units}

    async def authorise(self, supplier_id: str, message: Authorise) -> SupplierSummary:
        """Record that the supplier takes units back; the same ``authorisation_id`` again changes nothing."""
        return await self._update(supplier_id, "authorise", message, f"authorise:{message.authorisation_id}")

    async def record_shipment(self, supplier_id: str, message: RecordShipment) -> SupplierSummary:
        """Record that everything authorised went out; the same ``shipment_id`` again changes nothing."""
        return await self._update(supplier_id, "record_shipment", message, f"shipment:{message.shipment_id}")

    async def record_credit(self, supplier_id: str, message: RecordCredit) -> SupplierSummary:
        """Record what the supplier gave back; the same ``credit_id`` again changes nothing."""
        return await self._update(supplier_id, "record_credit", message, f"credit:{message.credit_id}")

    async def refuse(self, supplier_id: str, message: Refuse, request_id: str = "") -> SupplierSummary:
        """Record that the supplier refuses units; the same units for the same reason again change nothing."""
        return await self._update(supplier_id, "refuse", message, f"refuse:{request_id or uuid4().hex}")

    async def view(self, supplier_id: str) -> SupplierView:
        """Show all of one supplier's journey."""
        handle = self._client.get_workflow_handle(supplier_workflow_id(supplier_id))
        with client_errors():
            view = await view_of(handle, SupplierView, self._patience)
        if view is None:
            raise UnknownSupplier(supplier_id)
        return view

    async def list(self, limit: int = 100) -> list[SupplierSummary]:
        """List the suppliers, by their ids."""
        found: set[str] = set()
        with client_errors():
            async for execution in self._client.list_workflows(_RUNNING, rpc_timeout=self._patience):
                found.add(execution.id.removeprefix(SUPPLIER_PREFIX))
        some = asyncio.Semaphore(_AT_ONCE)

        async def ask(supplier_id: str) -> SupplierSummary:
            async with some:
                return (await self.view(supplier_id)).totals

        return await asyncio.gather(*(ask(supplier_id) for supplier_id in sorted(found)[:limit]))

    async def _update(self, supplier_id: str, name: str, message: BaseModel, update_id: str) -> SupplierSummary:
        handle = self._client.get_workflow_handle(supplier_workflow_id(supplier_id))
        with client_errors(), UnlessGone():
            return await send_update(handle, name, message, update_id, SupplierSummary, self._patience)
        raise UnknownSupplier(supplier_id)


def units_at(view: SupplierView, stage: UnitStage) -> list[str]:
    """The units at that stage; raises ``NotAllowed`` when there is none."""
    found = [unit.unit_id for unit in view.units if unit.stage is stage]
    if not found:
        raise NotAllowed(f"no unit for {view.supplier_id} is {stage}")
    return found
