"""The steps of goods' journey to one supplier: when a batch is planned, and mails to operations."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import Effects, StepInput
from activities.shared.mails import compose, key_of, operations
from gateways.database.engine import Database
from gateways.database.messages.outbox import put
from lifecycle.contract.policy import Policy
from lifecycle.suppliers.batches import plan_batch
from lifecycle.suppliers.state import BatchPlan, SupplierNotice

#: Characters that the database keeps of a record's id.
_LONGEST_RECORD = 100
#: What the id of a record looks like that was too long; no other id may.
_SHORTENED = re.compile(r"(?s)^.{80}#[0-9a-f]{16}$")


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


def record_id(supplier_id: str) -> str:
    """Under which a supplier's mails and effects are kept; no return has such an id: it holds a colon."""
    plain = f"supplier:{supplier_id}"
    if len(plain) <= _LONGEST_RECORD and not _SHORTENED.match(plain):
        return plain
    return f"{plain[:80]}#{hashlib.sha256(supplier_id.encode()).hexdigest()[:16]}"


def _values(given: SupplierMailInput) -> dict[str, Any]:
    units = [unit.model_dump() | {"since": unit.since.date().isoformat()} for unit in given.units]
    return {"supplier_id": given.supplier_id, "batch": given.notice.batch, "units": units}
