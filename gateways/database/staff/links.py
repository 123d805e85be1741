"""Links that let somebody set their password, once: for a new account, a lost password, and the first manager.

The link itself is kept nowhere: its digest tells it again.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import Connection, bindparam, delete, insert, select

from gateways.database.columns import Instant
from gateways.database.engine import Database
from gateways.database.tables.staff import staff, staff_links

_IT = staff_links.c.link == bindparam("it")
_FOUND = (
    select(staff_links.c.staff_id, staff.c.login, staff.c.name)
    .join(staff, staff.c.id == staff_links.c.staff_id, isouter=True)
    .where(_IT, staff_links.c.ends_at > bindparam("now", type_=Instant), staff.c.disabled_at.is_(None))
)
_DROP = delete(staff_links).where(_IT)
_DROP_OTHERS = delete(staff_links).where(staff_links.c.staff_id == bindparam("staff_id"))
_DROP_FIRST = delete(staff_links).where(staff_links.c.staff_id.is_(None))


@dataclass(frozen=True)
class Link:
    """Whose it is; nobody's yet where it makes the first manager."""

    staff_id: int | None
    login: str | None
    name: str | None


def make(connection: Connection, staff_id: int | None, ends_at: datetime) -> str:
    """A link for this account, or for the first manager; gives what it holds. Those before it open nothing more."""
    if staff_id is None:
        connection.execute(_DROP_FIRST)
    else:
        connection.execute(_DROP_OTHERS, {"staff_id": staff_id})
    token = token_urlsafe(24)
    connection.execute(insert(staff_links), {"link": _digest(token), "staff_id": staff_id, "ends_at": ends_at})
    return token


async def look(database: Database, token: str, now: datetime) -> Link | None:
    """Whose link it is, without using it; None where it was used, has ended, or is none. Raises ``Unavailable``."""
    return await database.read(lambda connection: find(connection, token, now))


def find(connection: Connection, token: str, now: datetime) -> Link | None:
    """The same, within a transaction."""
    row = connection.execute(_FOUND, {"it": _digest(token), "now": now}).mappings().first()
    return Link(**row) if row else None


def use(connection: Connection, token: str) -> bool:
    """Use it up; whether it was there: of two at once one gets it."""
    return bool(connection.execute(_DROP, {"it": _digest(token)}).rowcount)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
