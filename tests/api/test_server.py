"""The server as a bare socket meets it."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from gateways.database.engine import Database
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.services import services_of
from starter.web.protocol import Protocol
from starter.web.server import WebServer
from tests.api.conftest import settings_of


@pytest.fixture
async def web(ready: Ready, stage: Stage) -> AsyncIterator[WebServer]:
    """A server of its own, on the running engine."""
    database = Database(ready.database)
    web, stop = WebServer("127.0.0.1", 0), asyncio.Event()
    serving = asyncio.create_task(web.serve(services_of(settings_of(), stage.clock.client, database), stop))
    yield web
    stop.set()
    await serving
    web.close()
    await database.dispose()


async def test_an_answer_on_a_kept_connection_is_not_held_back(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted: list[socket.socket] = []
    made = Protocol.connection_made

    def connection_made(self: Protocol, transport: asyncio.Transport) -> None:
        accepted.append(transport.get_extra_info("socket"))
        made(self, transport)

    monkeypatch.setattr(Protocol, "connection_made", connection_made)
    async with httpx.AsyncClient(base_url=web.url) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert [one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in accepted] == [1]
