"""Around every call and page: headers that none goes without, a bound on what is sent in, no path that leads up."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.api.shared.problems import answer, failure_of
from starter.shared.body_sizes import LARGEST_BODY

#: For whatever has no better one of its own: nothing of it is ever a page.
_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_DOTS: Final = frozenset({".", ".."})
_A_YEAR: Final = "max-age=31536000"


class PlainPaths:
    """Answers 404 to a path with ``.`` or ``..`` as one of its names, in whatever way they were written.

    Browsers and libraries work such paths out before they send them (RFC 3986, 5.2.4). A proxy does when it looks
    whether a path is open to the public, and may pass on the one that was sent: an order for it, such as
    ``/warehouse/bench/R/../../../orders/x``, would be a repair for us.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        leads_up = scope["type"] == "http" and not _DOTS.isdisjoint(scope["path"].split("/"))
        await (answer(failure_of(HTTPException(404))) if leads_up else self._app)(scope, receive, send)


class Guard:
    """The outermost middleware; what it raises while a body is read, ``RequestLog`` answers."""

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

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, _bounded(scope, receive), guarded)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """Stop reading a body that is too large, whatever it says of its length, or whose sender has gone."""
    length = Headers(scope=scope).get("content-length", "0")
    taken = int(length) if length.isdigit() else 0
    if taken <= LARGEST_BODY:
        taken = 0
    whole = False

    async def bounded() -> Message:
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

    return bounded
