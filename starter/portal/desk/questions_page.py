"""Customers' questions: whose answer is due next, what was said, and the return that it is about beside it."""

import asyncio
from datetime import datetime
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from client.errors import InvalidInput, NotAllowed
from client.list_rows import ListFilter
from gateways.database.support.cases import get_case
from lifecycle.contract.request import problems
from lifecycle.support.messages import AddMessage, CloseCase
from lifecycle.support.state import CaseStatus, CaseView
from starter.portal.desk.rows import shown
from starter.portal.desk.shown import common
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.staff.guard import PersonDep, check_may
from starter.portal.staff.person import Person
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_MOST: Final = 200
_LATEST: Final = 8
_LONGEST_ID: Final = 64


@router.get("/desk/questions")
async def questions(request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """Those that wait for the shop, the next promise first; then those that wait for their customers."""
    ours, theirs = await asyncio.gather(
        services.support.list(statuses=[CaseStatus.OPEN], limit=_MOST),
        services.support.list(statuses=[CaseStatus.ANSWERED], limit=_MOST),
    )
    found = {"open": sorted(ours, key=_promised), "answered": theirs}
    return page(request, "desk/questions.html", found=found, **common(request, clerk))


def _promised(case: CaseView) -> datetime:
    return case.answer_by or case.opened_at


@router.get("/desk/questions/{case_id}")
async def question(case_id: str, request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """One question, all that was said, and the customer's returns."""
    return await _page(request, services, clerk, case_id)


@router.post("/desk/questions/{case_id}")
async def say(case_id: str, request: Request, services: ServicesDep, clerk: PersonDep, form: FormDep) -> Response:
    """Answer it, or close it; somebody else's answer meanwhile is shown first."""
    do, text = field(form, "do"), field(form, "text")
    if do not in ("answer", "close"):
        raise HTTPException(422)
    check_may(clerk, "add_message" if do == "answer" else "close_case")
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
    return RedirectResponse(f"/desk/questions/{case_id}?done={do}&of={case_id}", 303)


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
    text: str = "",
    problem: str = "",
    first: str = "",
    status: int = 200,
) -> Response:
    view, kept = await services.support.view(case_id), await get_case(services.db, case_id)
    email = kept.request.email if kept else ""
    latest = await services.homeward.find(ListFilter(text=email), _LATEST) if email else None
    return page(
        request,
        "desk/question.html",
        status=status,
        case=view,
        email=email,
        returns=await shown(services, latest.rows) if latest else [],
        text=text,
        problem=problem,
        first=first,
        **common(request, clerk),
    )
