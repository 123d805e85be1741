"""The keys that payloads of workflows are encrypted with: wrapped, so that the database alone opens nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables.access import data_keys

#: How many one look goes through.
_PART = 500
_FIELDS = (data_keys.c.key_id, data_keys.c.workflow_id, data_keys.c.master, data_keys.c.wrapped)
_BY_ID = select(*_FIELDS).where(data_keys.c.key_id == bindparam("it"))
_BY_WORKFLOW = select(*_FIELDS).where(data_keys.c.workflow_id == bindparam("it"))
_OF_OTHERS = select(*_FIELDS).where(data_keys.c.master != bindparam("current")).limit(_PART)
_REWRAP = (
    update(data_keys)
    .where(data_keys.c.key_id == bindparam("it"))
    .values(master=bindparam("by"), wrapped=bindparam("anew"))
)


@dataclass(frozen=True)
class WrappedKey:
    """A data key as it is kept: ``wrapped`` by the master key that ``master`` names."""

    key_id: str
    workflow_id: str
    master: str
    wrapped: str


async def by_id(database: Database, key_id: str) -> WrappedKey | None:
    """The key of this id; None where it was dropped. Raises ``Unavailable``, as all here."""
    return await database.read(lambda connection: _one(connection, _BY_ID, key_id))


async def of_workflow(database: Database, workflow_id: str) -> WrappedKey | None:
    """The key of a workflow; None where it has none."""
    return await database.read(lambda connection: _one(connection, _BY_WORKFLOW, workflow_id))


async def keep(database: Database, key: WrappedKey, now: datetime) -> WrappedKey:
    """Keep a new key, and give the one that holds: of two made at once, the first."""

    def work(connection: Connection) -> WrappedKey:
        insert = insert_if_new(data_keys, connection.dialect.name)
        connection.execute(insert, vars(key) | {"made_at": now})
        return _one(connection, _BY_WORKFLOW, key.workflow_id) or key

    return await database.write(work)


def drop(connection: Connection, workflow_ids: Sequence[str]) -> int:
    """Drop the keys of these workflows: what was encrypted with them is noise from now on. How many there were."""
    found = 0
    for first in range(0, len(workflow_ids), _PART):
        part = workflow_ids[first : first + _PART]
        found += connection.execute(delete(data_keys).where(data_keys.c.workflow_id.in_(part))).rowcount
    return found


async def rewrap(database: Database, current: str, anew: Callable[[WrappedKey], str]) -> int:
    """Have some keys wrapped by the master key ``current``, which others are; how many, 0 when all are."""

    def work(connection: Connection) -> int:
        keys = [WrappedKey(*row) for row in connection.execute(_OF_OTHERS, {"current": current})]
        if keys:
            connection.execute(_REWRAP, [{"it": key.key_id, "by": current, "anew": anew(key)} for key in keys])
        return len(keys)

    return await database.write(work)


def _one(connection: Connection, statement: object, it: str) -> WrappedKey | None:
    row = connection.execute(statement, {"it": it}).one_or_none()  # type: ignore[call-overload]
    return WrappedKey(*row) if row else None
