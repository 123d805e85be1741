"""After-sale support: questions, and what is said to them."""

import re
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from client.errors import Closed
from client.ids import new_case_id
from client.support import Asked
from gateways.database.support import cases
from gateways.database.support.faq import count_shown
from lifecycle.contract.mailboxes import same_mailbox
from lifecycle.contract.request import Channel
from lifecycle.support.messages import (
    CUSTOMER,
    AddMessage,
    CaseId,
    CloseCase,
    MakeReturn,
    Question,
    Queue,
    SupportRequest,
)
from lifecycle.support.state import CaseStatus, CaseSummary, CaseView
from starter.api.faq import ANSWER, Answer, answers_of
from starter.api.returns.exchanges import check_made
from starter.api.returns.known_orders import refuse_used_references
from starter.api.shared.api_keys import Caller, CallerDep, authenticate, need
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.idempotency import Repeats
from starter.api.shared.problems import (
    ALWAYS,
    CLOSED,
    INVALID,
    KEY_REUSED,
    NOT_ALLOWED,
    NOT_FOUND,
    OF_A_BODY,
    OTHER_REQUEST,
    WRONG_SCOPE,
    Failure,
)
from starter.shared.services import Services, ServicesDep

router = APIRouter(prefix="/v1/support-cases", tags=["support"])

CASE_ID = "S-261124-8c1f0a2b3d"
_ASK = {
    "channel": "web",
    "email": "customer@example.com",
    "subject": "My label",
    "text": "I have no printer. How do I print the label?",
    "order_id": "SO-5501",
}
_SUMMARY = {
    "case_id": CASE_ID,
    "status": "open",
    "queue": "support",
    "answer_by": "2026-11-25T15:04:05Z",
    "escalated": False,
    "became_return": None,
    "attention": None,
}
_VIEW = {
    **_SUMMARY,
    "closed": False,
    "channel": "web",
    "subject": _ASK["subject"],
    "order_id": "SO-5501",
    "return_id": None,
    "follows": None,
    "opened_at": "2026-11-24T15:04:05Z",
    "closes_at": None,
    "first_answer_at": None,
    "answers": [{"faq_id": ANSWER["faq_id"], "title": ANSWER["title"]}],
    "address": {"proved": True, "of_order": True},
    "messages": [
        {"message_id": "question", "at": "2026-11-24T15:04:05Z", "by": CUSTOMER, "text": _ASK["text"]},
    ],
    "timeline": [{"at": "2026-11-24T15:04:05Z", "event": "opened", "by": CUSTOMER, "detail": None}],
}
_LISTED = {
    **_SUMMARY,
    **{name: _VIEW[name] for name in ("channel", "subject", "order_id", "return_id", "opened_at")},
}
#: How the subject of each of our mails names its case.
_THREAD = re.compile(r"\[([A-Za-z0-9][A-Za-z0-9._-]{0,79})\]")
_SPEAKS_FOR_THE_SHOP: Final = frozenset({"support", "operate"})
Spoken = TypeVar("Spoken", AddMessage, CloseCase)
_CaseId = Annotated[str, Path(examples=[CASE_ID])]


class AskedQuestion(Question):
    """A question after the sale. An id is made for one that brings none."""

    case_id: CaseId | None = None


class Received(CaseSummary):
    """Where the case stands, and the FAQ's best answers to the question."""

    answers: list[Answer]


class CaseQuery(BaseModel):
    """Which cases, and from where on."""

    model_config = ConfigDict(extra="forbid")

    queue: Queue | None = None
    status: Annotated[list[CaseStatus], Field(description="Those that have not ended when left out.")] = []
    escalated: Annotated[bool | None, Field(description="Whether they wait for longer than they should.")] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: Annotated[CaseId | None, Field(description="The `next_cursor` of the page before.")] = None


class ListedCase(BaseModel):
    """A case in a list; ``attention`` is the step that waits for an operator."""

    case_id: str
    queue: Queue
    status: CaseStatus
    escalated: bool
    channel: Channel
    subject: str
    order_id: str | None
    return_id: str | None
    became_return: str | None
    opened_at: AwareDatetime
    answer_by: AwareDatetime | None
    attention: str | None


class CaseList(BaseModel):
    """The longest open first; null as ``next_cursor`` at the end."""

    cases: list[ListedCase]
    next_cursor: str | None


_QUESTION = Body(AskedQuestion, _ASK)
_MESSAGE = Body(AddMessage, {"message_id": "M-1", "by": "alex", "text": "Choose drop-off: you need no printer."})
_CLOSE = Body(CloseCase, {"by": CUSTOMER, "reason": "It works now"})
_RETURN = Body(
    MakeReturn,
    {"by": "alex", "request": {"items": [{"line_id": "1", "quantity": 1, "reason": "defective"}]}},
)


def _accepts(body: Body[Any], status: str) -> dict[str, Any]:
    """What is said of calls about one case; ``status`` is that of the example."""
    problems = (*ALWAYS, *OF_A_BODY, NOT_FOUND, NOT_ALLOWED, CLOSED, KEY_REUSED)
    example = {**_SUMMARY, "status": status}
    return answers(CaseSummary, example, "Accepted; the return's summary.", *problems, body=body)


