"""The HTTP API (CONTRACT section 8)."""

from collections.abc import Collection, Sequence
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI

from starter.api import (
    attention,
    docs,
    faq,
    findings,
    health,
    inbox,
    partners,
    portal_links,
    repair_queue,
    repairs,
    suppliers,
    support,
    webhooks,
)
from starter.api.books import promise, stock, store_credit
from starter.api.events import polled, schemas, subscriptions
from starter.api.guard import Guard, PlainPaths
from starter.api.headers import CallHeaders
from starter.api.request_log import RequestLog
from starter.api.returns import actions, handover_options, links, orphans, quotes, start_and_read
from starter.api.shared.api_keys import ApiKeys
from starter.api.shared.openapi import described
from starter.api.shared.problems import install_problem_handlers
from starter.doctor.readiness import readiness_of
from starter.shared.access_table import EVERY_PART, Part, only_parts, rows_of
from starter.shared.services import Services

#: The calls, one room for each kind.
ROUTERS = (
    start_and_read,
    actions,
    orphans,
    attention,
    findings,
    handover_options,
    repairs,
    repair_queue,
    quotes,
    portal_links,
    links,
    store_credit,
    stock,
    suppliers,
    promise,
    inbox,
    webhooks,
    support,
    faq,
    partners,
    polled,
    subscriptions,
    schemas,
    health,
)
_DESCRIPTION = "/openapi.json"
_ABOUT = (
    "Returns of a shop's customers. Amounts are integers in the currency's minor unit, instants ISO 8601 with a zone;"
    " a call that is repeated changes nothing more. What fails is a problem (RFC 9457). The header Homeward-Version may"
    " name the version that a call is written for, by its date; every answer names the one that answered."
)


def api(services: Services, parts: Collection[Part] = EVERY_PART, *, secure: bool = False) -> FastAPI:
    """The calls of these parts; ``secure``: the outside reaches them by https."""
    routers = only_parts(parts, [room.router for room in ROUTERS])
    app = _Api(
        routers,
        title="Homeward",
        version=version("homeward"),
        description=_ABOUT,
        redirect_slashes=False,
        openapi_url=_DESCRIPTION if ("GET", _DESCRIPTION) in rows_of(parts) else None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    for router in (*routers, *only_parts(parts, [docs.router])):
        app.include_router(router)
    app.state.api_keys = ApiKeys(services)
    app.state.readiness = readiness_of(services.client, services.db, needs_workers=True)
    install_problem_handlers(app, routers)
    app.add_middleware(PlainPaths)
    app.add_middleware(CallHeaders)
    app.add_middleware(RequestLog)
    app.add_middleware(Guard, secure=secure)  # added last, so that it is outermost
    return app


class _Api(FastAPI):
    def __init__(self, routers: Sequence[APIRouter], **how: Any) -> None:
        super().__init__(**how)
        self._routers = routers

    def openapi(self) -> dict[str, Any]:
        """The description, once made."""
        if not self.openapi_schema:
            self.openapi_schema = described(self, self._routers)
        return self.openapi_schema
