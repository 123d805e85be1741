"""Who is signed in on the pages, and which sign-in links were used. Neither can be read back from the rows.

A session's row is what makes its cookie count: without it, or after ``ends_at``, a cookie shows nothing.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, bindparam, case, delete, insert, select, update

from gateways.database.columns import Instant
from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables.access import sessions, used_links

#: A button that is pressed twice is one use: so long after the first press the second one counts as it.
_PRESSED_TWICE: Final = timedelta(minutes=1)
_UNTIL = bindparam("until", type_=Instant)
_IT = sessions.c.session == bindparam("it")
_STANDS = select(sessions.c.ends_at).where(_IT)
_END = delete(sessions).where(_IT)
_EXTEND = (
    update(sessions).where(_IT).values(ends_at=case((sessions.c.ends_at > _UNTIL, sessions.c.ends_at), else_=_UNTIL))
)
_USED = select(used_links.c.used_by, used_links.c.used_at).where(used_links.c.link == bindparam("it"))


async def begin(database: Database, session_id: str, ends_at: datetime) -> None:
    """A session of its own; raises ``Unavailable``, as all here."""
    row = {"session": _digest(session_id), "ends_at": ends_at}
    await database.write(lambda connection: connection.execute(insert(sessions), row))


async def extend(database: Database, session_id: str, ends_at: datetime) -> bool:
    """Let it stand until then at least; whether it was there: one that was signed out does not come back."""
    asked = {"it": _digest(session_id), "until": ends_at}
    return bool(await database.write(lambda connection: connection.execute(_EXTEND, asked).rowcount))


async def stands(database: Database, session_id: str, now: datetime) -> bool:
    """Whether it was begun, has not ended, and was not signed out."""
    asked = {"it": _digest(session_id)}
    ends_at = await database.read(lambda connection: connection.execute(_STANDS, asked).scalar_one_or_none())
    return ends_at is not None and ends_at > now


async def end(database: Database, session_id: str) -> None:
    """Sign out; does nothing where that was done."""
    asked = {"it": _digest(session_id)}
    await database.write(lambda connection: connection.execute(_END, asked))


async def use_link(database: Database, link: str, used_by: str, now: datetime, ends_at: datetime) -> bool:
    """Use a link up; whether this is its one use, or ``used_by`` pressing twice. It is too old at ``ends_at``."""
    row = {"link": _digest(link), "used_by": _digest(used_by), "used_at": now, "ends_at": ends_at}

    def work(connection: Connection) -> bool:
        if connection.execute(insert_if_new(used_links, connection.dialect.name), row).first():
            return True
        first = connection.execute(_USED, {"it": row["link"]}).one()
        return bool(first.used_by == row["used_by"] and now - first.used_at < _PRESSED_TWICE)

    return await database.write(work)


async def prune(database: Database, now: datetime) -> None:
    """Drop what has ended."""

    def work(connection: Connection) -> None:
        for table in (sessions, used_links):
            connection.execute(delete(table).where(table.c.ends_at <= now))

    await database.write(work)


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()
