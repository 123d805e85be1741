"""The HTTP API (CONTRACT section 8)."""

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from starter.api import actions, docs, faq, health, orphans, quotes, repairs, returns, support, ways, webhooks
from starter.api.access import guard
from starter.api.problems import tell_problems
from starter.api.schema import described
from starter.api.watch import Watch
from starter.web.doors import Doors

#: The calls, one room for each kind.
ROOMS = (returns, actions, orphans, ways, repairs, quotes, webhooks, support, faq, health)


def api(doors: Doors, *, secure: bool = False) -> FastAPI:
    """All calls; ``secure``: the outside reaches them by https."""
    app = _Api(
        title="Homeward",
        version=version("homeward"),
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.doors = doors
    for room in (*ROOMS, docs):
        app.include_router(room.router)
    guard(app, doors.settings)
    tell_problems(app, [room.router for room in ROOMS])
    app.add_middleware(Watch, secure=secure)
    return app


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The description, once made."""
        if not self.openapi_schema:
            self.openapi_schema = described(self, [room.router for room in ROOMS])
        return self.openapi_schema
