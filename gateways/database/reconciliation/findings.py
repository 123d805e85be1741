"""Keeps what the last comparison has found, until the next one, and what operators have acknowledged of it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, select, update

from gateways.database.engine import Database, rows_of
from gateways.database.statements import insert_if_new
from gateways.database.tables.reconciliation import findings, reconciliations
from lifecycle.reconciliation.acknowledge import AcknowledgeFinding
from lifecycle.reconciliation.finding import Finding

_KEY: Final = ("return_id", "kind", "subject")
_NAMED = [findings.c[name] for name in _KEY]
_IS_IT = [findings.c[name] == bindparam(f"old_{name}") for name in _KEY]
_FORGET = delete(findings).where(*_IS_IT)
_CHANGE = update(findings).where(*_IS_IT)
_COLUMNS = [findings.c[name] for name in Finding.__dataclass_fields__]
_OPEN = findings.c.acknowledged_at.is_(None)
_NOBODY: Final = dict.fromkeys(("acknowledged_at", "acknowledged_by", "acknowledged_why"))


def keep(connection: Connection, found: Sequence[Finding], at: datetime) -> list[Finding]:
    """Have the table hold exactly these; gives those that operations have not been written to about.

    What has changed is acknowledged by nobody any more.
    """
    there = {tuple(row[:3]): row[3] for row in connection.execute(select(*_NAMED, findings.c.text))}
    gone = there.keys() - {_key(one) for one in found}
    if gone:
        connection.execute(_FORGET, [_old(key) for key in gone])
    for one in found:
        values = asdict(one) | {"since": at, "told": False}
        connection.execute(insert_if_new(findings, connection.dialect.name), values)
        if there.get(_key(one), one.text) != one.text:
            _change(connection, one)
    connection.execute(delete(reconciliations))
    connection.execute(reconciliations.insert(), {"id": 1, "at": at})
    waiting = select(*_COLUMNS).where(findings.c.told.is_(False), _OPEN).order_by(*_NAMED)
    return [Finding(**row) for row in connection.execute(waiting).mappings()]


def _key(one: Finding) -> tuple[str, str, str]:
    return one.return_id, one.kind, one.subject


def _old(key: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(("old_return_id", "old_kind", "old_subject"), key, strict=True))


def _change(connection: Connection, one: Finding) -> None:
    """It says something else; whoever had acknowledged what it said has to hear of it again."""
    it = _old(_key(one))
    anew = _CHANGE.where(findings.c.acknowledged_at.is_not(None)).values(told=False, **_NOBODY)
    connection.execute(anew, it)
    connection.execute(_CHANGE.values(text=one.text, advice=one.advice), it)


def mark_told(connection: Connection) -> None:
    """Operations have been written to about all of them."""
    connection.execute(update(findings).where(findings.c.told.is_(False)).values(told=True))


def acknowledge(connection: Connection, said: AcknowledgeFinding, at: datetime) -> list[dict[str, Any]]:
    """Note who has acknowledged it, or that nobody has; gives what that concerns, nothing where there is none."""
    named = [findings.c.return_id == said.return_id, findings.c.kind == said.kind]
    if said.subject is not None:
        named.append(findings.c.subject == said.subject)
    noted = {"acknowledged_at": at, "acknowledged_by": said.by, "acknowledged_why": said.why}
    changed = update(findings).where(*named).values(_NOBODY if said.take_back else noted)
    return [dict(row) for row in connection.execute(changed.returning(findings)).mappings()]


async def listed(database: Database, acknowledged: bool | None, most: int | None = None) -> list[dict[str, Any]]:
    """The rows, found first first, so many at most; ``acknowledged`` tells which, None all."""
    rows = select(findings).order_by(findings.c.since, *_NAMED).limit(most)
    if acknowledged is not None:
        rows = rows.where(findings.c.acknowledged_at.is_not(None) if acknowledged else _OPEN)
    return await rows_of(database, rows)


async def counted(database: Database) -> tuple[dict[str, int], datetime | None]:
    """How many of each kind nobody has acknowledged, and when all were looked for last; None for never."""

    def work(connection: Connection) -> tuple[dict[str, int], datetime | None]:
        of_each = select(findings.c.kind, func.count().label("many")).where(_OPEN).group_by(findings.c.kind)
        kinds = {row.kind: int(row.many) for row in connection.execute(of_each)}
        return kinds, connection.execute(select(reconciliations.c.at)).scalar()

    return await database.read(work)
