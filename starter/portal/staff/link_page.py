"""Where a one-time link leads: somebody chooses their password, and the first manager their name too.

Looking at the page uses nothing up, because programs that look through mails follow links.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection
from starlette.datastructures import FormData

from gateways.database.staff import accounts, links, sessions
from gateways.database.staff.accounts import LoginTakenError
from gateways.database.staff.links import Link
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.shared.session import now
from starter.portal.staff.admission import let_in
from starter.portal.staff.guard import SIGN_IN, check_passwords, home_of, person_of
from starter.shared.passwords import is_weak
from starter.shared.services import ServicesDep
from starter.shared.staff_names import is_login, is_name

router = APIRouter()
_PATH: Final = "/staff/link"
_Token = Annotated[str, Query(max_length=200)]


@router.get(_PATH)
async def landing(request: Request, services: ServicesDep, token: _Token = "") -> Response:
    """Ask for the password, twice."""
    check_passwords(services)
    return _page(request, await links.look(services.db, token, now()), token)


@router.post(_PATH)
async def choose(request: Request, services: ServicesDep, form: FormDep) -> Response:
    """Take what was chosen, use the link up, and let its owner in."""
    check_passwords(services)
    token = field(form, "token")
    link = await links.look(services.db, token, now())
    if link is None:
        return _page(request, None, "")
    login, name = link.login or field(form, "login").casefold(), link.name or field(form, "name")
    if problems := _problems(form, login, name):
        return _page(request, link, token, problems, {"login": login, "name": name})
    kept = await services.passwords.hash(str(form["password"]))
    try:
        admitted = await let_in(request, services, _using(token, login, name, kept, now()))
    except LoginTakenError:
        return _page(request, link, token, {"login": "staff.link.taken_login"}, {"login": login, "name": name})
    if admitted is None:
        return _page(request, None, "")
    person = await person_of(request, services)
    return RedirectResponse(home_of(request, person) if person else SIGN_IN, 303)


def _problems(form: FormData, login: str, name: str) -> dict[str, str]:
    """What is wrong with what was typed, by field, as keys of texts."""
    password, again = str(form.get("password", "")), str(form.get("again", ""))
    wrong = {
        "login": not is_login(login),
        "name": not is_name(name),
        "password": is_weak(password, login, name),
        "again": password != again,
    }
    return {field: f"staff.link.wrong_{field}" for field, is_wrong in wrong.items() if is_wrong}


def _using(token: str, login: str, name: str, kept: str, at: datetime) -> Callable[[Connection], int | None]:
    """In one transaction: the link is used up, the account made if it is the first, its password set."""

    def work(connection: Connection) -> int | None:
        link = links.find(connection, token, at)
        if link is None or not links.use(connection, token):
            return None
        staff_id = link.staff_id if link.staff_id is not None else _first_manager(connection, login, name, at)
        if staff_id is not None:
            accounts.set_password(connection, staff_id, kept)
            sessions.end_all(connection, staff_id)
        return staff_id

    return work


def _first_manager(connection: Connection, login: str, name: str, at: datetime) -> int | None:
    """The account; None where there is a manager."""
    if accounts.any_manager(connection, accounts.OURS):
        return None
    return accounts.add(connection, login, name, ["manager"], at)


def _page(
    request: Request,
    link: Link | None,
    token: str,
    problems: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    status = 403 if link is None else 422 if problems else 200
    shown = {"link": link, "token": token, "problems": problems or {}, "given": given or {"login": "", "name": ""}}
    return page(request, "staff/link.html", status=status, **shown)