@router.post(
    "",
    **answers(
        Received,
        {**_SUMMARY, "answers": [ANSWER]},
        "The question is kept; `Location` is the case's address.",
        *(*ALWAYS, *OF_A_BODY, OTHER_REQUEST, KEY_REUSED),
        body=_QUESTION,
        creates=True,
    ),
)
async def ask_support(
    caller: CallerDep,
    question: Annotated[AskedQuestion, Depends(_QUESTION)],
    repeats: Repeats,
    services: ServicesDep,
) -> Response:
    """Take a question; the customer gets a receipt, and the FAQ's best answers are given at once.

    The same `case_id`, or the same `Idempotency-Key`, again gives the same case. A question by
    `email` whose subject names a case in brackets, as our mails do, and comes from that case's
    address is one more message of it; once that case has closed, it is a new one that follows it.
    """
    case_id = await repeats.return_id(services, caller, question, question.case_id or new_case_id())
    request = SupportRequest(**question.model_dump(exclude={"case_id"}), case_id=case_id)
    found = await services.faq.best(f"{request.subject} {request.text}")
    asked = await _ask(services, request)
    await count_shown(services.db, [answer.faq_id for answer in found] if asked.created else [])
    content = Received(**asked.summary.model_dump(), answers=answers_of(services, found))
    where = {"Location": f"/v1/support-cases/{asked.summary.case_id}"}
    return json_of(content, 201 if asked.created else 200, where)


async def _ask(services: Services, request: SupportRequest) -> Asked:
    """A case of its own, or one more message of the case that the subject of a mail names."""
    earlier = await _thread(services, request)
    if earlier is None:
        return await services.support.ask(request)
    message = AddMessage(message_id=request.case_id, by=CUSTOMER, text=request.text)
    try:
        return Asked(await services.support.add_message(earlier, message), created=False)
    except Closed:
        return await services.support.ask(request.model_copy(update={"follows": earlier}))


async def _thread(services: Services, request: SupportRequest) -> str | None:
    for case_id in _THREAD.findall(request.subject) if request.channel is Channel.EMAIL else ():
        known = await cases.get_case(services.db, case_id)
        if known and same_mailbox(known.request.email, request.email):
            return str(case_id)
    return None


@router.get(
    "",
    summary="List support cases",
    **answers(
        CaseList,
        {"cases": [_LISTED], "next_cursor": None},
        "The longest open first, without their messages.",
        *(*ALWAYS, INVALID),
    ),
    dependencies=[Depends(authenticate)],
)
async def list_cases(wishes: Annotated[CaseQuery, Query()], services: ServicesDep) -> Response:
    """Cases that have not ended, or those of the statuses that are named, a moment behind the cases themselves.

    With `escalated` a page may hold fewer than `limit`; a page without a `next_cursor` is the last.
    """
    wanted = wishes.status or [status for status in CaseStatus if not status.ended]
    found = await services.support.list(wishes.queue, wanted, wishes.limit + 1, wishes.cursor)
    page = found[: wishes.limit]
    shown = [_row(case) for case in page if wishes.escalated in (None, case.escalated)]
    return json_of(CaseList(cases=shown, next_cursor=page[-1].case_id if len(found) > len(page) else None))


@router.get(
    "/{case_id}",
    **answers(CaseView, _VIEW, "All there is to see.", *ALWAYS, NOT_FOUND),
    dependencies=[Depends(authenticate)],
)
async def show_case(case_id: _CaseId, services: ServicesDep) -> Response:
    """Show all of one case, from the database once it has ended."""
    return json_of(await services.support.view(case_id))


@router.post("/{case_id}/messages", **_accepts(_MESSAGE, "open"))
async def add_case_message(
    case_id: _CaseId,
    caller: CallerDep,
    message: Annotated[AddMessage, Depends(_MESSAGE)],
    repeats: Repeats,
    services: ServicesDep,
) -> Response:
    """Write `by` the `customer`, or answer: `by` anybody else, for which the key needs `support` or `operate`."""
    _may_speak(caller, message.by)
    await repeats.return_id(services, caller, message, case_id)
    return json_of(await services.support.add_message(case_id, _signed(caller, message)))


@router.post("/{case_id}/close", **_accepts(_CLOSE, "closed"))
async def close_case(
    case_id: _CaseId,
    caller: CallerDep,
    message: Annotated[CloseCase, Depends(_CLOSE)],
    repeats: Repeats,
    services: ServicesDep,
) -> Response:
    """Say that nothing more is to be answered."""
    _may_speak(caller, message.by)
    await repeats.return_id(services, caller, message, case_id)
    return json_of(await services.support.close(case_id, _signed(caller, message), repeats.request_id(caller)))


@router.post("/{case_id}/return", **_accepts(_RETURN, "became_return"))
async def make_return_of_case(
    case_id: _CaseId,
    caller: CallerDep,
    message: Annotated[MakeReturn, Depends(_RETURN)],
    repeats: Repeats,
    services: ServicesDep,
) -> Response:
    """Have the case become a return; what is left out is taken from the case and its order.

    Of an order whose customer has another address than the one that asked it is refused, unless `anyway` is true.
    To bring an `order` of its own the key needs `vouch` beside; no other order may have used its payments. What
    an exchange brings is what the order offers, unless the key has `operate` or `vouch`.
    """
    if message.request and message.request.order:
        need(caller, "vouch")
        await refuse_used_references(services, message.request.order, "request.order")
    if message.request:
        await check_made(services, caller, case_id, message.request)
    await repeats.return_id(services, caller, message, case_id)
    return json_of(await services.support.make_return(case_id, caller.signs(message), repeats.request_id(caller)))


def _row(case: CaseView) -> ListedCase:
    return ListedCase.model_validate({**vars(case), "attention": case.attention and case.attention.step})


def _may_speak(caller: Caller, by: str) -> None:
    if by != CUSTOMER and not caller.scopes & _SPEAKS_FOR_THE_SHOP:
        detail = f"expected a key with scope support or operate, or the customer's own words (by {CUSTOMER})"
        raise Failure(WRONG_SCOPE, detail)


def _signed(caller: Caller, message: Spoken) -> Spoken:
    """Staff with their key's name; a customer is who the case says, and has no other name."""
    return message if message.by == CUSTOMER else caller.signs(message)
