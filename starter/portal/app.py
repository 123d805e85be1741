"""The pages: for customers, and for the warehouse."""

from collections.abc import Collection

from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

from starter.portal.customer import my_return, signing_in, start_return
from starter.portal.help import answers, cases, contact
from starter.portal.shared import assets
from starter.portal.shared.costs import Costs
from starter.portal.shared.errors import answer_error
from starter.portal.shared.guard import Guard
from starter.portal.shared.session import Sessions
from starter.portal.shared.signer import Seals
from starter.portal.warehouse import grade_page, parcel_page, repair_bench, scan_page, staff
from starter.shared.access_table import EVERY_PART, Part
from starter.shared.parts import within
from starter.shared.services import Doors

#: The pages, one room for each kind.
ROOMS = (
    assets,
    signing_in,
    start_return,
    my_return,
    staff,
    scan_page,
    parcel_page,
    grade_page,
    repair_bench,
    answers,
    contact,
    cases,
)


def portal(doors: Doors, address: str, parts: Collection[Part] = EVERY_PART) -> FastAPI:
    """The pages of these parts, beside the API, with errors of their own. The outside reaches them at ``address``."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.doors = doors
    app.state.seals = Seals(doors.db)
    app.state.costs = Costs()
    app.state.home = "/" if "portal" in parts else "/warehouse"
    for router in within(parts, [room.router for room in ROOMS]):
        app.include_router(router)
    for kind in (HTTPException, StarletteHTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer_error)
    secure = address.startswith("https:")
    app.add_middleware(Sessions, seals=app.state.seals, db=doors.db, secure=secure)
    app.add_middleware(Guard)  # added last, so that it is outermost
    return app
