"""Where staff are signed in: a row is what makes a cookie count, so that whoever drops it signs them out.

What the cookie holds cannot be read back from the row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from gateways.database.columns import Instant
from gateways.database.engine import Database
from gateways.database.tables.staff import staff, staff_links, staff_sessions

#: That a session was used is written down so seldom that it costs nothing.
SEEN_IS_KEPT_EVERY: Final = timedelta(minutes=1)
_IT = staff_sessions.c.session == bindparam("it")
_ITS = staff_sessions.c.staff_id == bindparam("staff_id")
_PERSON = (
    select(
        staff.c.id,
        staff.c.issuer,
        staff.c.login,
        staff.c.name,
        staff.c.roles,
        staff.c.disabled_at,
        staff_sessions.c.seen_at,
        staff_sessions.c.ends_at,
    )
    .join(staff_sessions, staff_sessions.c.staff_id == staff.c.id)
    .where(_IT)
)
_OF_PERSON = select(staff_sessions).where(_ITS).order_by(staff_sessions.c.begun_at)
_SEEN = update(staff_sessions).where(_IT).values(seen_at=bindparam("now", type_=Instant))
_END = delete(staff_sessions).where(_IT)
_END_ALL = delete(staff_sessions).where(_ITS)


@dataclass(frozen=True)
class SignedIn:
    """Whose session it is, when it was used last, and when it ends at the latest."""

    id: int
    issuer: str
    login: str
    name: str
    roles: Sequence[str]
    disabled_at: datetime | None
    seen_at: datetime
    ends_at: datetime


def begin(connection: Connection, token: str, staff_id: int, now: datetime, ends_at: datetime) -> None:
    """A session of its own."""
    row = {"session": digest_of(token), "staff_id": staff_id, "begun_at": now, "seen_at": now, "ends_at": ends_at}
    connection.execute(insert(staff_sessions), row)


async def find(database: Database, token: str) -> SignedIn | None:
    """Whose session it is; None where it was ended. Raises ``Unavailable``, as all here."""
    asked = {"it": digest_of(token)}
    row = await database.read(lambda connection: connection.execute(_PERSON, asked).mappings().first())
    return SignedIn(**row) if row else None


async def seen(database: Database, token: str, now: datetime) -> None:
    """Write down that it was used."""
    asked = {"it": digest_of(token), "now": now}
    await database.write_alone(lambda connection: connection.execute(_SEEN, asked))


async def end(database: Database, token: str) -> None:
    """Sign out; does nothing where that was done."""
    asked = {"it": digest_of(token)}
    await database.write_alone(lambda connection: connection.execute(_END, asked))


def end_all(connection: Connection, staff_id: int, but: str = "") -> int:
    """Sign somebody out wherever they are, but for the session of this token; in how many places that was."""
    statement = _END_ALL.where(staff_sessions.c.session != digest_of(but)) if but else _END_ALL
    return int(connection.execute(statement, {"staff_id": staff_id}).rowcount)


async def of_person(database: Database, staff_id: int) -> list[dict[str, Any]]:
    """Where somebody is signed in, the oldest first; ``session`` as ``digest_of`` its token."""
    asked = {"staff_id": staff_id}
    return await database.read(
        lambda connection: [dict(row) for row in connection.execute(_OF_PERSON, asked).mappings()]
    )


async def prune(database: Database, now: datetime) -> None:
    """Drop sessions and links that have ended."""

    def work(connection: Connection) -> None:
        for table in (staff_sessions, staff_links):
            connection.execute(delete(table).where(table.c.ends_at <= now))

    await database.write(work)


def digest_of(token: str) -> str:
    """By which a session is known."""
    return sha256(token.encode()).hexdigest()
