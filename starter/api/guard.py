"""Around every call and page: headers that none goes without, and a bound on what is sent in."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.shared.body_sizes import LARGEST_BODY

#: For whatever has no better one of its own: nothing of it is ever a page.
_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_A_YEAR: Final = "max-age=31536000"


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
