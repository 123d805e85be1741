"""What a visitor sees when something does not work: a page in the same design, never a traceback."""

import traceback
from http import HTTPStatus

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from client.errors import InvalidInput, NotAllowed, UnknownCase, UnknownReturn, Unreachable
from gateways.errors import GatewayError
from gateways.orders.protocol import OrderRefused
from starter.portal.shared.pages import page
from starter.portal.shared.session import is_at_work

_log = structlog.get_logger("homeward.portal")
#: Those that have words of their own; any other is shown as the nearest of them.
_TOLD = frozenset({400, 403, 404, 405, 409, 413, 422, 429, 500, 502, 503})


class WrongRole(HTTPException):
    """Somebody of the staff asked for what none of their roles opens."""

    def __init__(self) -> None:
        super().__init__(403)


async def answer_error(request: Request, error: Exception) -> Response:
    """The page for an error; an unforeseen one is logged, without its message, which may be personal."""
    status = _status_of(error)
    headers = dict(getattr(error, "headers", None) or {})
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        frames = "".join(traceback.format_tb(error.__traceback__))
        _log.error("page_failed", error=type(error).__name__, frames=frames)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        _log.warning("page_unavailable", **_named(error))
        headers.setdefault("Retry-After", "5")
    if status == HTTPStatus.BAD_GATEWAY:
        _log.error("page_without_its_order", **_named(error))
    if status == HTTPStatus.UNAUTHORIZED:
        return page(request, "customer/find.html", status=status, problems={}, given={}, first=True)
    # Staff have a scanner in their hand: what they scan next has to land somewhere.
    template = "warehouse/error.html" if is_at_work(request) else "error.html"
    answer = page(request, template, status=status, code=told_as(status), words=_words(error, status))
    answer.headers.update(headers)
    return answer


def _named(error: Exception) -> dict[str, str | list[str]]:
    """What the log says of it: names and fields, never a value or an error's message, which may be personal."""
    told = {"code": error.code, **error.facts} if isinstance(error, GatewayError) else {}
    return {"error": type(error).__name__, **told}


def _words(error: Exception, status: int) -> str:
    return "role" if isinstance(error, WrongRole) else str(told_as(status))


def told_as(status: int) -> int:
    """The status whose words are used for this one."""
    if status in _TOLD:
        return status
    return 500 if status >= 500 else 400


def _status_of(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    kinds: dict[type[Exception], int] = {
        RequestValidationError: 422,
        InvalidInput: 422,
        NotAllowed: 409,
        UnknownReturn: 404,
        UnknownCase: 404,
        Unreachable: 503,
        OrderRefused: 502,
        GatewayError: 503,
    }
    return next((status for kind, status in kinds.items() if isinstance(error, kind)), 500)
