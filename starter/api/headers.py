"""What every answer of a call says beside itself: the version of the API, and how many calls are left."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.api.shared.api_keys import rate_headers
from starter.api.shared.problems import UNKNOWN_VERSION, Failure, answer
from starter.api.shared.versions import VERSION_HEADER, VERSIONS


class CallHeaders:
    """Around the calls under ``/v1``, within ``RequestLog``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI; a version that there is not is refused before anything is done."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get(VERSION_HEADER, VERSIONS[-1])
        known = asked in VERSIONS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[VERSION_HEADER] = asked if known else VERSIONS[-1]
                headers.update(rate_headers(scope))
            await send(message)

        detail = f"{VERSION_HEADER}: expected {' or '.join(VERSIONS)}, or no such header for the newest"
        app = self._app if known else answer(Failure(UNKNOWN_VERSION, detail))
        await app(scope, receive, send_with_headers)
