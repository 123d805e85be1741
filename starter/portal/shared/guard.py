"""Around every answer of the portal: strict headers, a bound on what is sent in, a page for what goes wrong."""

from collections.abc import Sequence
from typing import Final

from fastapi import HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.portal.shared.errors import answer_error
from starter.shared.body_sizes import LARGEST_FORM

#: Nothing comes from elsewhere, nothing is written into a page but by its own templates and files.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


#: Pages that no other page shows in a frame, whatever the settings say.
_NEVER_FRAMED: Final = ("/warehouse", "/staff")


def framed_by(origins: Sequence[str]) -> dict[str, str]:
    """The headers of a page that these origins may show in a frame; of none, as every page's are."""
    if not origins:
        return HEADERS
    policy = _POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(origins)}")
    return {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"} | {
        "Content-Security-Policy": policy
    }


class Guard:
    """The outermost layer of the pages; ``ancestors`` are origins that may show customers' pages in a frame."""

    def __init__(self, app: ASGIApp, ancestors: Sequence[str] = ()) -> None:
        self._app = app
        self._framed = framed_by(ancestors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                headers.update(HEADERS if scope["path"].startswith(_NEVER_FRAMED) else self._framed)
            await send(message)

        try:
            await self._app(scope, _bounded(receive), guarded)
        except Exception as error:
            if begun:
                raise
            answer = await answer_error(Request(scope), error)
            await answer(scope, receive, guarded)


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_FORM:
            raise HTTPException(413)
        return message

    return bounded
