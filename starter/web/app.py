"""The one web application: the HTTP API, and the portal's pages beside it."""

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from starter.api.app import api
from starter.portal.app import portal
from starter.web.doors import Doors


def application(doors: Doors, address: str | None = None) -> FastAPI:
    """All that is served at one address; links lead to the public one where that is set."""
    address = doors.settings.public_url or address or ""
    app, pages = api(doors, secure=address.startswith("https:")), portal(doors, address)

    async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
        """What no call answers; unknown calls are told as calls are, not as pages."""
        if scope["type"] != "http" or scope["path"].startswith("/v1/"):
            await app.router.not_found(scope, receive, send)
        else:
            await pages(scope, receive, send)

    app.router.default = elsewhere
    return app
