"""The pages: for customers, and for the warehouse."""

from fastapi import FastAPI

from starter.web.doors import Doors


def portal(doors: Doors) -> FastAPI:
    """All pages; served beside the API, with errors of their own."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.doors = doors
    return app
