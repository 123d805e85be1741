"""Parcels that the warehouse has the office look at, until somebody says what comes of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables.desk import office_calls


@dataclass(frozen=True)
class OfficeCall:
    """One call: about what ``code`` was scanned, of which return if one is known, and what the warehouse says."""

    id: int
    code: str
    return_id: str | None
    by: str
    note: str
    at: datetime


_COLUMNS = [office_calls.c[name] for name in OfficeCall.__dataclass_fields__]


async def call(
    database: Database, key: str, code: str, return_id: str | None, by: str, note: str, at: datetime
) -> None:
    """Tell the office; the same key again changes nothing. Raises ``Unavailable``, as all here."""
    row = {"key": key, "code": code, "return_id": return_id, "by": by, "note": note, "at": at}
    await database.write(
        lambda connection: connection.execute(insert_if_new(office_calls, connection.dialect.name), row).first()
    )


async def open_calls(database: Database, limit: int) -> list[OfficeCall]:
    """Those that nobody has settled, the oldest first."""
    waiting = office_calls.c.settled_at.is_(None)
    statement = select(*_COLUMNS).where(waiting).order_by(office_calls.c.id).limit(limit)
    rows = await database.read(lambda connection: connection.execute(statement).all())
    return [OfficeCall(*row) for row in rows]


async def settle(database: Database, call_id: int, by: str, why: str, at: datetime) -> bool:
    """Say what came of it; false where somebody has said so before, or there is none."""
    waiting = (office_calls.c.id == call_id, office_calls.c.settled_at.is_(None))
    statement = update(office_calls).where(*waiting).values(settled_at=at, settled_by=by, settled_why=why)
    return await database.write(lambda connection: connection.execute(statement).rowcount > 0)
