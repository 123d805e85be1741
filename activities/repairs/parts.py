"""The repair bench: spare parts, booked out of the inventory database."""

from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import Effects, StepInput
from activities.shared.errors import application_errors
from activities.shared.record_events import keep_events
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.stock import inventory
from gateways.errors import Declined
from lifecycle.events.data import RepairEventData
from lifecycle.repairs.messages import Part
from lifecycle.shared.record_ids import record_id


class PartsInput(StepInput):
    """The parts of one round of work; the step's name is their idempotency key."""

    title: str
    parts: list[Part]


class RepairEventsInput(StepInput):
    """What has happened to a unit on the bench."""

    unit_id: str
    happened: list[RepairEventData]


class RepairActivities:
    """What the bench takes from stock, and what it tells."""

    def __init__(self, database: Database, stock: inventory.Inventory) -> None:
        self._database = database
        self._effects = Effects(database, "inventory")
        self._stock = stock

    @activity.defn
    async def take_parts(self, given: PartsInput) -> None:
        """Book the parts out, all or none; parts that stock does not have are for an operator to look into."""
        key = ledger.key(given.return_id, given.step)
        items = [(part.sku, part.quantity) for part in given.parts]

        def apply(connection: Connection) -> dict[str, object]:
            if not inventory.take(
                connection, items, key=key, at=given.now, return_id=given.return_id, kind="repair_parts"
            ):
                names = ", ".join(f"{quantity} x {sku}" for sku, quantity in items)
                raise Declined(f"stock does not have {names}", "parts_missing")
            return {"parts": len(items)}

        with application_errors("inventory"):
            async with self._stock.attempt(key, [given.title]):
                await self._effects.in_database(given, {"parts": items}, apply)

    @activity.defn
    async def keep_repair_events(self, given: RepairEventsInput) -> bool:
        """Keep what has happened for subscribers; whether there are any."""
        record = record_id("repair", f"{given.return_id}/{given.unit_id}")
        return await keep_events(Effects(self._database, "records"), given, record, given.happened)
