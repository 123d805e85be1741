"""How often something is done within a time, counted for all processes and hosts on this database.

The counts are rows of our own: the library ``limits`` has no backend for SQL, and here a count and what it is for
are one transaction, so that nothing is counted which was not done.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete
from sqlalchemy.sql.dml import ReturningInsert

from gateways.database.columns import Instant
from gateways.database.engine import Database
from gateways.database.statements import insert_for
from gateways.database.tables.access import rates

_NOW = bindparam("now", type_=Instant)
_PRUNE = delete(rates).where(rates.c.ends_at <= _NOW)


@dataclass(frozen=True)
class Limit:
    """So many times ``within`` a time that begins with the first of them; ``name`` is what is counted."""

    name: str
    most: int
    within: timedelta


_LIMITS_NOTHING = Limit("a write works", 0, timedelta(minutes=1))


def count(connection: Connection, limit: Limit, who: tuple[str, ...], now: datetime) -> datetime | None:
    """Count one of ``who``; None where that is allowed, else when the next one is.

    Whoever is refused rolls the transaction back, or leaves the count: above the limit it changes nothing. No name or
    address stands in the row.
    """
    counted = sha256("\0".join((limit.name, *who)).encode()).hexdigest()
    row = {"counted": counted, "times": 1, "ends_at": now + limit.within, "now": now}
    times, ends_at = connection.execute(_count(connection.dialect.name), row).one()
    return ends_at if times > limit.most else None


async def prune(database: Database, now: datetime) -> None:
    """Drop counts whose time has ended. Raises ``Unavailable``."""
    await database.write(lambda connection: connection.execute(_PRUNE, {"now": now}))


async def try_write(database: Database, now: datetime) -> None:
    """Write a count that limits nothing, to see that the database can be written to. Raises ``Unavailable``."""
    await database.write(lambda connection: count(connection, _LIMITS_NOTHING, (), now))


@cache
def _count(dialect: str) -> ReturningInsert[Any]:
    """One statement, so that of two at once each counts."""
    first = insert_for(rates, dialect)
    over = rates.c.ends_at <= _NOW
    anew = {
        "times": case((over, 1), else_=rates.c.times + 1),
        "ends_at": case((over, first.excluded.ends_at), else_=rates.c.ends_at),
    }
    return first.on_conflict_do_update(index_elements=[rates.c.counted], set_=anew).returning(
        rates.c.times, rates.c.ends_at
    )
