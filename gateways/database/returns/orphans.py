"""Returns that no workflow carries: found by looking through the open ones, page by page."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, func, select, update

from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables.returns import orphans, returns
from lifecycle.contract.statuses import Status
from lifecycle.returns.views.status import UNSETTLED


@dataclass(frozen=True)
class OpenReturn:
    """One return whose records are open; ``orphaned``: it is known that nothing carries it."""

    return_id: str
    order_id: str
    orphaned: bool


@dataclass(frozen=True)
class Orphan:
    """What was last known of a return that nothing carries; ``why`` is how its workflow ended."""

    return_id: str
    order_id: str
    since: datetime
    why: str
    status: str
    resolve_by: datetime | None
    escalated: bool


_OPEN = (
    select(returns.c.return_id, returns.c.order_id, orphans.c.return_id.is_not(None))
    .outerjoin(orphans, orphans.c.return_id == returns.c.return_id)
    .where(returns.c.closed_at.is_(None), returns.c.return_id > bindparam("after"))
    .order_by(returns.c.return_id)
    .limit(bindparam("most"))
)
_COLUMNS = [orphans.c[name] for name in Orphan.__dataclass_fields__]


async def open_returns(database: Database, after: str, limit: int) -> list[OpenReturn]:
    """The next open returns in the order of their ids; read from an index of these alone."""
    asked = {"after": after, "most": limit}
    rows = await database.read(lambda connection: connection.execute(_OPEN, asked).all())
    return [OpenReturn(return_id, order_id, bool(orphaned)) for return_id, order_id, orphaned in rows]


async def keep_orphan(database: Database, orphan: Orphan) -> bool:
    """Remember it, unless its records have closed meanwhile; whether that was new."""
    is_open = select(returns.c.return_id).where(returns.c.return_id == orphan.return_id, returns.c.closed_at.is_(None))

    def work(connection: Connection) -> bool:
        if connection.execute(is_open).first() is None:
            return False
        values = asdict(orphan) | {"told": False}
        return connection.execute(insert_if_new(orphans, connection.dialect.name), values).first() is not None

    return await database.write(work)


async def drop_orphan(database: Database, return_id: str) -> None:
    """Something carries it again."""
    await database.write(lambda connection: drop(connection, return_id))


def drop(connection: Connection, return_id: str) -> None:
    """The same, within a transaction."""
    connection.execute(delete(orphans).where(orphans.c.return_id == return_id))


async def orphan_of(database: Database, return_id: str) -> Orphan | None:
    """What is known of it; None when something carries it, as far as is known."""
    statement = select(*_COLUMNS).where(orphans.c.return_id == return_id)
    row = await database.read(lambda connection: connection.execute(statement).first())
    return Orphan(*row) if row else None


async def orphans_among(database: Database, return_ids: Collection[str]) -> set[str]:
    """Those of them that nothing carries."""
    statement = select(orphans.c.return_id).where(orphans.c.return_id.in_(return_ids))
    return await database.read(lambda connection: set(connection.execute(statement).scalars()))


async def orphans_of(database: Database, return_ids: Collection[str]) -> list[Orphan]:
    """What was last known of those of them that nothing carries."""
    statement = select(*_COLUMNS).where(orphans.c.return_id.in_(return_ids))
    rows = await database.read(lambda connection: connection.execute(statement).all())
    return [Orphan(*row) for row in rows]


async def orphans_like(
    database: Database,
    *,
    statuses: Collection[Status] = (),
    escalated: bool | None = None,
    due_before: datetime | None = None,
    after: str = "",
    limit: int,
) -> list[Orphan]:
    """Those of which all that is given holds, in the order of their ids, after one of them."""
    terms = [orphans.c.return_id > after]
    if statuses:
        terms.append(orphans.c.status.in_([status.value for status in statuses]))
    if escalated is not None:
        terms.append(orphans.c.escalated.is_(escalated))
    if due_before is not None:
        terms.append(orphans.c.resolve_by < due_before)
        terms.append(orphans.c.status.in_([known.value for known in UNSETTLED]))
    statement = select(*_COLUMNS).where(and_(*terms)).order_by(orphans.c.return_id).limit(limit)
    rows = await database.read(lambda connection: connection.execute(statement).all())
    return [Orphan(*row) for row in rows]


async def count(database: Database) -> int:
    """How many returns nothing carries, as far as is known."""
    statement = select(func.count()).select_from(orphans)
    return await database.read(lambda connection: connection.execute(statement).scalar_one())


async def counts(database: Database) -> dict[str, int]:
    """The same, by how their workflow ended."""
    statement = select(orphans.c.why, func.count()).group_by(orphans.c.why)
    rows = await database.read(lambda connection: connection.execute(statement).all())
    return {str(why): int(number) for why, number in rows}


def unreported(connection: Connection, limit: int) -> tuple[Sequence[Orphan], int]:
    """Some of those that operations have not been written to about, and how many these are in all."""
    waiting = orphans.c.told.is_(False)
    rows = connection.execute(select(*_COLUMNS).where(waiting).order_by(orphans.c.return_id).limit(limit)).all()
    of_all = connection.execute(select(func.count()).select_from(orphans).where(waiting)).scalar_one()
    return [Orphan(*row) for row in rows], of_all


def mark_reported(connection: Connection) -> None:
    """Operations have been written to about all of them."""
    connection.execute(update(orphans).where(orphans.c.told.is_(False)).values(told=True))
