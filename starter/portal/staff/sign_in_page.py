"""Signing in and out. What is refused is refused in the same words, after the same time, whatever was wrong."""

from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from gateways.database.rates import Limit
from gateways.database.staff import accounts
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.shared.session import sign_out
from starter.portal.shared.throttle import throttled
from starter.portal.staff.admission import let_in
from starter.portal.staff.guard import LONGEST_NEXT, SIGN_IN, check_passwords, home_of, person_of
from starter.shared.networks import network_of
from starter.shared.services import Services, ServicesDep

router = APIRouter()
#: Tries from one network, where a whole shift may sit; at one name from there, and at one name from anywhere.
_FROM_NETWORK: Final = Limit("staff network", 60, timedelta(minutes=10))
_AT_NAME: Final = Limit("staff name", 10, timedelta(minutes=10))
_AT_NAME_ANYWHERE: Final = Limit("staff name anywhere", 100, timedelta(hours=1))
_LONGEST_NAME: Final = 100
_Next = Annotated[str, Query(max_length=LONGEST_NEXT)]
_log = structlog.get_logger("homeward.staff")


@router.get(SIGN_IN)
async def ask(request: Request, services: ServicesDep, next: _Next = "") -> Response:  # noqa: A002
    """Ask for name and password; who is signed in goes on."""
    person = await person_of(request, services)
    if person:
        return RedirectResponse(home_of(request, person, next), 303)
    return _page(request, next)


def _page(request: Request, wanted: str, login: str = "", *, refused: bool = False) -> Response:
    status = 422 if refused else 200
    services: Services = request.app.state.services
    issuer = urlsplit(services.settings.staff_issuer).hostname
    shown = {"next": wanted, "login": login, "refused": refused, "issuer": issuer}
    return page(request, "staff/sign_in.html", status=status, **shown)


@router.post(SIGN_IN)
async def sign_in(request: Request, services: ServicesDep, form: FormDep) -> Response:
    """Take the two, and let in whose they are."""
    check_passwords(services)
    login, wanted = field(form, "login").casefold()[:_LONGEST_NAME], field(form, "next")
    await _count(request, services, login)
    typed = form.get("password", "")
    account_id = await _whose(services, login, typed if isinstance(typed, str) else "")
    admitted = account_id and await let_in(request, services, lambda _: account_id)
    if not admitted:
        _log.warning("a sign-in of staff was refused")
        return _page(request, wanted, field(form, "login")[:_LONGEST_NAME], refused=True)
    person = await person_of(request, services)
    return RedirectResponse(home_of(request, person, wanted) if person else SIGN_IN, 303)


async def _count(request: Request, services: Services, login: str) -> None:
    network = network_of(request)
    counted = [(_FROM_NETWORK, (network,)), (_AT_NAME, (network, login)), (_AT_NAME_ANYWHERE, (login,))]
    await throttled(services.db, counted)


async def _whose(services: Services, login: str, password: str) -> int | None:
    """The id of the account that this opens; a hash made at an earlier cost is made anew."""
    passwords = services.passwords
    account = await accounts.find(services.db, login)
    kept = account.password if account and account.disabled_at is None else None
    if not await passwords.matches(password, kept) or account is None or kept is None:
        return None
    if passwords.is_old(kept):
        anew = await passwords.hash(password)
        await services.db.write(lambda connection: accounts.set_password(connection, account.id, anew))
    return account.id


@router.post("/staff/sign-out")
async def leave(request: Request, _: FormDep) -> Response:
    """End this session, on every device that has its cookie."""
    await sign_out(request)
    return RedirectResponse(SIGN_IN, 303)
