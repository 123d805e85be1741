"""Goods for suppliers: units handed to their supplier's journey, and that journey's own steps."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.shared.effects import AtPartner, Effects, StepInput
from activities.shared.mails import compose, key_of, operations
from client.names import RETURNS_QUEUE, SUPPLIER, supplier_workflow_id
from gateways.database.engine import Database
from gateways.database.messages.outbox import put
from gateways.database.stock.inventory import Inventory
from gateways.errors import Unavailable
from lifecycle.contract.policy import Policy
from lifecycle.shared.markdown import literal
from lifecycle.suppliers.batches import plan_batch
from lifecycle.suppliers.messages import AddUnit
from lifecycle.suppliers.state import BatchPlan, SupplierNotice, SupplierView

#: Characters that the database keeps of a record's id.
_LONGEST_RECORD = 100
#: What the id of a record looks like that was too long; no other id may.
_SHORTENED = re.compile(r"(?s)^.{80}#[0-9a-f]{16}$")
#: How long a supplier's journey may take to say what it knows.
_PATIENCE = timedelta(seconds=5)


class SendToSupplierInput(StepInput):
    """A unit of a settled return for its supplier; the step's name is the idempotency key."""

    supplier_id: str
    unit_id: str
    sku: str
    serial_number: str | None = None
    #: The line's title, as the shop knows it.
    title: str = ""


class AskedUnit(BaseModel):
    """A unit as a mail names it."""

    unit_id: str
    sku: str
    serial_number: str | None
    stage: str
    since: AwareDatetime


class SupplierMailInput(BaseModel):
    """A mail to operations about units of one supplier."""

    supplier_id: str
    notice: SupplierNotice
    units: list[AskedUnit]
    now: AwareDatetime


class PlanInput(BaseModel):
    """When the first unit of a batch came, or as near to it as the policy could be asked."""

    now: AwareDatetime


class SupplierActivities:
    """``client`` is the one that starts and signals suppliers' journeys."""

    def __init__(self, client: Client, database: Database, inventory: Inventory, policy: Callable[[], Policy]) -> None:
        self._client = client
        self._database = database
        self._inventory = inventory
        self._policy = policy

    @activity.defn
    async def send_to_supplier(self, given: SendToSupplierInput) -> None:
        """Hand a unit to its supplier's journey, once; the journey begins with its first unit."""
        unit = AddUnit(
            return_id=given.return_id, unit_id=given.unit_id, sku=given.sku, serial_number=given.serial_number
        )

        async def ask(key: str) -> str | None:
            async with self._inventory.attempt(key, [given.title]):
                return await self._find_unit(given.supplier_id, unit)

        async def hand_over(key: str) -> str:
            async with self._inventory.attempt(key, [given.title]):
                await self._signal(given.supplier_id, unit)
            return given.supplier_id

        handing = AtPartner(
            asked={"supplier_id": given.supplier_id, **unit.model_dump()},
            ask=ask,
            do=hand_over,
            record=lambda _, supplier_id: {"supplier_id": supplier_id},
        )
        await Effects(self._database, "inventory").at_partner(given, handing)

    async def _find_unit(self, supplier_id: str, unit: AddUnit) -> str | None:
        """The supplier's id where its journey knows the unit, be it that the unit or the journey has ended."""
        journey = self._client.get_workflow_handle(supplier_workflow_id(supplier_id))
        try:
            known = SupplierView.model_validate(await journey.query("view", rpc_timeout=_PATIENCE))
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise _unreachable(error) from error
        return supplier_id if unit.name in {one.unit_id for one in known.units} else None

    async def _signal(self, supplier_id: str, unit: AddUnit) -> None:
        try:
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
        except RPCError as error:
            raise _unreachable(error) from error

    @activity.defn
    async def plan_batch(self, given: PlanInput) -> BatchPlan:
        """When units gathered from now on make a batch, by the policy in force."""
        return plan_batch(self._policy(), given.now)

    @activity.defn
    async def write_supplier_mail(self, given: SupplierMailInput) -> None:
        """Write a mail to operations."""
        record, notice = record_id(given.supplier_id), given.notice
        mail = compose(
            notice.template,
            _values(given),
            operations(self._policy().shop),
            record=record,
            key=key_of(record, notice.step, notice.template),
            at=given.now,
        )
        step = StepInput(return_id=record, step=notice.step, now=given.now)
        asked = {"template": notice.template, "unit_ids": notice.unit_ids}

        def apply(connection: Connection) -> None:
            put(connection, mail)

        await Effects(self._database, "records").in_database(step, asked, apply)


def _unreachable(error: RPCError) -> Unavailable:
    return Unavailable(f"Temporal answered {error.status.name}", error.status.name.lower())


def record_id(supplier_id: str) -> str:
    """Under which a supplier's mails and effects are kept; no return has such an id: it holds a colon."""
    plain = f"supplier:{supplier_id}"
    if len(plain) <= _LONGEST_RECORD and not _SHORTENED.match(plain):
        return plain
    return f"{plain[:80]}#{hashlib.sha256(supplier_id.encode()).hexdigest()[:16]}"


def _values(given: SupplierMailInput) -> dict[str, Any]:
    units = [unit.model_dump() | {"since": unit.since.date().isoformat()} for unit in given.units]
    return {"supplier_id": given.supplier_id, "batch": given.notice.batch, "units": units}
