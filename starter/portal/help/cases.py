"""My question: what was said so far, by when it is answered, and what the customer says next."""

from contextlib import suppress
from datetime import UTC, datetime
from itertools import takewhile
from typing import Annotated, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from client.errors import HomewardError, NotAllowed
from gateways.database.messages.signed_links import CASE
from gateways.database.returns.records import get_return
from gateways.database.support.cases import get_case
from gateways.database.support.faq import count_ended
from gateways.errors import GatewayError
from gateways.orders.protocol import search
from lifecycle.support.messages import CUSTOMER, AddMessage, CloseCase
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.shared.session import LASTS, admit_to_case, visitor
from starter.portal.shared.texts import t
from starter.shared.services import Services, ServicesDep

router = APIRouter()
#: Seconds that a link in a mail can be used; every mail brings a new one.
_LINK_LASTS: Final = 90 * 24 * 60 * 60
_LONGEST_ID: Final = 64


async def own_case(case_id: str, request: Request, services: ServicesDep) -> str:
    """The case's id; 404 for one that is not theirs, whether it exists or not."""
    if case_id not in visitor(request).cases and not await _of_own_order(services, request, case_id):
        raise HTTPException(404)
    return case_id


async def _of_own_order(services: Services, request: Request, case_id: str) -> bool:
    """Whether the case is about an order that this visitor has signed in to."""
    orders = visitor(request).orders
    known = await get_case(services.db, case_id) if orders else None
    if known is None:
        return False
    if known.request.order_id is None:
        about = await get_return(services.db, known.request.return_id) if known.request.return_id else None
        return about is not None and about.order_id in orders
    return known.request.order_id in orders or await _meant(services, known.request.order_id) in orders


async def _meant(services: Services, typed: str) -> str | None:
    """The id of the order that somebody who typed this means; None where the shop knows none, or does not answer."""
    with suppress(GatewayError):
        async for found in search(services.orders, typed):
            return found.order.order_id
    return None


CaseDep = Annotated[str, Depends(own_case)]


async def writable_case(case_id: CaseDep, request: Request, services: ServicesDep) -> str:
    """The same; 403 for whoever only asked, once the owner of the address has proved that it is theirs."""
    if not await _is_proved(services, request, case_id) and (await services.support.view(case_id)).address.proved:
        raise HTTPException(403)
    return case_id


async def _is_proved(services: Services, request: Request, case_id: str) -> bool:
    """Whether this visitor gets the mails of the case's address, or has signed in to its order."""
    return case_id in visitor(request).proved or await _of_own_order(services, request, case_id)


WritableCaseDep = Annotated[str, Depends(writable_case)]


@router.get("/help/case")
async def landing(request: Request, key: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """Where the link in a mail leads: a button, because programs that look through mails follow links."""
    case_id = await _case_of(request, key)
    if case_id is None:
        return page(request, "help/old_link.html", status=403)
    return page(request, "help/enter.html", key=key)


@router.post("/help/case")
async def enter(request: Request, services: ServicesDep, form: FormDep) -> Response:
    """The button: from now on this visitor may read the case."""
    case_id = await _case_of(request, field(form, "key"))
    if case_id is None:
        return page(request, "help/old_link.html", status=403)
    await admit_to_case(request, case_id, proved=True)
    with suppress(HomewardError, GatewayError):  # they read the page all the same; the next time it is recorded
        await services.support.prove(case_id)
    return RedirectResponse(f"/help/cases/{case_id}", 303)


async def _case_of(request: Request, key: str) -> str | None:
    found = await request.app.state.signer.verified(CASE, key, _LINK_LASTS)
    return found if isinstance(found, str) else None


@router.get("/help/cases/{case_id}")
async def show(request: Request, services: ServicesDep, case_id: CaseDep) -> Response:
    """The conversation."""
    return await show_case(request, services, case_id)


@router.post("/help/cases/{case_id}/messages")
async def say(request: Request, services: ServicesDep, case_id: WritableCaseDep, form: FormDep) -> Response:
    """The customer writes."""
    text = field(form, "text").replace("\r\n", "\n")
    try:
        message = AddMessage(message_id=field(form, "message"), by=CUSTOMER, text=text)
    except ValidationError:
        return await show_case(request, services, case_id, status=422, problem=t("case.problem"), text=text)
    try:
        await services.support.add_message(case_id, message)
    except NotAllowed:
        return await show_case(request, services, case_id, status=409, problem=t("case.too_late"), text=text)
    said = (await services.support.view(case_id)).messages
    if any(one.message_id == message.message_id and one.text != message.text for one in said):
        return await show_case(request, services, case_id, status=409, problem=t("case.said_before"), text=text)
    return RedirectResponse(f"/help/cases/{case_id}", 303)


@router.post("/help/cases/{case_id}/close")
async def close(request: Request, services: ServicesDep, case_id: WritableCaseDep, form: FormDep) -> Response:
    """It is settled: by one of the FAQ's answers, or otherwise."""
    faq_id, request_id = field(form, "faq"), field(form, "request_id")[:_LONGEST_ID]
    answer = await services.faq.one(faq_id) if faq_id else None
    reason = f"answered by {answer.faq_id}" if answer else None
    try:
        await services.support.close(case_id, CloseCase(by=CUSTOMER, reason=reason), request_id)
    except NotAllowed:
        return await show_case(request, services, case_id, status=409)
    if answer:
        await count_ended(services.db, case_id, answer.faq_id, datetime.now(UTC))
    return RedirectResponse(f"/help/cases/{case_id}", 303)


async def show_case(
    request: Request, services: Services, case_id: str, *, status: int = 200, problem: str = "", text: str = ""
) -> Response:
    """The conversation; ``problem`` says why ``text`` was not sent, which is kept in the form."""
    view = await services.support.view(case_id)
    # Whoever asked may have given somebody else's address: answers are for who gets its mails, or has the order.
    proved = await _is_proved(services, request, case_id)
    said = view.messages if proved else list(takewhile(lambda message: message.from_customer, view.messages))
    return page(
        request,
        "help/case.html",
        status=status,
        view=view,
        said=said,
        proved=proved,
        writable=proved or not view.address.proved,
        hours=LASTS // 3600,
        problem=problem,
        text=text,
        message_id=uuid4().hex,
        request_id=uuid4().hex,
    )
