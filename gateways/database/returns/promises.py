"""What closed returns say of the promise: worked out once, when they close, and kept beside their views."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from gateways.database import ledger
from gateways.database.columns import Instant
from gateways.database.engine import Database
from gateways.database.tables.returns import returns
from lifecycle.contract.view import View
from lifecycle.returns.promise import Kept, kept

#: Of the table ``returns``; the first says whether the others count.
COLUMNS: Final = ("promise_counts", "business_days", "promise_target", "promise_limit", "settled_at")
_FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)
_CLOSED = (
    returns.c.closed_at >= bindparam("since", type_=Instant),
    returns.c.closed_at < bindparam("until", type_=Instant),
)
_KNOWN = select(returns.c.return_id, *(returns.c[name] for name in COLUMNS)).where(*_CLOSED)
_UNKNOWN = select(returns.c.return_id, returns.c.view).where(*_CLOSED, returns.c.promise_counts.is_(None))


def promise_columns(one: Kept | None) -> dict[str, Any]:
    """What is kept of a return that closes."""
    values = (one.took, one.target, one.limit, one.settled) if one else (None,) * 4
    return dict(zip(COLUMNS, (one is not None, *values), strict=True))


async def kept_since(database: Database, since: datetime) -> list[Kept]:
    """What returns closed since then say of the promise, of those that count. Raises ``Unavailable``."""
    return [one for _, one in await kept_between(database, since, _FOR_EVER)]


async def kept_between(database: Database, since: datetime, until: datetime) -> list[tuple[str, Kept]]:
    """The same of those closed before ``until``, each with its return."""
    between = {"since": since, "until": until}

    def work(connection: Connection) -> list[tuple[str, Kept]]:
        rows = connection.execute(_KNOWN, between).all()
        found = [
            (return_id, Kept(took=took, target=target, limit=limit, settled=settled))
            for return_id, counts, took, target, limit, settled in rows
            if counts
        ]
        if any(row.promise_counts is None for row in rows):
            found += _look(connection, between)
        return found

    return await database.read(work)


def _look(connection: Connection, between: dict[str, datetime]) -> Iterator[tuple[str, Kept]]:
    """Into the views of those that a process of an earlier version closed while the database was upgraded."""
    for return_id, view in connection.execute(_UNKNOWN, between).all():
        one = kept_by(connection, return_id, View.model_validate(view))
        if one:
            yield return_id, one


def kept_by(connection: Connection, return_id: str, view: View) -> Kept | None:
    """What a return that closes with this view says of the promise; None where it does not count."""
    opening = ledger.find_in(connection, return_id, "open")
    return kept(view, opening) if opening else None
