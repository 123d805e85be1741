"""API keys that are made while the shop runs. A key itself is never kept: its digest tells it again.

A key is random, so that its plain SHA-256 gives nothing away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from gateways.database.columns import Instant
from gateways.database.engine import Database, rows_of
from gateways.database.tables.access import api_keys

#: By which a scanner for secrets knows one.
_PREFIX: Final = "hwk_"
_BYTES: Final = 24
#: A use is written down so seldom that it costs nothing.
USE_IS_KEPT_EVERY: Final = timedelta(minutes=1)
_BY_NAME = select(api_keys).order_by(api_keys.c.name, api_keys.c.number)
_NOW = bindparam("now", type_=Instant)
_IN_FORCE = (api_keys.c.revoked_at.is_(None), or_(api_keys.c.ends_at.is_(None), api_keys.c.ends_at > _NOW))
_OF_NAME = (api_keys.c.name == bindparam("it"), *_IN_FORCE)
_REVOKE = update(api_keys).where(*_OF_NAME).values(revoked_at=_NOW)
_END = (
    update(api_keys)
    .where(*_OF_NAME, or_(api_keys.c.ends_at.is_(None), api_keys.c.ends_at > bindparam("until", type_=Instant)))
    .values(ends_at=bindparam("until", type_=Instant))
)
_LONG_AGO = bindparam("long_ago", type_=Instant)
_USED = (
    update(api_keys)
    .where(api_keys.c.digest == bindparam("it"), or_(api_keys.c.used_at.is_(None), api_keys.c.used_at <= _LONG_AGO))
    .values(used_at=_NOW)
)


class NameTakenError(Exception):
    """A key in force has this name."""


class NoSuchKeyError(Exception):
    """No key in force has this name."""


@dataclass(frozen=True)
class MadeKey:
    """A new key: ``key`` is shown once, and kept by whoever uses it."""

    name: str
    key: str
    scopes: Sequence[str]
    ends_at: datetime | None


def digest_of(key: str) -> str:
    """By which a key is known: the SHA-256 of it, in hexadecimal digits."""
    return sha256(key.encode()).hexdigest()


async def create(
    database: Database, name: str, scopes: Sequence[str], now: datetime, ends_at: datetime | None
) -> MadeKey:
    """Make a key; raises ``NameTakenError``."""

    def work(connection: Connection) -> MadeKey:
        if _in_force(connection, name, now):
            raise NameTakenError(name)
        return _make(connection, name, scopes, now, ends_at)

    return await database.write(work)


async def rotate(database: Database, name: str, now: datetime, overlap: timedelta, ends_at: datetime | None) -> MadeKey:
    """Make another key of this name, with the same scopes; the ones before it end after ``overlap``.

    Raises ``NoSuchKeyError``.
    """

    def work(connection: Connection) -> MadeKey:
        before = _in_force(connection, name, now)
        if not before:
            raise NoSuchKeyError(name)
        connection.execute(_END, {"it": name, "now": now, "until": now + overlap})
        return _make(connection, name, before[-1]["scopes"], now, ends_at)

    return await database.write(work)


async def revoke(database: Database, name: str, now: datetime) -> int:
    """End all keys of this name now; how many. Raises ``NoSuchKeyError``."""
    asked = {"it": name, "now": now}
    count = int(await database.write(lambda connection: connection.execute(_REVOKE, asked).rowcount))
    if not count:
        raise NoSuchKeyError(name)
    return count


async def all_keys(database: Database) -> list[dict[str, Any]]:
    """Every key that was ever made, by name and number."""
    return await rows_of(database, _BY_NAME)


async def in_force(database: Database, now: datetime) -> list[dict[str, Any]]:
    """The keys that open something now."""
    asked = _BY_NAME.where(*_IN_FORCE)
    return await database.read(lambda connection: _rows(connection, asked, {"now": now}))


async def used(database: Database, digest: str, now: datetime) -> None:
    """Write down that a key was used, unless that was done a moment ago."""
    asked = {"it": digest, "now": now, "long_ago": now - USE_IS_KEPT_EVERY}
    await database.write(lambda connection: connection.execute(_USED, asked))


def _rows(connection: Connection, statement: Any, given: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(statement, given).mappings()]


def _in_force(connection: Connection, name: str, now: datetime) -> list[dict[str, Any]]:
    return _rows(connection, _BY_NAME.where(*_OF_NAME), {"it": name, "now": now})


def _make(connection: Connection, name: str, scopes: Sequence[str], now: datetime, ends_at: datetime | None) -> MadeKey:
    key = _PREFIX + token_hex(_BYTES)
    last = connection.execute(select(func.max(api_keys.c.number)).where(api_keys.c.name == name)).scalar()
    row = {"name": name, "number": (last or 0) + 1, "digest": digest_of(key), "scopes": sorted(scopes)}
    connection.execute(insert(api_keys), row | {"made_at": now, "ends_at": ends_at})
    return MadeKey(name, key, sorted(scopes), ends_at)
