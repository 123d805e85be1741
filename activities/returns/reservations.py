"""Stock reserved for what goes out to the customer, and released."""

from pydantic import BaseModel
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import Effects, StepInput
from activities.shared.errors import application_errors
from activities.shared.told_stock import tell_stock
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.stock import inventory


class ReserveItem(BaseModel):
    """So many of one SKU, under a name that the return knows it by."""

    name: str
    sku: str
    quantity: int
    #: The line's title, as the shop knows it.
    title: str = ""


class ReserveInput(StepInput):
    """Items to reserve, each for itself; an item's reservation has the key ``{step}/{name}``."""

    items: list[ReserveItem]


class UnreserveInput(StepInput):
    """``reservations`` are ``{step}/{name}`` of the steps that made them."""

    reservations: list[str]


class ReservationActivities:
    """One effect each, on our shelves."""

    def __init__(self, database: Database, stock: inventory.Inventory) -> None:
        self._effects = Effects(database, "inventory")
        self._stock = stock

    @activity.defn
    async def reserve(self, given: ReserveInput) -> list[str]:
        """Reserve what there is, item by item; gives the names of those that were there."""

        def apply(connection: Connection) -> dict[str, object]:
            # Always in the same order: two returns that want the same shelves wait for each other, never in a circle.
            items = sorted(given.items, key=lambda item: (item.sku, item.name))
            found = [item.name for item in items if self._reserve_one(connection, given, item)]
            return {"reserved": found}

        wanted = {item.name: [item.sku, item.quantity] for item in given.items}
        titles = [item.title for item in given.items]
        with application_errors("inventory"):
            async with self._stock.attempt(ledger.key(given.return_id, given.step), titles):
                kept = await self._effects.in_database(given, {"things": wanted}, apply)
        found = [str(name) for name in kept["reserved"]]
        keys = [ledger.key(given.return_id, f"{given.step}/{item.name}") for item in given.items]
        await tell_stock(self._stock, given, keys, found)
        return found

    def _reserve_one(self, connection: Connection, given: ReserveInput, item: ReserveItem) -> bool:
        key = ledger.key(given.return_id, f"{given.step}/{item.name}")
        items = [(item.sku, item.quantity)]
        return inventory.reserve(connection, items, key=key, at=given.now, return_id=given.return_id)

    @activity.defn
    async def unreserve(self, given: UnreserveInput) -> None:
        """Give reservations back; those that were shipped, or never made, stay as they are."""
        keys = [ledger.key(given.return_id, reservation) for reservation in given.reservations]

        def apply(connection: Connection) -> None:
            for key in keys:
                inventory.release(connection, key, given.now)

        await self._effects.in_database(given, {"reservations": given.reservations}, apply)
        await tell_stock(self._stock, given, keys)
