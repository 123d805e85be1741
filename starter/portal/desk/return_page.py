"""One return: all there is to know of it, and what may be done, each with what comes of it."""

from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from client.errors import InvalidInput, NotAllowed
from lifecycle.contract.messages import Deciding
from lifecycle.contract.request import Reason, problems
from lifecycle.contract.view import TimelineEntry
from lifecycle.returns.decisions.first import decided_since
from starter.portal.customer.progress import paid_otherwise
from starter.portal.desk.notices import after
from starter.portal.desk.one_return.acts import ACTS, Pressed
from starter.portal.desk.one_return.overrides import facts_of
from starter.portal.desk.one_return.pieces import changeable, unwiped
from starter.portal.desk.one_return.told import told
from starter.portal.desk.one_return.whole import whole
from starter.portal.desk.shown import common
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.staff.guard import PersonDep, check_may
from starter.portal.staff.person import Person
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_LONGEST_ID: Final = 64
_LONGEST_NUMBER: Final = 6
_HOME: Final = "/desk"
#: What a return that is over by it says of an act.
_ENDS: Final = {"decline": ("declined",), "cancel": ("cancelled",), "release": ("released",)}


@router.get("/desk/returns/{return_id}")
async def show(return_id: str, request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """The page as it stands."""
    return await _page(request, services, clerk, return_id)


@router.post("/desk/returns/{return_id}")
async def act(return_id: str, request: Request, services: ServicesDep, clerk: PersonDep, form: FormDep) -> Response:
    """Do what was pressed; of two who decide at once, one is told who was first."""
    do, wanted, seen = field(form, "do"), ACTS.get(field(form, "do")), _seen(field(form, "seen"))
    if wanted is None:
        raise HTTPException(422)
    check_may(clerk, wanted.update)
    view = await services.homeward.view(return_id)
    try:
        message = wanted.make(Pressed(form, clerk.name, view, ZoneInfo(services.policy().clock.timezone)))
        if isinstance(message, Deciding):
            message = message.model_copy(update={"seen": seen})
        await wanted.send(services.homeward, return_id, message, _request_id(form))
    except NotAllowed as refusal:
        view = await services.homeward.view(return_id)
        first = decided_since(view.timeline, seen)
        if first and view.closed and first.by == clerk.name and first.event in _ENDS.get(do, ()):
            return _done(request, form, return_id, do)  # the same form once more, of a return that it has ended
        said = {"first": first} if first else {"problem": str(refusal)}
        return await _page(request, services, clerk, return_id, status=409, **said)
    except (InvalidInput, ValidationError) as error:
        return await _page(request, services, clerk, return_id, problem=_told(error), status=422)
    return _done(request, form, return_id, do)


def _seen(given: str) -> int:
    """How much of the timeline the page showed that the form stood on."""
    if not given.isdecimal() or len(given) > _LONGEST_NUMBER:
        raise HTTPException(422)
    return int(given)


def _request_id(form: FormData) -> str:
    """The form's own id: sent again after an answer was lost, it is the same message."""
    given = field(form, "form")
    if not given.isalnum() or len(given) > _LONGEST_ID:
        raise HTTPException(422)
    return f"desk-{given}"


def _told(error: InvalidInput | ValidationError) -> str:
    found = problems(error) if isinstance(error, ValidationError) else error.problems
    return "; ".join(f"{name}: {text}" for name, text in found)


def _done(request: Request, form: FormData, return_id: str, do: str) -> Response:
    back = _HOME if field(form, "back") == _HOME else f"{_HOME}/returns/{return_id}"
    return after(request, do, return_id, back)


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
        told=told,
        reasons=list(Reason),
        unwiped=unwiped(shown),
        lines=changeable(shown) if shown.may_change else [],
        otherwise=paid_otherwise(shown.view),
        **common(request, clerk),
        **vars(shown),
    )
