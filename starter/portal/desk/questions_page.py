"""Customers' questions: whose answer is due next, what was said, and the return that it is about beside it."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from client.errors import InvalidInput, NotAllowed
from client.list_rows import ListFilter
from gateways.database.support.cases import get_case
from gateways.database.support.faq_misses import most_missed
from gateways.database.support.notes import CaseNote, add_note, notes_of
from lifecycle.contract.request import problems
from lifecycle.support.messages import AddMessage, CloseCase, MessageText
from lifecycle.support.state import CaseStatus, CaseView
from starter.portal.desk.canned import canned_answers, canned_text
from starter.portal.desk.notices import after
from starter.portal.desk.rows import found, shown
from starter.portal.desk.shown import common
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.shared.texts import t
from starter.portal.staff.guard import PersonDep, check_may
from starter.portal.staff.person import Person
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_MOST: Final = 200
#: Words of searches that found nothing.
_WORDS: Final = 30
_NOTE: Final = TypeAdapter(MessageText)
_LATEST: Final = 8
_LONGEST_ID: Final = 64


@router.get("/desk/questions")
async def questions(request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """Those that wait for the shop, the next promise first; then those that wait for their customers."""
    ours, theirs = await asyncio.gather(
        services.support.list(statuses=[CaseStatus.OPEN], limit=_MOST),
        services.support.list(statuses=[CaseStatus.ANSWERED], limit=_MOST),
    )
    cases = {"open": sorted(ours, key=_promised), "answered": theirs}
    missed = await most_missed(services.db, _WORDS)
    return page(request, "desk/questions.html", found=cases, missed=missed, **common(request, clerk))


def _promised(case: CaseView) -> datetime:
    return case.answer_by or case.opened_at


@router.get("/desk/questions/{case_id}")
async def question(
    case_id: str, request: Request, services: ServicesDep, clerk: PersonDep, canned: Annotated[str, Query()] = ""
) -> Response:
    """One question, all that was said, and the customer's returns; a ``canned`` answer stands in the form."""
    return await _page(request, services, clerk, case_id, canned=canned)


@router.post("/desk/questions/{case_id}")
async def say(case_id: str, request: Request, services: ServicesDep, clerk: PersonDep, form: FormDep) -> Response:
    """Answer it, or close it; somebody else's answer meanwhile is shown first."""
    do, text = field(form, "do"), field(form, "text")
    if do not in ("answer", "close", "note"):
        raise HTTPException(422)
    check_may(clerk, "close_case" if do == "close" else "add_message")
    if do == "note":
        return await _note(request, services, clerk, case_id, form)
    view = await services.support.view(case_id)
    if str(len(view.messages)) != field(form, "seen") and view.messages[-1].by != clerk.name:
        return await _page(request, services, clerk, case_id, text=text, first=view.messages[-1].by, status=409)
    try:
        await _send(services, case_id, clerk, do, text, _form_id(field(form, "form")))
    except NotAllowed as refusal:
        return await _page(request, services, clerk, case_id, text=text, problem=str(refusal), status=409)
    except (InvalidInput, ValidationError) as error:
        wrong = problems(error) if isinstance(error, ValidationError) else error.problems
        return await _page(request, services, clerk, case_id, text=text, problem=wrong[0][1], status=422)
    return after(request, do, case_id, f"/desk/questions/{case_id}")


async def _note(request: Request, services: Services, clerk: Person, case_id: str, form: FormData) -> Response:
    """Keep a note for colleagues; no customer is told of it, and it may stand beside a closed question."""
    try:
        text, known = _NOTE.validate_python(field(form, "text")), await services.support.view(case_id)
    except ValidationError:
        wrong = t("desk.questions.no_note")
        return await _page(request, services, clerk, case_id, problem=wrong, status=422)
    note = CaseNote(clerk.name, text, datetime.now(UTC))
    await add_note(services.db, _form_id(field(form, "form")), known.case_id, note)
    return after(request, "noted", case_id, f"/desk/questions/{case_id}#notes")


async def _send(services: Services, case_id: str, clerk: Person, do: str, text: str, form_id: str) -> None:
    if do == "answer":
        await services.support.add_message(case_id, AddMessage(message_id=form_id, by=clerk.name, text=text))
    else:
        await services.support.close(case_id, CloseCase(by=clerk.name, reason=text or None), form_id)


def _form_id(given: str) -> str:
    if not given.isalnum() or len(given) > _LONGEST_ID:
        raise HTTPException(422)
    return f"desk-{given}"


async def _page(
    request: Request,
    services: Services,
    clerk: Person,
    case_id: str,
    *,
    status: int = 200,
    canned: str = "",
    **said: str,
) -> Response:
    """``said``: the ``text`` in the form, what the ``problem`` is, and who was ``first``."""
    view, kept = await services.support.view(case_id), await get_case(services.db, case_id)
    email = kept.request.email if kept else ""
    answers = canned_answers(services.settings.content)
    begun = canned_text(answers, canned, view, services.policy().shop.name)
    latest = await found(services, ListFilter(text=email), _LATEST) if email else None
    return page(
        request,
        "desk/question.html",
        status=status,
        case=view,
        email=email,
        returns=await shown(services, latest[0].rows) if latest else [],
        canned=answers,
        notes=await notes_of(services.db, case_id),
        **({"text": begun, "problem": "", "first": ""} | said),
        **common(request, clerk),
    )
