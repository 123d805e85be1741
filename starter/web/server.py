"""Serves the web application until stopped."""

import asyncio
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import structlog
import uvicorn
from starlette.types import ASGIApp

from gateways.errors import Unavailable
from starter.shared.access_table import EVERY_PART, Part
from starter.shared.known_keys import asks_for_keys
from starter.shared.services import Services
from starter.web.app import application
from starter.web.connection_limits import Limits
from starter.web.protocol import Config

#: Callers that wait to be let in: more than come while others make room, so that none has to knock again.
_QUEUE: Final = 2048
_log = structlog.get_logger("homeward.web")


class AddressTakenError(Exception):
    """Somebody else listens there."""


class WebServer:
    """Bound to its address at once, so that a taken port shows before anything else starts."""

    def __init__(self, host: str, port: int, limits: Limits | None = None) -> None:
        """Bind; port 0 takes a free one. Raises ``AddressTakenError``."""
        self._limits = limits or Limits()
        try:
            self._socket = socket.create_server((host, port), backlog=_QUEUE)
        except OSError as error:
            raise AddressTakenError(f"{host}:{port}: {error.strerror}") from None
        # Handed on to each connection. asyncio sets it only on sockets that name their protocol, and these do not:
        # each answer on a kept connection would wait for the other side's delayed acknowledgement, some 40 ms.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host = host

    @property
    def url(self) -> str:
        """How to reach it on this machine."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._socket.getsockname()[1]}"

    async def serve(self, services: Services, stop: asyncio.Event, parts: Collection[Part] = EVERY_PART) -> None:
        """Answer for these parts until ``stop`` is set; what is under way may finish within the shutdown time."""
        if await _is_keyless(services):
            _log.warning("no API keys are set: whoever is on this machine may call the API and work in the warehouse")
        await self.serve_app(application(services, self.url, parts), stop, services.settings.shutdown)
        await services.orders.close()

    async def serve_app(self, app: ASGIApp, stop: asyncio.Event, shutdown: timedelta) -> None:
        """Answer by ``app`` until ``stop`` is set; what is under way may finish within ``shutdown``."""
        config = Config(
            app,
            self._limits,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=max(1, round(shutdown.total_seconds())),
        )
        server = _Server(config)
        serving = asyncio.ensure_future(server.serve(sockets=[self._socket]))
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        server.should_exit = True
        await serving

    def close(self) -> None:
        """Release the address."""
        self._socket.close()


async def _is_keyless(services: Services) -> bool:
    try:
        return not await asks_for_keys(services.settings, services.stored_keys)
    except Unavailable:  # it starts all the same, and says so to callers
        return False


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn; asyncio has one number for those that wait and those that it lets in together."""
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(_QUEUE)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the process's own business."""
        yield
