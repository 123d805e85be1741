"""Around every request: its id, its one line in the log, and an answer even when something unforeseen fails."""

import re
import time
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from starter.api.shared.problems import answer, failure_of
from starter.shared.body_sizes import LARGEST_BODY

_SANE: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
#: For whatever has no better one of its own: nothing of it is ever a page.
_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_A_YEAR: Final = "max-age=31536000"
#: Called every few seconds by whoever watches the process.
_UNLOGGED: Final = frozenset({"/healthz", "/readyz"})
_log = structlog.get_logger("homeward.http")


class RequestLog:
    """The outermost middleware, around calls and pages. Logs hold routes, never addresses, which name returns."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """``secure``: the outside reaches us by https, and shall stay with it."""
        self._app = app
        self._headers = {
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": _POLICY,
        } | ({"Strict-Transport-Security": _A_YEAR} if secure else {})

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
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, _limited(scope, receive), send_with_id)
        except Exception as error:
            _log.exception("request failed")
            if status is not None:
                raise  # half an answer is out: the connection has to show that it ends here
            await answer(failure_of(error))(scope, receive, send_with_id)
        finally:
            if scope["path"] not in _UNLOGGED:
                ms = round((time.perf_counter() - began) * 1000, 1)
                _log.info("request", method=method, route=_route(scope), status=status, ms=ms)


def _route(scope: Scope) -> str | None:
    return getattr(scope.get("route"), "path", None)


def _limited(scope: Scope, receive: Receive) -> Receive:
    """Stop reading a body that is too large, whatever it says of its length, or whose sender has gone."""
    length = Headers(scope=scope).get("content-length", "0")
    taken = int(length) if length.isdigit() else 0
    if taken <= LARGEST_BODY:
        taken = 0
    whole = False

    async def counted() -> Message:
        nonlocal taken, whole
        if taken <= LARGEST_BODY:
            message = await receive()
            if message["type"] == "http.disconnect" and not whole:  # no failure of ours, and nobody reads the answer
                raise HTTPException(408)
            taken += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if taken <= LARGEST_BODY:
                return message
        raise HTTPException(413)

    return counted
