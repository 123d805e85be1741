"""Our own books of many returns at once, a part of them at a time, each by an index."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, bindparam, func, select, tuple_

from gateways.database.columns import Instant
from gateways.database.engine import Database
from gateways.database.ledger import DONE
from gateways.database.orders.payment_references import plain
from gateways.database.tables.orders import order_names, payment_references
from gateways.database.tables.returns import claims, returns
from gateways.database.tables.steps import effects
from gateways.database.tables.stock import reservations
from lifecycle.contract.view import View
from lifecycle.reconciliation.books import BookedEffect, ReturnBooks

#: Where to go on: when the last one closed, and its id.
Place = tuple[datetime, str]
_IDS: Final[BindParameter[list[str]]] = bindparam("ids", expanding=True)
_RETURNS = select(returns.c.return_id, returns.c.opened_at, returns.c.closed_at, returns.c.view).where(
    returns.c.return_id.in_(_IDS)
)
_EFFECTS = select(effects).where(effects.c.return_id.in_(_IDS))
_RESERVED = select(reservations.c.return_id, reservations.c.key, reservations.c.state).where(
    reservations.c.return_id.in_(_IDS)
)
_UNITS = func.count().label("units")
_CLAIMED = select(claims.c.return_id, _UNITS).where(claims.c.return_id.in_(_IDS)).group_by(claims.c.return_id)
_CLOSED = (
    select(returns.c.closed_at, returns.c.return_id)
    .where(
        returns.c.closed_at >= bindparam("at", type_=Instant),
        tuple_(returns.c.closed_at, returns.c.return_id) > tuple_(bindparam("at", type_=Instant), bindparam("last")),
    )
    .order_by(returns.c.closed_at, returns.c.return_id)
    .limit(bindparam("most"))
)
_OF_PAYMENTS = (
    select(payment_references.c.reference, returns.c.return_id, returns.c.opened_at)
    .join(order_names, order_names.c.key == payment_references.c.order_key)
    .join(returns, returns.c.order_id == order_names.c.order_id)
    .where(payment_references.c.reference.in_(_IDS))
    .order_by(returns.c.opened_at)
)


async def books_of(database: Database, return_ids: Collection[str]) -> dict[str, ReturnBooks]:
    """The books of each, those included that have none. Raises ``Unavailable``."""
    ids = {"ids": list(return_ids)}
    return await database.read(lambda connection: _books_of(connection, ids))


def _books_of(connection: Connection, ids: dict[str, list[str]]) -> dict[str, ReturnBooks]:
    kept: dict[str, dict[str, BookedEffect]] = defaultdict(dict)
    for row in connection.execute(_EFFECTS, ids):
        kept[row.return_id][row.step] = BookedEffect(row.state == DONE, row.result or {}, row.asked or {}, row.at)
    reserved: dict[str, set[str]] = defaultdict(set)
    for return_id, key, state in connection.execute(_RESERVED, ids):
        if state == "open":
            reserved[return_id].add(key)
    claimed = {row.return_id: int(row.units) for row in connection.execute(_CLAIMED, ids)}
    known = {row.return_id: row for row in connection.execute(_RETURNS, ids)}
    return {
        return_id: ReturnBooks(
            return_id,
            **_record(known.get(return_id)),
            effects=kept[return_id],
            reservations=sorted(reserved[return_id]),
            claims=claimed.get(return_id, 0),
        )
        for return_id in ids["ids"]
    }


def _record(row: Any) -> dict[str, Any]:
    if row is None:
        return {}
    view = View.model_validate(row.view) if row.view else None
    return {"opened_at": row.opened_at, "closed": row.closed_at is not None, "view": view}


async def closed_since(database: Database, after: Place, limit: int) -> list[Place]:
    """The next returns that closed after that one, the longest closed first."""
    asked = {"at": after[0], "last": after[1], "most": limit}
    rows = await database.read(lambda connection: connection.execute(_CLOSED, asked).all())
    return [(closed_at, return_id) for closed_at, return_id in rows]


async def known_among(database: Database, return_ids: Collection[str]) -> set[str]:
    """Those of them that there is a record of."""
    statement = select(returns.c.return_id).where(returns.c.return_id.in_(return_ids))
    return await database.read(lambda connection: set(connection.execute(statement).scalars()))


async def claiming(database: Database, after: str, limit: int) -> list[str]:
    """The ids of the next returns that claim units, in their order, whether or not they are known."""
    return await _next_of(database, claims.c.return_id, after, limit)


async def reserving(database: Database, after: str, limit: int) -> list[str]:
    """The ids of the next returns that ever reserved stock, likewise."""
    return await _next_of(database, reservations.c.return_id, after, limit)


async def _next_of(database: Database, column: Any, after: str, limit: int) -> list[str]:
    statement = select(column).where(column > after).order_by(column).distinct().limit(limit)
    return await database.read(lambda connection: list(connection.execute(statement).scalars()))


async def returns_of_payments(database: Database, references: Collection[str]) -> dict[str, list[tuple[str, datetime]]]:
    """The returns of the order that each payment belongs to, and when they opened, the oldest first."""
    ids = {"ids": [plain(reference) for reference in references]}
    rows = await database.read(lambda connection: connection.execute(_OF_PAYMENTS, ids).all())
    known: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for reference, return_id, opened_at in rows:
        known[reference].append((return_id, opened_at))
    return {reference: known[plain(reference)] for reference in references if plain(reference) in known}
