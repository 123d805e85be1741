"""Refuses paths that lead up."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from starter.api.shared.problems import answer, failure_of

_DOTS = frozenset({".", ".."})


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
