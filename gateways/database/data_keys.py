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
_OF_WORKFLOW = data_keys.c.workflow_id == bindparam("it")
_BY_WORKFLOW = select(*_FIELDS).where(_OF_WORKFLOW)
_RETIRED = select(data_keys.c.retired_at).where(_OF_WORKFLOW, data_keys.c.retired_at.is_not(None))
_USE_AGAIN = update(data_keys).where(_OF_WORKFLOW).values(retired_at=None).returning(*_FIELDS)
_PART_AFTER = (
    select(data_keys.c.key_id, data_keys.c.workflow_id, data_keys.c.made_at, data_keys.c.retired_at)
    .where(data_keys.c.key_id > bindparam("after"))
    .order_by(data_keys.c.key_id)
    .limit(_PART)
)
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


@dataclass(frozen=True)
class OldKey:
    """Whose key it is and since when; ``retired_at`` is since when nobody knows its workflow."""

    key_id: str
    workflow_id: str
    made_at: datetime
    retired_at: datetime | None


async def by_id(database: Database, key_id: str) -> WrappedKey | None:
    """The key of this id; None where it was dropped. Raises ``Unavailable``, as all here."""
    return await database.read(lambda connection: _one(connection, _BY_ID, key_id))


async def of_workflow(database: Database, workflow_id: str) -> WrappedKey | None:
    """The key of a workflow, to encrypt with; None where it has none. One that was retired is in use again."""

    def work(connection: Connection) -> tuple[WrappedKey | None, bool]:
        found = _one(connection, _BY_WORKFLOW, workflow_id)
        return found, bool(found and connection.execute(_RETIRED, {"it": workflow_id}).first())

    found, is_retired = await database.read(work)
    # One that is dropped in this moment is no key any more.
    return await database.write(lambda connection: _one(connection, _USE_AGAIN, workflow_id)) if is_retired else found


async def next_part(database: Database, after: str) -> list[OldKey]:
    """The next keys by their ids; none after the last."""
    return await database.read(lambda found: [OldKey(*row) for row in found.execute(_PART_AFTER, {"after": after})])


async def retire(database: Database, key: OldKey, at: datetime | None) -> None:
    """Nobody knows its workflow, since then; with None somebody does."""
    changed = update(data_keys).where(data_keys.c.key_id == key.key_id).values(retired_at=at)
    await database.write(lambda connection: connection.execute(changed))


async def drop_retired(database: Database, key: OldKey) -> bool:
    """Drop one that was not used since it was retired; whether it was so."""
    unused = (data_keys.c.key_id == key.key_id) & (data_keys.c.retired_at == key.retired_at)
    return bool(await database.write(lambda connection: connection.execute(delete(data_keys).where(unused)).rowcount))


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
