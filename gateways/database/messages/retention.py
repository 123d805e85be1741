"""Deletes mails, webhooks and events when their time has passed, a part of each table at a time.

Each look goes on from where the last one ended, by the primary key, so that it costs the same however many there are.
What belongs to something that is open, or has not reached everybody, stays whatever its age.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, exists, select, tuple_

from gateways.database.engine import Database
from gateways.database.tables.messages import deliveries, events, inbox, outbox
from gateways.database.tables.returns import returns
from gateways.database.tables.support import support_cases
from lifecycle.shared.record_ids import kind_of, record_id

#: How many rows of a table one look goes through.
_PART: Final = 500
_NEVER_CLOSED: Final = ("repair", "supplier", "stock", "credit")
_FIRST_YOUNG = events.alias("young")
#: Those before the first that is young: a gap would hold up a replay.
_DROP_OLD: Final = delete(events).where(
    events.c.return_id == bindparam("of"),
    events.c.written_at < bindparam("before"),
    ~exists().where(
        _FIRST_YOUNG.c.return_id == events.c.return_id,
        _FIRST_YOUNG.c.number < events.c.number,
        _FIRST_YOUNG.c.written_at >= bindparam("before"),
    ),
)


@dataclass(frozen=True)
class Kept:
    """How long each is kept; None for good."""

    mails: timedelta | None = None
    webhooks: timedelta | None = None
    events: timedelta | None = None


@dataclass(frozen=True)
class Places:
    """Where the next look begins; empty at the first row."""

    mails: int = 0
    webhooks: int = 0
    events: tuple[str, int] = field(default=("", 0))


async def purge(database: Database, kept: Kept, places: Places, now: datetime) -> Places:
    """Look through the next part of each; gives where to go on. Raises ``Unavailable``."""

    def work(connection: Connection) -> Places:
        found = places
        if kept.mails:
            found = replace(found, mails=_purge_mails(connection, found.mails, now - kept.mails))
        if kept.webhooks:
            found = replace(found, webhooks=_purge_webhooks(connection, found.webhooks, now - kept.webhooks))
        if kept.events:
            found = replace(found, events=_purge_events(connection, found.events, now - kept.events))
        return found

    return await database.write(work) if kept != Kept() else places


def _purge_mails(connection: Connection, after: int, before: datetime) -> int:
    """A mail of something open stays: by its key it is known that it was written."""
    rows = _next(connection, outbox, after, outbox.c.return_id)
    old = [row for row in rows if row.at < before and row.state != "queued"]
    still_open = _open(connection, {row.return_id for row in old})
    _delete(connection, outbox, [row.id for row in old if row.return_id not in still_open])
    return _place(rows, before)


def _purge_webhooks(connection: Connection, after: int, before: datetime) -> int:
    rows = _next(connection, inbox, after)
    _delete(connection, inbox, [row.id for row in rows if row.at < before and row.state in ("passed", "dismissed")])
    return _place(rows, before)


def _next(connection: Connection, table: Any, after: int, *more: Any) -> Sequence[Row[Any]]:
    wanted = select(table.c.id, table.c.at, table.c.state, *more).where(table.c.id > after)
    return connection.execute(wanted.order_by(table.c.id).limit(_PART)).all()


def _delete(connection: Connection, table: Any, ids: Collection[int]) -> None:
    if ids:
        connection.execute(delete(table).where(table.c.id.in_(ids)))


def _place(rows: Sequence[Row[Any]], before: datetime) -> int:
    """Ids follow time: from the first that is too young on, all are."""
    return rows[-1].id if len(rows) == _PART and rows[-1].at < before else 0


def _open(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of these returns and cases that are open."""
    found: set[str] = set()
    opened = ((returns.c.return_id, returns.c.closed_at), (support_cases.c.case_id, support_cases.c.closed_at))
    for of, closed_at in opened:
        found.update(connection.execute(select(of).where(of.in_(ids), closed_at.is_(None))).scalars())
    return found


def _purge_events(connection: Connection, after: tuple[str, int], before: datetime) -> tuple[str, int]:
    """All of a return's or a case's, once it has been closed for so long, and nobody waits for one.

    Of what never closes, or not here, what is so old.
    """
    of_row = tuple_(events.c.return_id, events.c.number)
    wanted = select(events.c.return_id, events.c.number).where(of_row > tuple_(*after))
    rows = connection.execute(wanted.order_by(events.c.return_id, events.c.number).limit(_PART)).all()
    ids = sorted({row.return_id for row in rows})
    undelivered = _undelivered(connection, ids)
    done = _closed(connection, ids, before) - undelivered
    if done:
        connection.execute(delete(events).where(events.c.return_id.in_(sorted(done))))
    for record in ids:
        if kind_of(record) in _NEVER_CLOSED and record not in undelivered:
            connection.execute(_DROP_OLD, {"of": record, "before": before})
    return (rows[-1].return_id, rows[-1].number) if len(rows) == _PART else ("", 0)


def _closed(connection: Connection, ids: Sequence[str], before: datetime) -> set[str]:
    """Those of these returns and cases that were closed before then."""
    of_returns = select(returns.c.return_id).where(returns.c.return_id.in_(ids), returns.c.closed_at < before)
    cases = [record.partition(":")[2] for record in ids if kind_of(record) == "support"]
    of_cases = select(support_cases.c.case_id).where(
        support_cases.c.case_id.in_(cases), support_cases.c.closed_at < before
    )
    found = {record_id("support", case) for case in connection.execute(of_cases).scalars()}
    return found | set(connection.execute(of_returns).scalars())


def _undelivered(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of which an event is to be spread, or waits for a subscriber."""
    new = select(events.c.return_id).where(events.c.return_id.in_(ids), events.c.spread.is_(False))
    waits = deliveries.c.next_attempt_at.is_not(None)
    waiting = select(deliveries.c.return_id).where(deliveries.c.return_id.in_(ids), waits)
    return {*connection.execute(new).scalars(), *connection.execute(waiting).scalars()}
