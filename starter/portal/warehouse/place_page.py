"""Where somebody books units in."""

from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError

from lifecycle.contract.texts import Identifier
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.session import session_of
from starter.portal.warehouse.opened import Desk, DeskDep
from starter.portal.warehouse.staff import HOME

router = APIRouter()
_PATH: Final = "/warehouse/place"
_PLACE: TypeAdapter[str] = TypeAdapter(Identifier)


@router.get(_PATH)
async def ask(desk: DeskDep) -> Response:
    """Show the place of now."""
    return _page(desk, desk.worker.location)


@router.post(_PATH)
async def choose(desk: DeskDep, form: FormDep) -> Response:
    """Keep another one until the end of the session."""
    place = field(form, "location")
    try:
        _PLACE.validate_python(place)
    except ValidationError:
        return _page(desk, place, wrong=True)
    session = session_of(desk.request)
    if desk.worker.is_person:
        session["place"] = place
    else:
        session["desk"] = session["desk"] | {"location": place}
    return RedirectResponse(HOME, 303)


def _page(desk: Desk, place: str, *, wrong: bool = False) -> Response:
    return desk.page("place", status=422 if wrong else 200, place=place, wrong=wrong)
