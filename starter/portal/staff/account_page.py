"""What somebody of the staff sees of themselves: what they may do, where they are signed in, their password."""

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gateways.database.rates import Limit
from gateways.database.staff import accounts, sessions
from starter.portal.shared.forms import FormDep
from starter.portal.shared.pages import page
from starter.portal.shared.session import staff_token
from starter.portal.shared.throttle import throttled
from starter.portal.staff.guard import PersonDep, check_passwords
from starter.portal.staff.person import Person
from starter.shared.passwords import is_weak
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_HOME: Final = "/staff"
#: Whoever finds a device signed in may not try passwords for long.
_TRIES: Final = Limit("staff password", 10, timedelta(minutes=10))


@router.get(_HOME)
async def account(request: Request, services: ServicesDep, person: PersonDep, done: str = "") -> Response:
    """Show it; ``done`` is what was changed just now."""
    return await _page(request, services, person, done=done if done in ("password", "sessions") else "")


@router.post("/staff/password")
async def change_password(request: Request, services: ServicesDep, person: PersonDep, form: FormDep) -> Response:
    """Take a new password, and end the sessions that were begun with the old one."""
    check_passwords(services)
    await throttled(services.db, [(_TRIES, (str(person.id),))])
    passwords = services.passwords
    now, anew, again = (str(form.get(name, "")) for name in ("now", "password", "again"))
    known = await accounts.find(services.db, person.login)
    wrong = {
        "now": not await passwords.matches(now, known.password if known else None),
        "password": is_weak(anew, person.login, person.name),
        "again": anew != again,
    }
    if any(wrong.values()):
        problems = {name: f"staff.link.wrong_{name}" for name, is_wrong in wrong.items() if is_wrong}
        return await _page(request, services, person, problems=problems)
    kept, here = await passwords.hash(anew), staff_token(request) or ""
    await services.db.write(lambda connection: accounts.set_password(connection, person.id, kept))
    await services.db.write(lambda connection: sessions.end_all(connection, person.id, but=here))
    return RedirectResponse(f"{_HOME}?done=password", 303)


@router.post("/staff/sessions")
async def end_others(request: Request, services: ServicesDep, person: PersonDep, _: FormDep) -> Response:
    """Sign out everywhere else."""
    here = staff_token(request) or ""
    await services.db.write(lambda connection: sessions.end_all(connection, person.id, but=here))
    return RedirectResponse(f"{_HOME}?done=sessions", 303)


async def _page(
    request: Request, services: Services, person: Person, *, done: str = "", problems: dict[str, str] | None = None
) -> Response:
    signed_in = await sessions.of_person(services.db, person.id)
    return page(
        request,
        "staff/account.html",
        status=422 if problems else 200,
        person=person,
        signed_in=signed_in,
        here=sessions.digest_of(staff_token(request) or ""),
        done=done,
        problems=problems or {},
        issuer=services.settings.staff_issuer,
    )
