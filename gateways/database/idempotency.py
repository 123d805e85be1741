"""What callers of the API asked with an ``Idempotency-Key``: the same key is the same call, for ``KEPT``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, tuple_

from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables.access import idempotency_keys

#: How long a key is remembered: far longer than anybody tries the same call again, and not for good.
KEPT: Final = timedelta(days=90)
#: How many keys one look goes through.
_PART: Final = 500


class KeyReused(Exception):
    """The key came before, with another call."""


@dataclass(frozen=True)
class Asked:
    """One call: ``caller`` gave ``key`` with it, ``fingerprint`` is of its address and body."""

    caller: str
    key: str
    fingerprint: str


_OF = (idempotency_keys.c.caller == bindparam("caller"), idempotency_keys.c.key == bindparam("key"))
_FIND = select(idempotency_keys.c.fingerprint, idempotency_keys.c.return_id).where(*_OF)
_FORGET = delete(idempotency_keys).where(*_OF)


async def reserve(database: Database, asked: Asked, return_id: str, at: datetime) -> str:
    """Give the key this return, or the return that it was given first; raises ``KeyReused``.

    One transaction: of calls with the same key at once, one gives the id.
    """
    values = {**vars(asked), "return_id": return_id, "at": at}

    def work(connection: Connection) -> str:
        if connection.execute(insert_if_new(idempotency_keys, connection.dialect.name), values).first():
            return return_id
        kept = connection.execute(_FIND, {"caller": asked.caller, "key": asked.key}).one()
        if kept.fingerprint != asked.fingerprint:
            raise KeyReused(f"the Idempotency-Key {asked.key} came before with another call")
        return str(kept.return_id)

    return await database.write(work)


#: The caller and the key of the last one that was looked at.
Place = tuple[str, str]
_OF_ROW = tuple_(idempotency_keys.c.caller, idempotency_keys.c.key)
_BEGINNING: Final[Place] = ("", "")


def forget_old(connection: Connection, after: Place | None, now: datetime) -> Place | None:
    """Forget keys older than ``KEPT`` among the next few after ``after``; where to go on, None after the last.

    It goes through the primary key a part at a time, so each look costs the same however many there are.
    """
    following = (
        select(idempotency_keys.c.caller, idempotency_keys.c.key, idempotency_keys.c.at)
        .where(tuple_(*(after or _BEGINNING)) < _OF_ROW)
        .order_by(idempotency_keys.c.caller, idempotency_keys.c.key)
        .limit(_PART)
    )
    rows = connection.execute(following).all()
    old = [{"caller": row.caller, "key": row.key} for row in rows if row.at < now - KEPT]
    if old:
        connection.execute(_FORGET, old)
    return (rows[-1].caller, rows[-1].key) if len(rows) == _PART else None
