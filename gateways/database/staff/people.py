"""Changes of what somebody may do, by another of the staff: a manager is always left."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from gateways.database.staff import acts, sessions
from gateways.database.staff.accounts import NoSuchStaffError
from gateways.database.staff.acts import Act
from gateways.database.tables.staff import staff

_MANAGER = "manager"


class LastManagerError(Exception):
    """Nobody would be left who may let others in."""


def give_roles(connection: Connection, issuer: str, staff_id: int, roles: Sequence[str], act: Act) -> None:
    """These roles in the place of theirs. Raises ``LastManagerError``, ``NoSuchStaffError``, as all here.

    ``issuer`` is who knows the staff now: accounts of another let nobody in.
    """
    _change(connection, issuer, staff_id, act, roles=sorted(set(roles)))


def disable(connection: Connection, issuer: str, staff_id: int, act: Act) -> int:
    """Let them in no more, and end where they are signed in; in how many places that was."""
    _change(connection, issuer, staff_id, act, disabled_at=act.at)
    return sessions.end_all(connection, staff_id)


def enable(connection: Connection, issuer: str, staff_id: int, act: Act) -> None:
    """Let them in again."""
    _change(connection, issuer, staff_id, act, disabled_at=None)


def sign_out(connection: Connection, issuer: str, staff_id: int, act: Act) -> int:
    """End where they are signed in; in how many places that was."""
    _change(connection, issuer, staff_id, act)
    return sessions.end_all(connection, staff_id)


def known(connection: Connection, staff_id: int) -> dict[str, Any]:
    """Their account."""
    row = connection.execute(select(staff).where(staff.c.id == staff_id)).mappings().first()
    if row is None:
        raise NoSuchStaffError(str(staff_id))
    return dict(row)


def _change(connection: Connection, issuer: str, staff_id: int, act: Act, **columns: Any) -> None:
    # All of them are held until the end: of two managers who disable each other at once, one is too late.
    everybody = connection.execute(select(staff).order_by(staff.c.id).with_for_update()).mappings().all()
    if staff_id not in {row["id"] for row in everybody}:
        raise NoSuchStaffError(str(staff_id))
    after = [{**row, **columns} if row["id"] == staff_id else row for row in everybody]
    if _manages(everybody, issuer) and not _manages(after, issuer):
        raise LastManagerError
    if columns:
        connection.execute(update(staff).where(staff.c.id == staff_id).values(**columns))
    acts.record(connection, staff_id, act)


def _manages(everybody: Sequence[Any], issuer: str) -> bool:
    """Whether somebody may sign in who may let others in."""
    return any(
        _MANAGER in row["roles"]
        and row["disabled_at"] is None
        and row["issuer"] == issuer
        and (row["password"] or issuer)
        for row in everybody
    )
