"""Under which id an order's units are claimed: one of its spellings, whichever of them a return was started with.

The first spelling that a return is opened with is the one that all others of the same
``lifecycle.contract.order_ids.order_key`` are claimed under, unless they are kept apart.
"""

from sqlalchemy import Connection, bindparam, select

from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables.orders import order_names
from lifecycle.contract.order_ids import order_key

_ALIKE = (
    select(order_names.c.order_id, order_names.c.canonical)
    .where(order_names.c.key == bindparam("of_key"))
    .order_by(order_names.c.canonical)
)
_SPELLINGS = select(order_names.c.order_id).where(order_names.c.canonical == bindparam("of"))


def canonical(connection: Connection, order_id: str) -> str:
    """The id under which this order's units are claimed; the id itself for one that no return was opened with."""
    alike = {row.order_id: row.canonical for row in connection.execute(_ALIKE, {"of_key": order_key(order_id)})}
    return str(alike.get(order_id) or next(iter(alike.values()), order_id))


def keep(connection: Connection, order_id: str) -> None:
    """Remember the spelling of a return that is being opened; again is harmless."""
    _keep(connection, order_id, canonical(connection, order_id))


def keep_apart(connection: Connection, order_id: str) -> None:
    """Claim its units under its own id, whatever else is spelt alike: it is known to be another order."""
    _keep(connection, order_id, order_id)


def spellings_in(connection: Connection, order_id: str) -> list[str]:
    """Every id that returns of this order were opened with, and this one."""
    kept = connection.execute(_SPELLINGS, {"of": canonical(connection, order_id)}).scalars()
    return sorted({order_id, *kept})


async def rival(database: Database, order_id: str) -> str | None:
    """The other id under which this one's units would be claimed; None where there is none, or it is settled."""
    found = await database.read(lambda connection: connection.execute(_ALIKE, {"of_key": order_key(order_id)}).all())
    if any(row.order_id == order_id for row in found):
        return None
    return next((str(row.canonical) for row in found), None)


def _keep(connection: Connection, order_id: str, under: str) -> None:
    row = {"order_id": order_id, "canonical": under, "key": order_key(order_id)}
    connection.execute(insert_if_new(order_names, connection.dialect.name), row)
