"""The one web application: the HTTP API, and the portal's pages beside it."""

import re
from collections.abc import Collection
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from starter.api.app import api
from starter.portal.app import portal
from starter.shared.access_table import EVERY_PART, Part
from starter.shared.services import Services
from workers.traces import trace_calls

#: Addresses of calls, of whichever version.
_CALLS: Final = re.compile(r"/(?:v\d+|schemas)(?:/|$)")


def _is_call(scope: Scope) -> bool:
    """Whether a program asks: by the address, with a key, or for JSON and no page."""
    headers = Headers(scope=scope)
    accepted = headers.get("accept", "")
    wants_json = "json" in accepted and "html" not in accepted
    return bool(_CALLS.match(scope["path"])) or "authorization" in headers or wants_json


def application(services: Services, address: str | None = None, parts: Collection[Part] = EVERY_PART) -> FastAPI:
    """All that is served at one address, or some parts of it; links lead to the public address where that is set."""
    address = services.settings.public_url or address or ""
    app = api(services, parts, secure=address.startswith("https:"))
    pages = portal(services, address, parts) if {"portal", "warehouse", "desk"}.intersection(parts) else None

    async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
        """What no call answers; unknown calls are answered as calls are, not as pages."""
        if pages is None or scope["type"] != "http" or _is_call(scope):
            await app.router.not_found(scope, receive, send)
        else:
            await pages(scope, receive, send)

    app.router.default = elsewhere
    trace_calls(app)
    return app
