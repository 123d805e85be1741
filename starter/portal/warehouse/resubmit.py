"""When nothing answers: a page that holds all that was entered, and sends it once more."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Final

from fastapi import Response
from starlette.datastructures import FormData

from client.errors import Unreachable
from gateways.errors import Unavailable
from starter.portal.warehouse.opened import Desk

_SOON: Final = "5"


def resubmit_on_failure(handler: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """Around a handler with ``desk`` and ``form``: Temporal, workers or database away lose nothing.

    Every message that a form sends has an id in that form, so that sending it twice is harmless.
    """

    @wraps(handler)
    async def careful(*, desk: Desk, form: FormData, **rest: Any) -> Response:
        try:
            return await handler(desk=desk, form=form, **rest)
        except (Unreachable, Unavailable):
            kept = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "csrf"]
            answer = desk.page("again", status=503, kept=kept)
            answer.headers["Retry-After"] = _SOON
            return answer

    return careful
