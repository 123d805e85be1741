"""Stock: what was received and where it went, booked into the inventory database."""

from typing import Any

from pydantic import Field
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import Effects, StepInput
from activities.shared.errors import application_errors
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.returns import records
from gateways.database.stock.inventory import Inventory
from gateways.database.stock.stock_change import StockChange
from lifecycle.shared.stock_move import StockMove


class StockInput(StepInput):
    """The moves of one receipt or one inspection; the step's name is their idempotency key."""

    moves: list[StockMove]
    #: The receipt or verdict itself, kept with the booking in case the workflow that took it is lost.
    said: dict[str, Any] | None = None
    #: Units of the return that are judged, each with whether it is back for good.
    back: dict[str, bool] = Field(default_factory=dict)


class StockActivities:
    """Bookings in the inventory."""

    def __init__(self, database: Database, inventory: Inventory) -> None:
        self._effects = Effects(database, "inventory")
        self._inventory = inventory

    @activity.defn
    async def receive(self, given: StockInput) -> int:
        """Book received units in, ungraded, where they are; how many balances changed."""
        return await self._book(given)

    @activity.defn
    async def restock(self, given: StockInput) -> int:
        """Book judged units to where their disposition sends them; how many balances changed."""
        return await self._book(given)

    async def _book(self, given: StockInput) -> int:
        key = ledger.key(given.return_id, given.step)

        def apply(connection: Connection) -> dict[str, object]:
            changes = [_change(given, move) for move in given.moves if _happened(connection, given, move)]
            self._inventory.book(connection, changes, key=key, at=given.now)
            records.mark_back(connection, given.return_id, given.back)
            return {"moves": len(changes)} | ({"told": given.said} if given.said else {})

        asked = {"moves": [move.model_dump(mode="json") for move in given.moves]}
        with application_errors("inventory"):
            async with self._inventory.attempt(key, [move.title for move in given.moves]):
                kept = await self._effects.in_database(given, asked, apply)
        return int(str(kept["moves"]))


def _change(given: StockInput, move: StockMove) -> StockChange:
    return StockChange(return_id=given.return_id, **move.model_dump(exclude={"title", "after"}))


def _happened(connection: Connection, given: StockInput, move: StockMove) -> bool:
    """Whether there is anything to take away: the ledger knows whether the step that brought it was done."""
    return move.after is None or ledger.find_in(connection, given.return_id, move.after) is not None
