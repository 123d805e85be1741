"""Find my order: a link by mail to whoever knows an order's number and the address it was placed with.

The answer is the same whether there is such an order or not, and it is given before anybody has
looked: what was typed is kept, and a worker looks a moment later. The link opens a page with a button, because
programs that look through mails follow links. The button uses the link up.
"""

from datetime import UTC, datetime, timedelta
from secrets import SystemRandom, token_hex
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from activities.relays.sign_in_links import FOR_ONE_NETWORK
from gateways.database.messages import link_requests
from gateways.database.messages.link_requests import LinkRequest
from gateways.database.messages.signed_links import SIGN_IN, SIGN_IN_HOURS
from gateways.database.rates import Limit
from gateways.database.sessions import use_link
from lifecycle.contract.mailboxes import InvalidAddress, mailbox_of
from lifecycle.contract.order_ids import spellings
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.shared.session import admit_to_order, now, sign_out, visitor
from starter.portal.shared.signer import Signer
from starter.portal.shared.texts import t
from starter.portal.shared.throttle import throttled
from starter.shared.networks import network_of
from starter.shared.services import Services, ServicesDep

router = APIRouter()
#: Links that are asked for from one network. What is mailed is counted by whoever mails it.
_FROM_ONE_NETWORK: Final = Limit("sign-in", 60, timedelta(minutes=1))
#: Seconds until the order is looked up, by chance: what that costs the database is felt at no time that says anything.
_SOONEST, _LATEST = 0.5, 2.0
_chance = SystemRandom()


@router.get("/")
async def find(request: Request) -> Response:
    """Ask for order number and mail address."""
    return page(request, "customer/find.html", problems={}, given={}, first=False)


@router.post("/")
async def send_link(request: Request, services: ServicesDep, form: FormDep) -> Response:
    """Take the two, and answer as always."""
    given = {"order": field(form, "order"), "email": field(form, "email")}
    problems = _problems(given)
    if problems:
        return page(request, "customer/find.html", status=422, problems=problems, given=given, first=False)
    network, at = network_of(request), datetime.now(UTC)
    due_at = at + timedelta(seconds=_chance.uniform(_SOONEST, _LATEST))
    asked = LinkRequest(token_hex(8), given["order"], given["email"], network, at, due_at)
    await throttled(
        services.db, [(_FROM_ONE_NETWORK, (network,))], lambda connection: link_requests.keep(connection, asked)
    )
    return RedirectResponse("/link-sent", 303)


def _problems(given: dict[str, str]) -> dict[str, str]:
    problems = {}
    if not spellings(given["order"]) or len(given["order"]) > 100:
        problems["order"] = t("find.order.problem")
    try:
        mailbox_of(given["email"])
    except InvalidAddress:
        problems["email"] = t("find.email.problem")
    return problems


@router.get("/link-sent")
async def link_sent(request: Request) -> Response:
    """Say what happens if the two match."""
    return page(request, "customer/link_sent.html", hours=SIGN_IN_HOURS, most=FOR_ONE_NETWORK.most)


@router.get("/sign-in")
async def landing(request: Request, token: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """Where the link leads: a button, unless it is too old or not ours, or has done its work on this device."""
    order_id = await _order_of(request.app.state.signer, token)
    if order_id in visitor(request).orders:
        return _to_order(order_id)
    status = 200 if order_id else 403
    return page(request, "customer/sign_in.html", status=status, order_id=order_id, token=token, hours=SIGN_IN_HOURS)


@router.post("/sign-in")
async def enter(request: Request, services: ServicesDep, form: FormDep) -> Response:
    """The button: from now on this visitor may see the order, and the link is used up."""
    token = field(form, "token")
    order_id = await _order_of(request.app.state.signer, token)
    if order_id is None or not await _use(services, token, field(form, "csrf")):
        return page(request, "customer/sign_in.html", status=403, order_id=None, token="", hours=SIGN_IN_HOURS)
    await admit_to_order(request, order_id)
    return _to_order(order_id)


def _to_order(order_id: str) -> Response:
    return RedirectResponse(f"/orders/{quote(order_id, safe='')}", 303)


@router.post("/sign-out")
async def leave(request: Request, _: FormDep) -> Response:
    """Forget the visitor, and end what was copied from this device."""
    await sign_out(request)
    return RedirectResponse("/", 303)


async def _order_of(signer: Signer, token: str) -> str | None:
    found = await signer.verified(SIGN_IN, token, SIGN_IN_HOURS * 3600)
    if isinstance(found, list):
        return str(found[0])
    return found if isinstance(found, str) else None  # of a link that an earlier version has mailed


async def _use(services: Services, token: str, pressed_in: str) -> bool:
    """Whether this is the link's one use. The signature can be spelt in several ways, what it signs in one alone."""
    signed, at = token.rpartition(".")[0], now()
    return await use_link(services.db, signed, pressed_in, at, at + timedelta(hours=SIGN_IN_HOURS))
