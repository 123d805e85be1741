"""What callers of the API asked with an ``Idempotency-Key``: the same key is the same call, for good."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables import idempotency_keys


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


async def reserve(database: Database, asked: Asked, return_id: str, at: datetime) -> str:
    """Give the key this return, or the return that it was given first; raises ``KeyReused``.

    One transaction: of calls with the same key at once, one gives the id.
    """
    values = {
        "caller": asked.caller,
        "key": asked.key,
        "fingerprint": asked.fingerprint,
        "return_id": return_id,
        "at": at,
    }

    def work(connection: Connection) -> str:
        if connection.execute(insert_if_new(idempotency_keys, connection.dialect.name), values).first():
            return return_id
        kept = connection.execute(_FIND, {"caller": asked.caller, "key": asked.key}).one()
        if kept.fingerprint != asked.fingerprint:
            raise KeyReused(f"the Idempotency-Key {asked.key} came before with another call")
        return str(kept.return_id)

    return await database.write(work)
