"""What partners told of no return that is known: given to one, or put away."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Path, Request, Response
from pydantic import TypeAdapter, ValidationError

from client.errors import InvalidInput, UnknownEvent, UnknownReturn, Unlikely
from gateways.database.messages import office_calls
from lifecycle.contract.request import problems
from lifecycle.contract.texts import Text
from starter.portal.desk.notices import after
from starter.portal.desk.shown import common
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.staff.guard import PersonDep, check_may
from starter.shared.inbox import Inbox, dismiss
from starter.shared.services import ServicesDep

router = APIRouter()
_Event = Annotated[int, Path(ge=1, le=2**63 - 1)]
_WHY: Final = TypeAdapter(Text)


@router.post("/desk/inbox/{event_id}")
async def settle(
    event_id: _Event, request: Request, services: ServicesDep, clerk: PersonDep, form: FormDep
) -> Response:
    """Do what was pressed; what has been dealt with meanwhile is refused."""
    check_may(clerk, "resolve_attention")
    do, return_id = field(form, "do"), field(form, "return_id")
    try:
        if do == "attach" and return_id:
            confirm = field(form, "confirm") == "yes"
            await Inbox(services.homeward, services.db).attach(event_id, return_id, clerk.name, confirm=confirm)
        elif do == "dismiss":
            await dismiss(services.db, event_id, _why(field(form, "why")), clerk.name)
        else:
            raise HTTPException(422)
    except Unlikely as error:
        shown = {"event_id": event_id, "return_id": return_id, "doubts": error.doubts}
        return page(request, "desk/unlikely.html", status=409, **shown, **common(request, clerk))
    except UnknownEvent:
        raise HTTPException(404) from None
    except UnknownReturn:
        raise InvalidInput([("return_id", "expected a return that there is")]) from None
    return after(request, do, return_id or str(event_id), "/desk#inbox")


def _why(typed: str) -> str:
    try:
        return _WHY.validate_python(typed)
    except ValidationError as error:
        raise InvalidInput([("why", problems(error)[0][1])]) from None


@router.post("/desk/calls/{call_id}")
async def answer_call(
    call_id: _Event, request: Request, services: ServicesDep, clerk: PersonDep, form: FormDep
) -> Response:
    """Say what came of a parcel that the warehouse has had the office look at; once."""
    check_may(clerk, "resolve_attention")
    if not await office_calls.settle(services.db, call_id, clerk.name, _why(field(form, "why")), datetime.now(UTC)):
        raise HTTPException(409)
    return after(request, "answered", str(call_id), "/desk#calls")
