"""The one web application: the HTTP API, and the portal's pages beside it."""

from collections.abc import Collection

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from starter.api.app import api
from starter.portal.app import portal
from starter.shared.access_table import EVERY_PART, Part
from starter.shared.services import Services
from workers.traces import trace_calls


def application(services: Services, address: str | None = None, parts: Collection[Part] = EVERY_PART) -> FastAPI:
    """All that is served at one address, or some parts of it; links lead to the public address where that is set."""
    address = services.settings.public_url or address or ""
    app = api(services, parts, secure=address.startswith("https:"))
    pages = portal(services, address, parts) if {"portal", "warehouse", "desk"}.intersection(parts) else None

    async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
        """What no call answers; unknown calls are answered as calls are, not as pages."""
        if pages is None or scope["type"] != "http" or scope["path"].startswith("/v1/"):
            await app.router.not_found(scope, receive, send)
        else:
            await pages(scope, receive, send)

    app.router.default = elsewhere
    trace_calls(app)
    return app
