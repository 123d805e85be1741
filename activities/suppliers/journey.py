"""The steps of goods' journey to one supplier: when a batch is planned, and mails to operations."""

from collections.abc import Callable
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import Effects, StepInput
from activities.shared.mails import compose, key_of, operations
from activities.shared.record_events import keep_events
from gateways.database.engine import Database
from gateways.database.messages.outbox import put
from lifecycle.contract.policy import Policy
from lifecycle.events.data import SupplierEventData
from lifecycle.shared import record_ids
from lifecycle.suppliers.batches import plan_batch
from lifecycle.suppliers.state import BatchPlan, SupplierNotice


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


class SupplierEventsInput(StepInput):
    """What has happened to the goods of one supplier."""

    happened: list[SupplierEventData]


class SupplierActivities:
    """``policy`` gives the one in force."""

    def __init__(self, database: Database, policy: Callable[[], Policy]) -> None:
        self._database = database
        self._policy = policy

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

    @activity.defn
    async def keep_supplier_events(self, given: SupplierEventsInput) -> bool:
        """Keep what has happened for subscribers; whether there are any."""
        return await keep_events(Effects(self._database, "records"), given, given.return_id, given.happened)


def record_id(supplier_id: str) -> str:
    """Under which a supplier's mails and effects are kept."""
    return record_ids.record_id("supplier", supplier_id)


def _values(given: SupplierMailInput) -> dict[str, Any]:
    units = [unit.model_dump() | {"since": unit.since.date().isoformat()} for unit in given.units]
    return {"supplier_id": given.supplier_id, "batch": given.notice.batch, "units": units}
