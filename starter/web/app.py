"""The one web application: the HTTP API, and the portal's pages beside it."""

from fastapi import FastAPI

from starter.api.app import api
from starter.portal.app import portal
from starter.web.doors import Doors


def application(doors: Doors, address: str | None = None) -> FastAPI:
    """All that is served at one address; links lead to the public one where that is set."""
    app = api(doors)
    app.mount("/", portal(doors, doors.settings.public_url or address or ""))
    return app
