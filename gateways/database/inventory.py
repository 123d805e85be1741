"""The inventory, kept in the database: balances, and the movements that add up to them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from gateways.database.engine import Database, rows_of
from gateways.database.statements import insert_for
from gateways.database.tables import movements, stock
from gateways.faults import failing_as_told

_MOVE = insert(movements)


@dataclass(frozen=True)
class StockChange:
    """One signed change of one balance; grade "" is ungraded."""

    kind: str
    sku: str
    location: str
    grade: str
    quantity: int
    serial_number: str | None = None
    return_id: str | None = None
    unit_id: str | None = None


class Inventory:
    """Books stock; fault words in a line's title make it fail as told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def attempt(self, key: str, titles: Sequence[str]) -> AsyncIterator[None]:
        """Around one booking: fails before or after it, where a title says so."""
        async with failing_as_told(self._database, key, titles):
            yield

    def book(self, connection: Connection, changes: Sequence[StockChange], *, key: str, at: datetime) -> None:
        """Append movements and change the balances, within the caller's transaction."""
        # Always in the same order: two bookings of the same balances wait for each other, never in a circle.
        for change in sorted(changes, key=lambda change: (change.sku, change.location, change.grade)):
            _change_balance(connection, change)
        if changes:
            rows = [asdict(change) | {"key": key, "at": at} for change in changes]
            connection.execute(_MOVE, rows)


def _change_balance(connection: Connection, change: StockChange) -> None:
    values = {"sku": change.sku, "location": change.location, "grade": change.grade, "on_hand": change.quantity}
    connection.execute(_change(connection.dialect.name), values)


@cache
def _change(dialect: str) -> Any:
    statement = insert_for(stock, dialect)
    return statement.on_conflict_do_update(
        index_elements=["sku", "location", "grade"],
        set_={"on_hand": stock.c.on_hand + statement.excluded.on_hand},
    )


async def balances(database: Database, sku: str | None = None) -> list[dict[str, Any]]:
    """``[{sku, location, grade, on_hand, reserved}]``, of one SKU or of all."""
    statement = select(stock).order_by(stock.c.sku, stock.c.location, stock.c.grade)
    if sku is not None:
        statement = statement.where(stock.c.sku == sku)
    return await rows_of(database, statement)


async def movements_of(database: Database, return_id: str) -> list[dict[str, Any]]:
    """``[{at, kind, sku, location, grade, quantity, serial_number, unit_id}]``, oldest first."""
    names = ("at", "kind", "sku", "location", "grade", "quantity", "serial_number", "unit_id")
    statement = select(*[movements.c[name] for name in names]).where(movements.c.return_id == return_id)
    return await rows_of(database, statement.order_by(movements.c.id))


async def add_stock(database: Database, sku: str, quantity: int, location: str = "main", grade: str = "A") -> None:
    """Units that came from elsewhere: a delivery, a count."""
    change = StockChange(kind="add", sku=sku, location=location, grade=grade, quantity=quantity)
    key, at, inventory = f"add-{uuid4().hex}", datetime.now(UTC), Inventory(database)
    await database.write(lambda connection: inventory.book(connection, [change], key=key, at=at))
