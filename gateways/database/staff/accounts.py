"""People who work at the shop: accounts of our own, and those that an OpenID provider has shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from gateways.database.columns import Instant
from gateways.database.engine import Database, rows_of
from gateways.database.staff import acts, sessions
from gateways.database.staff.acts import Act
from gateways.database.statements import insert_for
from gateways.database.tables.staff import staff

#: The issuer of accounts of our own.
OURS: Final = ""
_FIELDS = (staff.c.id, staff.c.login, staff.c.name, staff.c.roles, staff.c.password, staff.c.disabled_at)
_IT = (staff.c.issuer == bindparam("issuer"), staff.c.login == bindparam("login"))
_BY_LOGIN = select(*_FIELDS).where(*_IT)
_ALL = select(staff).order_by(staff.c.issuer, staff.c.login)
_ANY = select(staff.c.id).where(staff.c.disabled_at.is_(None)).limit(1)
_BY_ID = staff.c.id == bindparam("it")
_SIGNED_IN = update(staff).where(_BY_ID).values(signed_in_at=bindparam("now", type_=Instant))
_PASSWORD = update(staff).where(_BY_ID).values(password=bindparam("anew"))


class LoginTakenError(Exception):
    """Somebody has this sign-in name already."""


class NoSuchStaffError(Exception):
    """Nobody has this sign-in name."""


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in; ``password`` is its Argon2 hash, None where none was set or another signs them in."""

    id: int
    login: str
    name: str
    roles: Sequence[str]
    password: str | None
    disabled_at: datetime | None


async def find(database: Database, login: str) -> Account | None:
    """The account of our own with this sign-in name, disabled ones too. Raises ``Unavailable``, as all here."""
    return await database.read(lambda connection: by_login(connection, OURS, login))


def by_login(connection: Connection, issuer: str, login: str) -> Account | None:
    """The account that this issuer knows by that name."""
    row = connection.execute(_BY_LOGIN, {"issuer": issuer, "login": login}).mappings().first()
    return Account(**row) if row else None


async def everybody(database: Database) -> list[dict[str, Any]]:
    """All there were, by issuer and sign-in name."""
    return await rows_of(database, _ALL)


async def has_any(database: Database) -> bool:
    """Whether anybody may sign in."""
    return await database.read(any_of)


def any_of(connection: Connection) -> bool:
    """The same, within a transaction."""
    return connection.execute(_ANY).first() is not None


def any_manager(connection: Connection, issuer: str) -> bool:
    """Whether somebody who may manage the others may sign in, while this issuer knows the staff."""
    theirs = select(staff.c.roles).where(staff.c.disabled_at.is_(None), staff.c.issuer == issuer)
    return any("manager" in roles for roles in connection.execute(theirs).scalars())


def add(connection: Connection, login: str, name: str, roles: Sequence[str], now: datetime) -> int:
    """An account of our own, without a password yet; gives its id. Raises ``LoginTakenError``."""
    row = {"issuer": OURS, "login": login, "name": name, "roles": sorted(roles), "made_at": now}
    made = connection.execute(_insert(connection).on_conflict_do_nothing().returning(staff.c.id), row).scalar()
    if made is None:
        raise LoginTakenError(login)
    return int(made)


def known_by(
    connection: Connection, issuer: str, login: str, name: str, roles: Sequence[str], now: datetime
) -> Account:
    """The account of somebody whom an OpenID provider has just shown, with what it says of them now."""
    row = {"issuer": issuer, "login": login, "name": name, "roles": sorted(roles), "made_at": now}
    anew = {"name": name, "roles": sorted(roles)}
    connection.execute(_insert(connection).on_conflict_do_update(index_elements=["issuer", "login"], set_=anew), row)
    found = by_login(connection, issuer, login)
    assert found is not None  # noqa: S101 - written just now
    return found


def _insert(connection: Connection) -> Any:
    return insert_for(staff, connection.dialect.name)


async def change(database: Database, login: str, act: Act | None = None, **columns: Any) -> None:
    """Change what is kept of everybody with this sign-in name, and write ``act`` down. Raises ``NoSuchStaffError``."""
    statement = update(staff).where(staff.c.login == login).values(**columns)

    def work(connection: Connection) -> None:
        for staff_id in _known(connection, login):
            if act:
                acts.record(connection, staff_id, act)
        connection.execute(statement)

    await database.write(work)


async def disable(database: Database, login: str, now: datetime, by: str = acts.COMMAND) -> int:
    """Let somebody in no more, and end where they are signed in; in how many places that was.

    Raises ``NoSuchStaffError``.
    """

    def work(connection: Connection) -> int:
        known = _known(connection, login)
        connection.execute(update(staff).where(staff.c.login == login).values(disabled_at=now))
        for staff_id in known:
            acts.record(connection, staff_id, Act("disabled", by, now))
        return sum(sessions.end_all(connection, staff_id) for staff_id in known)

    return await database.write(work)


def _known(connection: Connection, login: str) -> Sequence[int]:
    known = connection.execute(select(staff.c.id).where(staff.c.login == login)).scalars().all()
    if not known:
        raise NoSuchStaffError(login)
    return known


def signed_in(connection: Connection, staff_id: int, now: datetime) -> None:
    """Note that somebody has signed in."""
    connection.execute(_SIGNED_IN, {"it": staff_id, "now": now})


def set_password(connection: Connection, staff_id: int, password: str) -> None:
    """Keep the hash of a password."""
    connection.execute(_PASSWORD, {"it": staff_id, "anew": password})
