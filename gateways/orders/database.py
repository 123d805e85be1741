"""Orders kept in Homeward's own database, for shops and trials without an order service."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, case, delete, insert, select

from gateways.database.engine import Database, rows_of
from gateways.database.orders import payment_references
from gateways.database.tables.orders import orders
from gateways.orders.protocol import FoundOrder, OrderRefused, read_order
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.order_ids import order_key


class DatabaseOrders:
    """The table ``orders``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, order_id: str) -> FoundOrder | None:
        """See the protocol."""
        kept = await self.ask(order_id)
        try:
            return None if kept is None else read_order(kept, datetime.now(UTC))
        except InvalidRequest as error:
            raise OrderRefused("the kept order is not right", "orders_misshaped", order_id, error) from None

    async def ask(self, order_id: str) -> Any | None:
        """See the protocol."""
        exactly_first = case((orders.c.order_id == order_id, 0), else_=1)
        statement = select(orders.c.order).where(orders.c.key == order_key(order_id)).order_by(exactly_first)
        return await self._database.read(lambda connection: connection.execute(statement.limit(1)).scalar_one_or_none())

    async def close(self) -> None:
        """See the protocol; the database is closed by whoever opened it."""


async def keep_orders(database: Database, kept: Sequence[FoundOrder], *, if_empty: bool = False) -> bool:
    """Keep orders, in the place of those with the same ids, however spelt; whether they are kept now.

    With ``if_empty`` only where there is none yet.
    """
    rows = [_row(found) for found in kept]

    def work(connection: Connection) -> bool:
        if if_empty and connection.execute(select(orders.c.order_id).limit(1)).first():
            return False
        connection.execute(delete(orders).where(orders.c.key.in_([row["key"] for row in rows])))
        connection.execute(insert(orders), rows)
        for found in kept:
            payment_references.keep(connection, found.order)
        return True

    return await database.write(work)


async def list_orders(database: Database, email: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The newest orders, of one customer or of all."""
    statement = select(orders).order_by(orders.c.placed_at.desc(), orders.c.order_id).limit(limit)
    return await rows_of(database, statement if email is None else statement.where(orders.c.email == email.lower()))


def _row(found: FoundOrder) -> dict[str, Any]:
    order = found.order
    content = order.model_dump(mode="json")
    for line in content["lines"]:
        line["exchanges"] = [other.model_dump() for other in found.alternatives.get(line["line_id"], ())]
    return {
        "order_id": order.order_id,
        "key": order_key(order.order_id),
        "email": (order.customer.email or "").lower(),
        "placed_at": order.placed_at or order.delivered_at or datetime.now(UTC),
        "order": content,
    }
