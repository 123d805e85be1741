"""The repair bench: spare parts, booked out of the inventory database."""

from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import Effects, StepInput
from activities.shared.errors import application_errors
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.stock import inventory
from gateways.errors import Declined
from lifecycle.repairs.messages import Part


class PartsInput(StepInput):
    """The parts of one round of work; the step's name is their idempotency key."""

    title: str
    parts: list[Part]


class RepairActivities:
    """What the bench takes from stock."""

    def __init__(self, database: Database, stock: inventory.Inventory) -> None:
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
