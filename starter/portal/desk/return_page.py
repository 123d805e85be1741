"""One return: all there is to know of it, and what may be done, each with what comes of it."""

from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from client.errors import InvalidInput, NotAllowed
from lifecycle.contract.request import problems
from lifecycle.contract.view import TimelineEntry
from starter.portal.desk.acts import ACTS, Pressed, decided_since
from starter.portal.desk.overrides import facts_of
from starter.portal.desk.shown import common
from starter.portal.desk.whole import whole
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.staff.guard import PersonDep, check_may
from starter.portal.staff.person import Person
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_LONGEST_ID: Final = 64
_HOME: Final = "/desk"


@router.get("/desk/returns/{return_id}")
async def show(return_id: str, request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """The page as it stands."""
    return await _page(request, services, clerk, return_id)


@router.post("/desk/returns/{return_id}")
async def act(return_id: str, request: Request, services: ServicesDep, clerk: PersonDep, form: FormDep) -> Response:
    """Do what was pressed; of two who decide at once, one is told who was first."""
    do, seen, wanted = field(form, "do"), field(form, "seen"), ACTS.get(field(form, "do"))
    if wanted is None:
        raise HTTPException(422)
    check_may(clerk, wanted.update)
    view = await services.homeward.view(return_id)
    if first := decided_since(view, seen):
        return await _second(request, services, clerk, return_id, form, first)
    try:
        message = wanted.make(Pressed(form, clerk.name, view, ZoneInfo(services.policy().clock.timezone)))
        await wanted.send(services.homeward, return_id, message, _request_id(form))
    except NotAllowed as refusal:
        if first := decided_since(await services.homeward.view(return_id), seen):
            return await _second(request, services, clerk, return_id, form, first)
        return await _page(request, services, clerk, return_id, problem=str(refusal), status=409)
    except (InvalidInput, ValidationError) as error:
        return await _page(request, services, clerk, return_id, problem=_told(error), status=422)
    return RedirectResponse(_back(form, return_id, do), 303)


async def _second(
    request: Request, services: Services, clerk: Person, return_id: str, form: FormData, first: TimelineEntry
) -> Response:
    """Pressed twice by the same person it is done; else somebody was first, and nothing is done."""
    if first.by == clerk.name:
        return RedirectResponse(_back(form, return_id, field(form, "do")), 303)
    return await _page(request, services, clerk, return_id, first=first, status=409)


def _request_id(form: FormData) -> str:
    """The form's own id: sent again after an answer was lost, it is the same message."""
    given = field(form, "form")
    if not given.isalnum() or len(given) > _LONGEST_ID:
        raise HTTPException(422)
    return f"desk-{given}"


def _told(error: InvalidInput | ValidationError) -> str:
    found = problems(error) if isinstance(error, ValidationError) else error.problems
    return "; ".join(f"{name}: {text}" for name, text in found)


def _back(form: FormData, return_id: str, do: str) -> str:
    here = f"{_HOME}/returns/{return_id}"
    return f"{_HOME if field(form, 'back') == _HOME else here}?done={do}&of={return_id}"


async def _page(
    request: Request,
    services: Services,
    clerk: Person,
    return_id: str,
    *,
    status: int = 200,
    problem: str = "",
    first: TimelineEntry | None = None,
) -> Response:
    shown = await whole(services, return_id)
    return page(
        request,
        "desk/return.html",
        status=status,
        problem=problem,
        first=first,
        overrides=facts_of(shown.view),
        **common(request, clerk),
        **vars(shown),
    )
