"""How a call fails: problem details (RFC 9457), never anything that was not meant for the caller."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from client import errors
from client.suppliers import UnknownSupplier
from gateways.database.idempotency import KeyReused
from gateways.errors import Busy, Declined, Unavailable
from lifecycle.contract.errors import FAULTS, InvalidRequest, fault_of
from starter.shared.body_sizes import LARGEST_BODY

MEDIA_TYPE: Final = "application/problem+json"
#: Seconds after which trying again makes sense, where nobody said better.
_RETRY_AFTER: Final = 1
_MOST_ERRORS: Final = 50
_LONGEST_TEXT: Final = 500


@dataclass(frozen=True)
class Kind:
    """One kind of failure; ``when`` it is answered, for the documentation."""

    name: str
    status: int
    title: str
    when: str

    @property
    def type(self) -> str:
        """The problem's type: where it is explained."""
        return f"/docs#{self.name}"


MALFORMED: Final = Kind(
    "malformed", 400, "Malformed request", "The body is not JSON in UTF-8, or the request is not HTTP."
)
UNKNOWN_VERSION: Final = Kind(
    "unknown-version", 400, "Unknown version", "No version of the API has the date that Homeward-Version names."
)
NO_KEY: Final = Kind("no-key", 401, "Not authenticated", "The API key is missing or wrong.")
WRONG_SCOPE: Final = Kind("wrong-scope", 403, "Wrong scope", "The API key has no scope for this call.")
NOT_SIGNED: Final = Kind(
    "not-signed", 401, "Not signed", "The signature does not fit, or its time is too far from now."
)
NO_SECRET: Final = Kind("no-secret", 404, "No secret", "The partner's webhook secret is not set; detail names it.")
NOT_FOUND: Final = Kind(
    "not-found",
    404,
    "Not found",
    "No return, repair, support case, partner, finding, subscription, reservation, supplier, message or address has"
    " this name, and nothing was spent on this order.",
)
WRONG_METHOD: Final = Kind("wrong-method", 405, "Method not allowed", "The address exists, but not for this method.")
NOT_ALLOWED: Final = Kind("not-allowed", 409, "Not allowed now", "The return's state does not allow it.")
INSUFFICIENT_CREDIT: Final = Kind(
    "insufficient-credit",
    409,
    "Not enough store credit",
    "The customer has less store credit than that. Nothing was spent.",
)
UNLIKELY: Final = Kind(
    "unlikely",
    409,
    "Unlikely",
    "The message hardly belongs to this return: the detail says what speaks against it. `confirm` passes that over.",
)
CLOSED: Final = Kind("closed", 409, "Closed", "The return is closed.")
FORGOTTEN: Final = Kind(
    "forgotten", 409, "Closed long ago", "The return is closed, and Temporal keeps nothing of it any more."
)
ORPHANED: Final = Kind(
    "orphaned", 409, "No running workflow", "The return is open, and its workflow has ended or is gone: revive it."
)
OTHER_REQUEST: Final = Kind("other-request", 409, "Id in use", "The return_id belongs to another request.")
OTHER_CONTENT: Final = Kind("other-content", 409, "Known with another content", "The same webhook-id came before.")
TOO_SLOW: Final = Kind(
    "too-slow", 408, "Too slow", "The request was not there in time: headers in 10 s, a body in 30 s."
)
TOO_LARGE: Final = Kind("too-large", 413, "Too large", f"The body is larger than {LARGEST_BODY // 1024**2} MiB.")
WRONG_TYPE: Final = Kind("wrong-type", 415, "Unsupported media type", "The Content-Type is not application/json.")
INVALID: Final = Kind("invalid", 422, "Invalid content", "Fields are wrong; errors names each.")
KEY_REUSED: Final = Kind(
    "key-reused", 422, "Idempotency-Key reused", "The Idempotency-Key came before with another call."
)
TOO_MANY: Final = Kind(
    "too-many-calls",
    429,
    "Too many calls",
    "Too many in this minute, or too many starts at once. Nothing was done; wait for as long as Retry-After says.",
)
HEAD_TOO_LARGE: Final = Kind("head-too-large", 431, "Headers too large", "Address and headers have more than 64 KiB.")
FAILED: Final = Kind("failed", 500, "Internal error", "Something unforeseen; the log has it under the request id.")
OUT_OF_REACH: Final = Kind(
    "out-of-reach",
    503,
    "Temporal unreachable",
    "Temporal does not answer. What did not get there was not done; repeat it.",
)
NO_ANSWER: Final = Kind(
    "no-answer", 503, "No answer in time", "No worker answered in time. What was asked may be done later; repeat it."
)
NOT_SET_UP: Final = Kind(
    "not-set-up", 503, "Not set up", "Temporal lacks a search attribute, which the detail names. Nothing was done."
)
FULL: Final = Kind("full", 503, "Full", "As many calls are being answered as there are connections for; call again.")
UNAVAILABLE: Final = Kind("unavailable", 503, "Unavailable", "The database, or a partner, does not answer.")
KINDS: Final = (
    MALFORMED, UNKNOWN_VERSION, NO_KEY, NOT_SIGNED, WRONG_SCOPE, NOT_FOUND, NO_SECRET, WRONG_METHOD, NOT_ALLOWED,
    INSUFFICIENT_CREDIT, UNLIKELY, CLOSED, FORGOTTEN, ORPHANED, OTHER_REQUEST, OTHER_CONTENT, TOO_SLOW, TOO_LARGE,
    WRONG_TYPE, INVALID, KEY_REUSED, TOO_MANY, HEAD_TOO_LARGE, FAILED, OUT_OF_REACH, NO_ANSWER, NOT_SET_UP, FULL,
    UNAVAILABLE,
)  # fmt: skip
#: What any call may answer, and what any call with a body may.
ALWAYS: Final = (
    MALFORMED,
    UNKNOWN_VERSION,
    NO_KEY,
    WRONG_SCOPE,
    TOO_MANY,
    FAILED,
    OUT_OF_REACH,
    NO_ANSWER,
    UNAVAILABLE,
)
OF_A_BODY: Final = (TOO_LARGE, WRONG_TYPE, INVALID)
#: What a call about one return may answer besides.
OF_A_RETURN: Final = (NOT_FOUND, NOT_ALLOWED, CLOSED, FORGOTTEN, ORPHANED)


