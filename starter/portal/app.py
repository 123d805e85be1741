"""The pages: for customers, and for the warehouse."""

from collections.abc import Collection

from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

from starter.portal import assets
from starter.portal.costs import Costs
from starter.portal.customer import following, ordering, signing_in
from starter.portal.errors import answer_error
from starter.portal.guard import Guard
from starter.portal.help import answers, cases, contact
from starter.portal.seals import Seals
from starter.portal.session import Sessions
from starter.portal.warehouse import bench, floor, grades, parcel, staff
from starter.web.access_table import EVERY_PART, Part
from starter.web.doors import Doors
from starter.web.parts import within

#: The pages, one room for each kind.
ROOMS = (assets, signing_in, ordering, following, staff, floor, parcel, grades, bench, answers, contact, cases)


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
