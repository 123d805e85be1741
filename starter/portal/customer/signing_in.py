"""Find my order: a link by mail to whoever knows an order's number and the address it was placed with.

The answer is the same whether there is such an order or not, and it is given before anybody has
looked. The link opens a page with a button, because programs that look through mails follow links. The button
uses the link up.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Annotated, Final
from urllib.parse import quote

import structlog
from fastapi import APIRouter, BackgroundTasks, Query, Request
from fastapi.responses import RedirectResponse, Response

from gateways.database.outbox import OutboxMail, put
from gateways.database.sessions import use_link
from gateways.errors import GatewayError
from gateways.orders.protocol import search
from lifecycle.mailboxes import InvalidAddress, mailbox_key, mailbox_of, same_mailbox
from lifecycle.order_ids import spellings
from lifecycle.request import Order
from starter.portal.forms import FormHere, field
from starter.portal.pages import page
from starter.portal.seals import Seals
from starter.portal.session import admit_to_order, now, sign_out, visitor
from starter.portal.texts import t
from starter.portal.throttle import FROM_ONE_ADDRESS, TO_ONE_MAILBOX, network_address, throttle_of
from starter.web.doors import Doors, DoorsHere

router = APIRouter()
_log = structlog.get_logger("homeward.portal")
_PURPOSE: Final = "sign-in"
#: Hours that a link can be used.
_HOURS: Final = 2
#: Seconds before each try to look the order up.
_TRIES: Final = (0, 1, 5, 15)


@router.get("/")
async def find(request: Request) -> Response:
    """Ask for order number and mail address."""
    return page(request, "customer/find.html", problems={}, given={}, first=False)


@router.post("/")
async def send_link(request: Request, doors: DoorsHere, form: FormHere, later: BackgroundTasks) -> Response:
    """Take the two, and answer as always."""
    given = {"order": field(form, "order"), "email": field(form, "email")}
    problems = _problems(given)
    if problems:
        return page(request, "customer/find.html", status=422, problems=problems, given=given, first=False)
    throttle = throttle_of(request)
    await throttle.hit(FROM_ONE_ADDRESS, "sign-in", network_address(request))
    await throttle.hit(TO_ONE_MAILBOX, "sign-in", mailbox_key(given["email"]))
    state = request.app.state
    later.add_task(_look_up, doors, state.seals, state.address, given["order"], given["email"])
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
    return page(request, "customer/link_sent.html", hours=_HOURS)


@router.get("/sign-in")
async def landing(request: Request, token: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """Where the link leads: a button, unless it is too old or not ours, or has done its work on this device."""
    order_id = await _order_of(request.app.state.seals, token)
    if order_id in visitor(request).orders:
        return _to_order(order_id)
    status = 200 if order_id else 403
    return page(request, "customer/sign_in.html", status=status, order_id=order_id, token=token, hours=_HOURS)


@router.post("/sign-in")
async def enter(request: Request, doors: DoorsHere, form: FormHere) -> Response:
    """The button: from now on this visitor may see the order, and the link is used up."""
    token = field(form, "token")
    order_id = await _order_of(request.app.state.seals, token)
    if order_id is None or not await _use(doors, token, field(form, "csrf")):
        return page(request, "customer/sign_in.html", status=403, order_id=None, token="", hours=_HOURS)
    await admit_to_order(request, order_id)
    return _to_order(order_id)


def _to_order(order_id: str) -> Response:
    return RedirectResponse(f"/orders/{quote(order_id, safe='')}", 303)


@router.post("/sign-out")
async def leave(request: Request, _: FormHere) -> Response:
    """Forget the visitor, and end what was copied from this device."""
    await sign_out(request)
    return RedirectResponse("/", 303)


async def link_token(seals: Seals, order_id: str) -> str:
    """What a link to this order holds; each is another one."""
    return await seals.seal(_PURPOSE, [order_id, token_hex(8)])


async def _order_of(seals: Seals, token: str) -> str | None:
    found = await seals.opened(_PURPOSE, token, _HOURS * 3600)
    if isinstance(found, list):
        return str(found[0])
    return found if isinstance(found, str) else None  # of a link that an earlier version has mailed


async def _use(doors: Doors, token: str, pressed_in: str) -> bool:
    """Whether this is the link's one use. The signature can be spelt in several ways, what it signs in one alone."""
    signed, at = token.rpartition(".")[0], now()
    return await use_link(doors.db, signed, pressed_in, at, at + timedelta(hours=_HOURS))


async def _look_up(doors: Doors, seals: Seals, address: str, typed: str, email: str) -> None:
    """Write the mail if the two match; nobody waits for it, so it tries more than once."""
    for wait in _TRIES:
        await asyncio.sleep(wait)
        try:
            order = await _matching(doors, typed, email)
            if order:
                await _write(doors, seals, address, order)
            return
        except GatewayError as error:
            _log.warning("sign_in_delayed", code=error.code)
    _log.error("sign_in_given_up")


async def _matching(doors: Doors, typed: str, email: str) -> Order | None:
    async for found in search(doors.orders, typed):
        if same_mailbox(found.order.customer.email, email):
            return found.order
    return None


async def _write(doors: Doors, seals: Seals, address: str, order: Order) -> None:
    link = f"{address}/sign-in?token={await link_token(seals, order.order_id)}"
    values = {"name": order.customer.name, "order": order.order_id, "shop": doors.policy().shop.name}
    # Each in a row of its own: one that cannot be delivered holds no other up.
    name = f"sign-in-{token_hex(8)}"
    mail = OutboxMail(
        key=name,
        return_id=name,
        to=order.customer.email,
        recipient_name=order.customer.name,
        template="sign_in",
        subject=t("mail.sign_in.subject", **values),
        text=t("mail.sign_in.text", link=link, hours=_HOURS, **values),
        at=datetime.now(UTC),
    )
    await doors.db.write(lambda connection: put(connection, mail))
