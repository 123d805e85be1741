"""Letting somebody of the staff in: a new session, whatever there was before."""

from collections.abc import Callable
from datetime import timedelta
from secrets import token_urlsafe

import structlog
from fastapi import Request
from sqlalchemy import Connection

from gateways.database.staff import accounts, sessions
from starter.portal.shared.session import admit_person, now
from starter.shared.services import Services

_log = structlog.get_logger("homeward.staff")


async def let_in(request: Request, services: Services, find: Callable[[Connection], int | None]) -> int | None:
    """Begin a session for the account whose id ``find`` gives, in one transaction; nobody's where it gives None.

    Gives that id. Raises ``Unavailable``.
    """
    token, at = token_urlsafe(32), now()
    ends_at = at + timedelta(hours=services.settings.staff_session_hours)

    def work(connection: Connection) -> int | None:
        staff_id = find(connection)
        if staff_id is not None:
            accounts.signed_in(connection, staff_id, at)
            sessions.begin(connection, token, staff_id, at, ends_at)
        return staff_id

    staff_id = await services.db.write(work)
    if staff_id is not None:
        await admit_person(request, token, ends_at)
        _log.info("staff signed in", caller=f"staff-{staff_id}")
    return staff_id
