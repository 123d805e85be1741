"""What every page of the staff asks for: somebody signed in, with a role that opens it.

Which roles those are stands in the access table alone. Roles, and whether the session goes on, are read at every
request, so that a change holds from the next one on.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request
from structlog.contextvars import bind_contextvars

from gateways.database.staff import sessions
from gateways.database.staff.sessions import SignedIn
from gateways.errors import Unavailable
from starter.portal.shared import session
from starter.portal.shared.errors import WrongRole
from starter.portal.staff.person import Person
from starter.shared.access_table import rows_of
from starter.shared.services import Services, ServicesDep
from workers.settings import Settings

SIGN_IN: Final = "/staff/sign-in"
#: Characters of the page that somebody wanted.
LONGEST_NEXT: Final = 500
#: Where somebody begins, the first that their roles open; the last is open to all.
_HOMES: Final = ("/desk", "/warehouse", "/staff")


async def person_of(request: Request, services: Services) -> Person | None:
    """Who is signed in here; None for nobody. Raises ``Unavailable``."""
    token = session.staff_token(request)
    found = await sessions.find(services.db, token) if token else None
    if token is None or found is None or not _stands(found, session.now(), services.settings):
        return None
    await _note(services, token, found, session.now())
    session.keep_staff(request)
    bind_contextvars(caller=f"staff-{found.id}")
    return Person(found.id, found.login, found.name, tuple(found.roles))


def _stands(found: SignedIn, now: datetime, settings: Settings) -> bool:
    idle_until = found.seen_at + timedelta(minutes=settings.staff_idle_minutes)
    is_known = found.disabled_at is None and found.issuer == settings.staff_issuer
    return is_known and now < min(idle_until, found.ends_at)


async def _note(services: Services, token: str, found: SignedIn, now: datetime) -> None:
    if now - found.seen_at >= sessions.SEEN_IS_KEPT_EVERY:
        with suppress(Unavailable):  # not worth failing a page for
            await sessions.seen(services.db, token, now)


async def _admitted(request: Request, services: ServicesDep) -> Person:
    person = await person_of(request, services)
    if person is None:
        raise HTTPException(303, headers={"Location": sign_in_path(request)})
    check_role(request, person)
    return person


def check_role(request: Request, person: Person) -> None:
    """Raise ``WrongRole`` where none of their roles opens this page."""
    if not person.opens(request.method, request.scope["route"].path):
        raise WrongRole


def check_passwords(services: Services) -> None:
    """Raise 404 where a provider of OpenID Connect lets staff in: no password opens anything then."""
    if services.settings.oidc_issuer:
        raise HTTPException(404)


def check_may(person: Person, update: str) -> None:
    """Raise ``WrongRole`` where none of their roles may send this update, by its name in the contract."""
    if not person.may(update):
        raise WrongRole


#: What every page of the staff asks for; the access table has a row for each, with the scopes of which one opens it.
PersonDep = Annotated[Person, Depends(_admitted)]


def sign_in_path(request: Request) -> str:
    """Where to sign in; a page that was looked at is where it leads then."""
    if request.method != "GET":
        return SIGN_IN
    wanted = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    return f"{SIGN_IN}?next={quote(wanted if len(wanted) <= LONGEST_NEXT else request.url.path)}"


def home_of(request: Request, person: Person, wanted: str = "") -> str:
    """Where somebody goes on: the page that was ``wanted`` before, if it is one for staff, else where they begin."""
    if wanted.isprintable() and "\\" not in wanted and wanted.startswith(tuple(f"{home}/" for home in _HOMES)):
        return wanted
    served = rows_of(request.app.state.parts)
    theirs = [home for home in _HOMES if ("GET", home) in served and person.opens("GET", home)]
    known = wanted.isprintable() and wanted.partition("?")[0] in theirs
    return wanted if known else theirs[0]
