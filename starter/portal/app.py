"""The pages: for customers, and for staff."""

from collections.abc import Collection
from importlib import import_module

from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

from starter.portal.customer import my_return, public_pages, shop_links, signing_in
from starter.portal.customer.begin_return import details_page, items_page, submit
from starter.portal.desk import (
    inbox_page,
    list_page,
    policy_page,
    questions_page,
    return_page,
    start_page,
    today_page,
    warehouse_page,
)
from starter.portal.desk.figures import figures_page
from starter.portal.help import answers, cases, contact
from starter.portal.operations import page as operations_page
from starter.portal.shared import assets
from starter.portal.shared.errors import answer_error
from starter.portal.shared.guard import Guard
from starter.portal.shared.page_budget import page_budget
from starter.portal.shared.session import Sessions
from starter.portal.shared.signer import Signer
from starter.portal.staff import account_page, link_page, oidc_pages, people_page, sign_in_page
from starter.portal.warehouse import (
    calls_page,
    grade_page,
    parcel_page,
    place_page,
    repair_bench,
    scan_page,
    staff,
)
from starter.shared.access_table import EVERY_PART, Part, only_parts
from starter.shared.services import Services

#: The pages, one room for each kind.
ROUTERS = (
    assets,
    signing_in,
    shop_links,
    public_pages,
    details_page,
    submit,
    items_page,  # after those two, whose addresses it matches as well
    my_return,
    sign_in_page,
    link_page,
    oidc_pages,
    account_page,
    people_page,
    staff,
    place_page,
    scan_page,
    warehouse_page,
    calls_page,
    parcel_page,
    grade_page,
    repair_bench,
    today_page,
    list_page,
    start_page,
    policy_page,
    figures_page,
    questions_page,
    return_page,
    inbox_page,
    operations_page,
    answers,
    contact,
    cases,
)


def portal(services: Services, address: str, parts: Collection[Part] = EVERY_PART) -> FastAPI:
    """The pages of these parts, beside the API, with errors of their own. The outside reaches them at ``address``."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.services = services
    app.state.signer = Signer(services.db)
    app.state.page_budget = page_budget()
    app.state.parts, app.state.address = parts, address
    app.state.home = "/" if "portal" in parts else "/warehouse" if "warehouse" in parts else "/staff"
    if services.settings.oidc_issuer:  # now, not while somebody waits
        import_module("starter.portal.staff.oidc_client")
    for router in only_parts(parts, [room.router for room in ROUTERS]):
        app.include_router(router)
    for kind in (HTTPException, StarletteHTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer_error)
    secure = address.startswith("https:")
    app.add_middleware(Sessions, signer=app.state.signer, db=services.db, secure=secure)
    app.add_middleware(Guard, ancestors=services.settings.frame_ancestors)  # added last, so that it is outermost
    return app
