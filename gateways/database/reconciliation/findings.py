"""Keeps what the last comparison has found, until the next one."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, select, update

from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables.reconciliation import findings, reconciliations
from lifecycle.reconciliation.finding import Finding

_KEY: Final = ("return_id", "kind", "subject")
_FORGET = delete(findings).where(*(findings.c[name] == bindparam(f"old_{name}") for name in _KEY))
_COLUMNS = [findings.c[name] for name in Finding.__dataclass_fields__]


def keep(connection: Connection, found: Sequence[Finding], at: datetime) -> list[Finding]:
    """Have the table hold exactly these; gives those that operations have not been written to about."""
    there = {tuple(row) for row in connection.execute(select(*(findings.c[name] for name in _KEY)))}
    gone = there - {(one.return_id, one.kind, one.subject) for one in found}
    if gone:
        connection.execute(
            _FORGET, [dict(zip(("old_return_id", "old_kind", "old_subject"), key, strict=True)) for key in gone]
        )
    for one in found:
        values = asdict(one) | {"since": at, "told": False}
        connection.execute(insert_if_new(findings, connection.dialect.name), values)
    connection.execute(delete(reconciliations))
    connection.execute(reconciliations.insert(), {"id": 1, "at": at})
    waiting = select(*_COLUMNS).where(findings.c.told.is_(False)).order_by(*(findings.c[name] for name in _KEY))
    return [Finding(**row) for row in connection.execute(waiting).mappings()]


def mark_told(connection: Connection) -> None:
    """Operations have been written to about all of them."""
    connection.execute(update(findings).where(findings.c.told.is_(False)).values(told=True))


async def counted(database: Database) -> tuple[dict[str, int], datetime | None]:
    """How many findings there are of each kind, and when they were looked for last; None for never."""

    def work(connection: Connection) -> tuple[dict[str, int], datetime | None]:
        of_each = select(findings.c.kind, func.count().label("many")).group_by(findings.c.kind)
        kinds = {row.kind: int(row.many) for row in connection.execute(of_each)}
        return kinds, connection.execute(select(reconciliations.c.at)).scalar()

    return await database.read(work)
