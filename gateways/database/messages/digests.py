"""What the next mail to operations says of each kind of step that failed for good."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from gateways.database.statements import insert_if_new
from gateways.database.tables.messages import digests
from lifecycle.shared.digest import NAMED, digest_due


@dataclass(frozen=True)
class Digest:
    """One mail: ``count`` steps of that kind failed for good; ``named`` are the first of them, ``[what, error]``."""

    kind: str
    due_at: datetime
    count: int
    named: list[list[str]]


_FIND = select(digests.c.due_at, digests.c.count, digests.c.named).where(digests.c.kind == bindparam("of"))
_KEEP = update(digests).where(digests.c.kind == bindparam("of"))


def add_to_digest(connection: Connection, kind: str, what: str, error: str, now: datetime) -> Digest:
    """Take one more step into the mail that goes out next; what that mail says now."""
    first = {"kind": kind, "due_at": digest_due(None, now), "count": 0, "named": []}
    connection.execute(insert_if_new(digests, connection.dialect.name), first)
    # Another worker may do the same now: PostgreSQL lets one after another in, SQLite does so anyhow.
    last, count, named = connection.execute(_FIND.with_for_update(), {"of": kind}).one()
    due_at = digest_due(last, now)
    if due_at != last:
        count, named = 0, []
    digest = Digest(kind, due_at, count + 1, [*named, [what, error]][:NAMED])
    values = {"due_at": digest.due_at, "count": digest.count, "named": digest.named}
    connection.execute(_KEEP.values(values), {"of": kind})
    return digest
