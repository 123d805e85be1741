"""The HTTP API (CONTRACT section 8)."""

from importlib.metadata import version

from fastapi import FastAPI

from starter.api import health
from starter.web.doors import Doors


def api(doors: Doors) -> FastAPI:
    """All calls."""
    app = FastAPI(title="Homeward", version=version("homeward"), redirect_slashes=False)
    app.state.doors = doors
    for room in (health,):
        app.include_router(room.router)
    return app
