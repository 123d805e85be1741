"""The running API over HTTP, and others beside it with settings of their own on the same engine."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from client.http import HttpHomeward
from gateways.database.engine import Database
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.services import Services, services_of
from starter.web.app import application
from workers.settings import Settings

Serve = Callable[..., httpx.AsyncClient]
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="session")
async def api(ready: Ready) -> AsyncIterator[httpx.AsyncClient]:
    """The API of the running server."""
    async with httpx.AsyncClient(base_url=ready.api, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
async def over_http(ready: Ready) -> AsyncIterator[HttpHomeward]:
    """The typed client, against the running server."""
    async with HttpHomeward(ready.api) as client:
        yield client


def settings_of(**changes: Any) -> Settings:
    """Settings as nobody's environment says."""
    return Settings(**{"database_url": None, "policy": None, "smtp_url": None, **changes})


def calling(services: Services) -> httpx.AsyncClient:
    """An API of its own, in this process."""
    transport = httpx.ASGITransport(application(services), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


@pytest.fixture
async def serve(ready: Ready, stage: Stage) -> AsyncIterator[Serve]:
    """Make an API with settings of its own, on the running engine."""
    made: list[httpx.AsyncClient] = []
    database = Database(ready.database)

    def make(**changes: Any) -> httpx.AsyncClient:
        made.append(calling(services_of(settings_of(**changes), stage.clock.client, database)))
        return made[-1]

    yield make
    for client in made:
        await client.aclose()
    await database.dispose()
