"""What is set aside of the stock, as the database has it."""

from typing import Any

from sqlalchemy import select

from gateways.database.engine import Database, rows_of
from gateways.database.tables.stock import reservations


async def reservations_of(database: Database, return_id: str) -> list[dict[str, Any]]:
    """``[{key, sku, location, grade, quantity, state, at}]``, oldest first; ``state`` open, shipped or released."""
    names = ("key", "sku", "location", "grade", "quantity", "state", "at")
    statement = select(*[reservations.c[name] for name in names]).where(reservations.c.return_id == return_id)
    return await rows_of(database, statement.order_by(reservations.c.at, *reservations.primary_key))
