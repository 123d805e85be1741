"""Under which id an order's units are claimed: one of its spellings, whichever of them a return was started with.

The first spelling that a return is opened with is the one that all others of the same
``lifecycle.contract.order_ids.order_key`` are claimed under, unless they are kept apart.
"""

from functools import cache
from typing import Any

from sqlalchemy import Connection, String, bindparam, func, select

from gateways.database.engine import Database
from gateways.database.statements import insert_all_new, insert_for
from gateways.database.tables.orders import order_names
from lifecycle.contract.order_ids import order_key

_ALIKE = (
    select(order_names.c.order_id, order_names.c.canonical)
    .where(order_names.c.key == bindparam("of_key"))
    .order_by(order_names.c.canonical)
)
_SPELT = bindparam("spelt", type_=String)
_KEPT = (
    select(order_names.c.canonical)
    .where(order_names.c.key == bindparam("spelt_key"))
    .order_by((order_names.c.order_id == _SPELT).desc(), order_names.c.canonical)
    .limit(1)
)
#: Within a statement, the id under which an order's units are claimed: asking for it by itself would be one statement
#: more. The statement is given what ``spelt`` makes of the order's id.
CANONICAL = func.coalesce(_KEPT.scalar_subquery(), _SPELT)
_CANONICAL = select(CANONICAL)
_SPELLINGS = select(order_names.c.order_id).where(order_names.c.canonical == CANONICAL)


def spelt(order_id: str) -> dict[str, Any]:
    """What a statement with ``CANONICAL`` is given of the order."""
    return {"spelt": order_id, "spelt_key": order_key(order_id)}


def canonical(connection: Connection, order_id: str) -> str:
    """The id under which this order's units are claimed; the id itself for one that no return was opened with."""
    return str(connection.execute(_CANONICAL, spelt(order_id)).scalar_one())


def keep(connection: Connection, order_id: str) -> None:
    """Remember the spelling of a return that is being opened; again is harmless."""
    row = {"order_id": order_id, "key": order_key(order_id)} | spelt(order_id)
    connection.execute(_keeping(connection.dialect.name), row)


def keep_apart(connection: Connection, order_id: str) -> None:
    """Claim its units under its own id, whatever else is spelt alike: it is known to be another order."""
    row = {"order_id": order_id, "canonical": order_id, "key": order_key(order_id)}
    connection.execute(insert_all_new(order_names, connection.dialect.name), row)


def spellings_in(connection: Connection, order_id: str) -> list[str]:
    """Every id that returns of this order were opened with, and this one."""
    return sorted({order_id, *connection.execute(_SPELLINGS, spelt(order_id)).scalars()})


async def rival(database: Database, order_id: str) -> str | None:
    """The other id under which this one's units would be claimed; None where there is none, or it is settled."""
    found = await database.read(lambda connection: connection.execute(_ALIKE, {"of_key": order_key(order_id)}).all())
    if any(row.order_id == order_id for row in found):
        return None
    return next((str(row.canonical) for row in found), None)


@cache
def _keeping(dialect: str) -> Any:
    return insert_for(order_names, dialect).values(canonical=CANONICAL).on_conflict_do_nothing()
