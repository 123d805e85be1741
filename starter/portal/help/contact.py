"""Write to us: the question, the answers that we have already, and only then somebody of the shop."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from client.errors import OtherRequest
from client.ids import new_case_id
from gateways.database.rates import Limit
from gateways.database.returns.records import order_of
from gateways.database.support.cases import get_case
from gateways.database.support.faq import count_shown
from lifecycle.contract.boundary import read
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.mailboxes import same_mailbox, untagged
from lifecycle.support.messages import Queue, SupportRequest
from starter.portal.help.cases import show_case
from starter.portal.help.markdown import prose
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.shared.session import LASTS, admit_to_case, visitor
from starter.portal.shared.texts import t
from starter.portal.shared.throttle import throttled
from starter.shared.networks import network_of
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_PURPOSE: Final = "question"
#: What the form asks for, and what its address may fill in.
_FIELDS: Final = ("topic", "number", "email", "subject", "text", "follows")
#: Whatever else it is, it is no return's number.
_RETURN: Final = re.compile(r"^[\w.-]{1,100}$", re.ASCII)
#: Questions from one network, and of those the ones with one mail address: from elsewhere its owner can still ask.
_FROM_ONE_NETWORK: Final = (
    Limit("questions", 30, timedelta(minutes=1)),
    Limit("questions a day", 300, timedelta(days=1)),
)
_WITH_ONE_ADDRESS: Final = Limit("questions with one address", 20, timedelta(hours=1))


@router.get("/help/contact")
async def write(request: Request) -> Response:
    """The form; links to it may name what the question is about."""
    known = request.query_params
    given = {
        "topic": Queue.RETURNS.value if "return" in known else "",
        "number": known.get("return") or known.get("order") or "",
        "follows": known.get("follows", ""),
    }
    sealed = await request.app.state.signer.sign(_PURPOSE, new_case_id())
    return _form(request, sealed, {name: value[:100] for name, value in given.items()}, {})


@router.post("/help/contact")
async def send(request: Request, services: ServicesDep, form: FormDep) -> Response:
    """First the FAQ's best answers; with none, or when they did not help, the question goes to the shop."""
    sealed = field(form, "question")
    case_id = await request.app.state.signer.verified(_PURPOSE, sealed, LASTS)
    if not isinstance(case_id, str):
        raise HTTPException(403)
    given = {name: field(form, name) for name in _FIELDS}
    question, wrong = await _question(request, services, case_id, given)
    if question is None:
        return _form(request, sealed, given, wrong, status=422)
    found = [] if field(form, "sure") else await services.faq.best(f"{question.subject} {question.text}")
    if found:
        await count_shown(services.db, [answer.faq_id for answer in found])
        answers = [(answer, prose(answer.text)) for answer in found]
        return page(request, "help/offered.html", answers=answers, sealed=sealed, given=given, question_id=case_id)
    network = network_of(request)
    counted = [(limit, (network,)) for limit in _FROM_ONE_NETWORK]
    await throttled(services.db, [*counted, (_WITH_ONE_ADDRESS, (network, untagged(question.email)))])
    try:
        await services.support.ask(question)
    except OtherRequest:
        if case_id not in visitor(request).cases:
            raise
        return await show_case(
            request, services, case_id, status=409, problem=t("case.asked_before"), text=question.text
        )
    await admit_to_case(request, case_id, proved=False)
    return RedirectResponse(f"/help/cases/{case_id}", 303)


def _form(
    request: Request, sealed: str, given: Mapping[str, str], wrong: Mapping[str, str], status: int = 200
) -> Response:
    return page(request, "help/contact.html", status=status, sealed=sealed, given=given, problems=wrong)


async def _question(
    request: Request, services: Services, case_id: str, given: Mapping[str, str]
) -> tuple[SupportRequest | None, dict[str, str]]:
    """The question as the shop takes it, or what is wrong with which field."""
    number = given["number"].lstrip("#")
    order_of_return = await order_of(services.db, number) if _RETURN.match(number) else None
    follows = given["follows"] if given["follows"] in visitor(request).cases else None
    raw = {
        "case_id": case_id,
        "email": given["email"],
        "subject": given["subject"],
        "text": given["text"].replace("\r\n", "\n"),
        "queue": given["topic"],
        "order_id" if order_of_return is None else "return_id": number or None,
        "follows": follows,
        # Being signed in to an order proves no other address than the order's, and that one is looked up.
        "anonymous": not await _is_proved(services, request, follows, given["email"]),
    }
    try:
        return read(SupportRequest, raw), {}
    except InvalidRequest as error:
        names = {"queue": "topic", "order_id": "number", "return_id": "number"}
        fields = [names.get(name, name) for name, _ in error.problems]
        return None, {name: t(f"contact.{name}.problem") for name in fields}


async def _is_proved(services: Services, request: Request, case_id: str | None, address: str) -> bool:
    """Whether this visitor has followed the link that an earlier question's mail brought to the same address."""
    known = await get_case(services.db, case_id) if case_id in visitor(request).proved and case_id else None
    return known is not None and same_mailbox(known.request.email, address)