class WrongField(BaseModel):
    """A field, as a dotted path from the body's root, or a parameter, and what is wrong with it."""

    field: str
    code: Annotated[str, Field(description="Which kind of fault it is.", json_schema_extra={"enum": list(FAULTS)})]
    message: str


class Problem(BaseModel):
    """Why a call failed (RFC 9457); ``type`` leads to its explanation."""

    type: Annotated[str, Field(json_schema_extra={"enum": [kind.type for kind in KINDS]})]
    title: str
    status: int
    detail: str
    #: With invalid content.
    errors: list[WrongField] | None = None
    return_id: Annotated[
        str | None,
        Field(description="Of a start that was not answered: repeating it with this id finds the return."),
    ] = None


@dataclass
class Failure(Exception):
    """A call that fails, in the API's own words."""

    kind: Kind
    detail: str
    errors: Sequence[tuple[str, str]] = ()
    #: The kinds of fault of fields whose kind is known, see ``FAULTS``.
    codes: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    return_id: str | None = None


def invalid(*found: tuple[str, str], codes: Mapping[str, str] | None = None) -> Failure:
    """Wrong content, each ``(field, what is wrong)``."""
    count = len(found)
    return Failure(INVALID, f"{count} field{' is' if count == 1 else 's are'} wrong", found, codes or {})


async def refuse_any_query(request: Request) -> None:
    """For calls that have no query parameters: one that was meant to choose something must not be passed over."""
    if request.query_params:
        told = "expected no query parameter: this call has none"
        raise invalid(
            *((name, told) for name in request.query_params), codes=dict.fromkeys(request.query_params, "unknown")
        )


def answer(failure: Failure) -> Response:
    """The response."""
    kind = failure.kind
    content: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": _clean(failure.detail),
    }
    if failure.errors:
        shown = failure.errors[:_MOST_ERRORS]
        content["errors"] = [
            {"field": _clean(name), "code": failure.codes.get(name, "rule"), "message": _clean(text)}
            for name, text in shown
        ]
    if failure.return_id:
        content["return_id"] = failure.return_id
    headers = dict(failure.headers)
    if kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", str(_RETRY_AFTER))
    return Response(json.dumps(content), kind.status, headers, MEDIA_TYPE)


def _clean(text: str) -> str:
    """What a caller sent may stand in it: not more than fits, and nothing that UTF-8 cannot say."""
    return text[:_LONGEST_TEXT].encode(errors="replace").decode()


