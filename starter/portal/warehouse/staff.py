"""Who works here: somebody of the staff who has signed in, or whoever showed a key of the HTTP API on this device.

Of a key, a mark in the signed cookie says which it was, and gives nothing away of it; whether it is still there, and
opens this page, is looked up at every request. Without keys the portal is open to this machine alone, and only the
name is asked for. Where no key opens these pages, staff sign in as themselves alone.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError

from gateways.database.rates import Limit
from gateways.database.staff import accounts
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.messages import By
from lifecycle.contract.said_by import check_unsigned, signed
from lifecycle.contract.texts import Identifier
from starter.portal.shared import session
from starter.portal.shared.forms import FormDep, checked_form, field
from starter.portal.shared.pages import page
from starter.portal.shared.signer import Signer
from starter.portal.shared.throttle import throttled
from starter.portal.staff.guard import SIGN_IN as STAFF_SIGN_IN
from starter.portal.staff.guard import check_role, person_of
from starter.shared.access_table import Scopes, scopes_of
from starter.shared.known_keys import KnownKey, asks_for_keys, find_key, keys_of
from starter.shared.loopback import is_loopback
from starter.shared.networks import network_of
from starter.shared.services import Services, ServicesDep
from workers.setting_values import Scope

router = APIRouter()
SIGN_IN: Final = "/warehouse/sign-in"
HOME: Final = "/warehouse"
#: Where receipts are booked unless another place is named.
MAIN: Final = "main"
#: What a key opens here; some pages ask for one of them.
_SCOPES: Final[Scopes] = frozenset[Scope]({"warehouse", "bench"})
#: Keys shown from one network: a whole shift may come from one.
_TRIES: Final = Limit("staff", 30, timedelta(minutes=1))
_FIELDS: Final = {"name": TypeAdapter(By), "location": TypeAdapter(Identifier)}


@dataclass(frozen=True)
class Worker:
    """A worker at a table of the warehouse: ``by`` goes into timelines, ``location`` into receipts.

    ``name`` is theirs alone, without the key's; ``scopes`` are those of the pages that are open to them.
    """

    by: str
    location: str
    name: str = ""
    scopes: Scopes = _SCOPES
    #: Signed in as themselves, and not by a key.
    is_person: bool = False


async def _opening(services: Services) -> list[KnownKey]:
    """The keys that open the warehouse's pages."""
    known = [*keys_of(services.settings), *await services.stored_keys.now()]
    return [key for key in known if key.scopes & _SCOPES]


async def _has_keys(services: Services) -> bool:
    return await asks_for_keys(services.settings, services.stored_keys)


def _mark(secret: str, key: KnownKey) -> str:
    return hmac.new(secret.encode(), key.digest.encode(), sha256).hexdigest()


async def _nearby(request: Request, services: ServicesDep) -> None:
    """Without keys, nobody but this machine is let in."""
    if not await _has_keys(services) and not is_loopback(request):
        raise HTTPException(403)


async def _admitted(request: Request, services: ServicesDep) -> Worker:
    """Who works here; anybody else is sent to the sign-in page, and a key of other pages is refused."""
    if person := await person_of(request, services):
        check_role(request, person)
        return Worker(person.name, _place(request), person.name, person.scopes & _SCOPES, is_person=True)
    return await _with_key(request, services)


def _place(request: Request) -> str:
    return str(session.session_of(request).get("place", MAIN))


async def _with_key(request: Request, services: Services) -> Worker:
    """Who has shown a key at this desk, or where there are none, who said their name."""
    await _nearby(request, services)
    kept = session.session_of(request).get("desk")
    key = await _shown_before(request, services, str(kept["mark"])) if isinstance(kept, dict) else None
    if not isinstance(kept, dict) or (key is None and await _has_keys(services)):
        raise HTTPException(303, headers={"Location": SIGN_IN})
    scopes = key.scopes & _SCOPES if key else _SCOPES
    if not scopes & scopes_of(request.method, request.scope["route"].path):
        raise HTTPException(403)
    # Signed anew: the cookie counts for some hours from the last page, and the desk until its own end.
    session.session_of(request)["desk"] = kept
    name = str(kept["name"])
    return Worker(signed(name, key.label if key else ""), str(kept["location"]), name, scopes)


async def _shown_before(request: Request, services: Services, mark: str) -> KnownKey | None:
    """The key that was shown at sign-in, if it still opens anything here."""
    signer: Signer = request.app.state.signer
    secret = await signer.secret()
    return next((key for key in await _opening(services) if hmac.compare_digest(mark, _mark(secret, key))), None)


#: What every page of the warehouse asks for.
WorkerDep = Annotated[Worker, Depends(_admitted)]


@router.get(SIGN_IN, dependencies=[Depends(_nearby)])
async def sign_in_page(request: Request, services: ServicesDep) -> Response:
    """Ask for the key, where there are keys, and for the name; where no key is any use, staff sign in themselves."""
    if await _has_keys(services) and not await _opening(services):
        return RedirectResponse(f"{STAFF_SIGN_IN}?next={HOME}", 303)
    return await _ask(request, services, {}, {})


@router.post(SIGN_IN, dependencies=[Depends(_nearby)])
async def sign_in(request: Request, services: ServicesDep, form: FormDep) -> Response:
    """Take key and name; the key itself is not kept."""
    if await _has_keys(services):
        await throttled(services.db, [(_TRIES, (network_of(request),))])
    given = {name: field(form, name) for name in _FIELDS}
    problems = _problems(given)
    signer: Signer = request.app.state.signer
    mark = await _shown(services, await signer.secret(), field(form, "key"))
    if mark is None:
        problems["key"] = "warehouse.sign_in.wrong_key"
    if mark is None or problems:
        return await _ask(request, services, given, problems, status=422)
    await session.admit_staff(request, given | {"mark": mark})
    return RedirectResponse(HOME, 303)


@router.post("/warehouse/sign-out", dependencies=[Depends(checked_form)])
async def sign_out(request: Request) -> Response:
    """The next one signs in."""
    await session.sign_out(request)
    return RedirectResponse(SIGN_IN, 303)


async def _shown(services: Services, secret: str, typed: str) -> str | None:
    """The mark of the key that was typed; empty where there are no keys, None when it opens nothing."""
    if not await _has_keys(services):
        return ""
    found = await find_key(services.settings, services.stored_keys, typed)
    return _mark(secret, found) if found and found.scopes & _SCOPES else None


def _problems(given: dict[str, str]) -> dict[str, str]:
    problems = {}
    for name, kind in _FIELDS.items():
        try:
            kind.validate_python(given[name])
        except ValidationError:
            problems[name] = f"warehouse.sign_in.wrong_{name}"
    try:
        check_unsigned(given["name"])
    except InvalidRequest:
        problems["name"] = "warehouse.sign_in.name_with_key"
    return problems


async def _ask(
    request: Request, services: Services, given: dict[str, str], problems: dict[str, str], *, status: int = 200
) -> Response:
    return page(
        request,
        "warehouse/sign_in.html",
        status=status,
        given={"name": "", "location": MAIN} | given,
        problems=problems,
        keys=await _has_keys(services),
        staffed=bool(services.settings.oidc_issuer) or await accounts.has_any(services.db),
    )
