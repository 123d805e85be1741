"""Around every request: its id, its one line in the log, and an answer even when something unforeseen fails."""

import re
import time
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from starter.api.shared.problems import answer, failure_of

_SANE: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
#: Called every few seconds by whoever watches the process.
_UNLOGGED: Final = frozenset({"/healthz", "/readyz"})
_log = structlog.get_logger("homeward.http")


class RequestLog:
    """Around calls and pages, within ``Guard`` alone.

    Logs hold routes and the return's id, never addresses, which may hold what a visitor typed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        if method == "HEAD":  # answered as GET is, without the body (RFC 9110, 9.3.2), which the server leaves out
            scope = {**scope, "method": "GET"}
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _SANE.match(given) else uuid4().hex
        with bound_contextvars(request_id=request_id, caller="nobody"):
            await self._answer(request_id, method, scope, receive, send)

    async def _answer(self, request_id: str, method: str, scope: Scope, receive: Receive, send: Send) -> None:
        status: int | None = None
        began = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            _log.exception("request failed")
            if status is not None:
                raise  # half an answer is out: the connection has to show that it ends here
            await answer(failure_of(error))(scope, receive, send_with_id)
        finally:
            if scope["path"] not in _UNLOGGED:
                ms = round((time.perf_counter() - began) * 1000, 1)
                route = getattr(scope.get("route"), "path", None)
                if return_id := scope.get("path_params", {}).get("return_id"):
                    structlog.contextvars.bind_contextvars(return_id=return_id)
                _log.info("request", method=method, route=route, status=status, ms=ms)