def problem_responses(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """The same failures, for the OpenAPI description of a call."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in sorted(kinds, key=lambda kind: kind.status):
        content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}
        declared = found.setdefault(kind.status, {"description": kind.when, "content": {MEDIA_TYPE: content}})
        if kind.when not in declared["description"]:
            declared["description"] += f" Or: {kind.when}"
        declared["content"][MEDIA_TYPE]["examples"][kind.name] = {"value": _example(kind)}
        if kind.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            declared["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return found


def _example(kind: Kind) -> dict[str, Any]:
    told = Problem(type=kind.type, title=kind.title, status=kind.status, detail=kind.when)
    if kind is INVALID:
        told.detail = "1 field is wrong"
        told.errors = [
            WrongField(field="items.0.quantity", code="rule", message="expected at most the 3 bought on line 1")
        ]
    return told.model_dump(exclude_none=True)


_BY_ERROR: Final[Mapping[type[Exception], Kind]] = {
    errors.UnknownReturn: NOT_FOUND,
    errors.UnknownRepair: NOT_FOUND,
    errors.UnknownCase: NOT_FOUND,
    errors.UnknownPartner: NOT_FOUND,
    errors.UnknownFinding: NOT_FOUND,
    errors.UnknownReservation: NOT_FOUND,
    errors.UnknownEvent: NOT_FOUND,
    UnknownSupplier: NOT_FOUND,
    errors.Forgotten: FORGOTTEN,
    errors.Closed: CLOSED,
    errors.Orphaned: ORPHANED,
    errors.OtherRequest: OTHER_REQUEST,
    errors.Unlikely: UNLIKELY,
    errors.NotAllowed: NOT_ALLOWED,
    errors.NoAnswer: NO_ANSWER,
    errors.NotSetUp: NOT_SET_UP,
    errors.Unreachable: OUT_OF_REACH,
    KeyReused: KEY_REUSED,
    Unavailable: UNAVAILABLE,
    Declined: NOT_ALLOWED,
}
_BY_STATUS: Final = {
    kind.status: kind
    for kind in (MALFORMED, NO_KEY, WRONG_SCOPE, NOT_FOUND, WRONG_METHOD, TOO_SLOW, TOO_LARGE, WRONG_TYPE, TOO_MANY)
}


def failure_of(error: Exception, query: Sequence[str] = ()) -> Failure:
    """Any error as a failure of the call; an unforeseen one gives nothing away of itself.

    ``query`` are the names of the call's query parameters.
    """
    if isinstance(error, Failure):
        return error
    if isinstance(error, errors.InvalidInput | errors.WrongContent | InvalidRequest):
        return invalid(*error.problems, codes=getattr(error, "codes", None))
    if isinstance(error, RequestValidationError):
        return _wrong_parameters(error, query)
    if isinstance(error, HTTPException):
        return _of_http(error)
    for kind in type(error).__mro__:
        if kind in _BY_ERROR:
            return Failure(_BY_ERROR[kind], str(error), headers=_wait(error))
    return Failure(FAILED, "an internal error: report the X-Request-Id")


def _wrong_parameters(error: RequestValidationError, query: Sequence[str]) -> Failure:
    wrong: dict[str, tuple[str, str]] = {}
    for item in error.errors():
        # Of a parameter that may be repeated the place is of no use.
        where, name = item["loc"][0], str(item["loc"][1]) if len(item["loc"]) > 1 else "query"
        kind, text = fault_of(item)
        is_unknown = where == "query" and kind == "unknown" and query
        wrong[name] = kind, f"expected one of {', '.join(query)}" if is_unknown else text
    told = ((name, text) for name, (_, text) in wrong.items())
    return invalid(*told, codes={name: kind for name, (kind, _) in wrong.items()})


def _query_of(route: object) -> list[str]:
    """The query parameters of a call that has them as one model."""
    models = [one.field_info.annotation for one in route.dependant.query_params] if isinstance(route, APIRoute) else []
    known = (model for model in models if isinstance(model, type) and issubclass(model, BaseModel))
    return [name for model in known for name in model.model_fields]


def _of_http(error: HTTPException) -> Failure:
    kind = _BY_STATUS.get(error.status_code, FAILED)
    return Failure(kind, kind.when, headers=error.headers or {})


def _wait(error: Exception) -> dict[str, str]:
    if isinstance(error, Busy) and error.retry_after:
        return {"Retry-After": str(max(1, round(error.retry_after.total_seconds())))}
    return {}


def install_problem_handlers(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Have every error answered as a problem."""
    methods: dict[str, set[str]] = {}
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                answered = set(route.methods or ())
                methods.setdefault(route.path, set()).update(answered | ({"HEAD"} if "GET" in answered else set()))

    async def tell(request: Request, error: Exception) -> Response:
        failure = failure_of(error, _query_of(request.scope.get("route")))
        if failure.kind is WRONG_METHOD:  # the one route that answers it knows its own methods only
            path = getattr(request.scope.get("route"), "path", "")
            allowed = methods.get(path)
            failure.headers = {"Allow": ", ".join(sorted(allowed))} if allowed else failure.headers
        return answer(failure)

    ours = (Failure, errors.HomewardError, InvalidRequest, Unavailable, Declined, KeyReused)
    for kind in (*ours, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, tell)
