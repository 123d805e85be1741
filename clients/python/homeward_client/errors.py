"""What a call raises. Whatever it is, the call may be made again with the same ids and the same idempotency key."""

import re
from collections.abc import Sequence
from typing import Any

import httpx
from pydantic import ValidationError

from homeward_client.answers import Problem, WrongField


class HomewardError(Exception):
    """Anything that went wrong between you and Homeward."""


class NotReached(HomewardError):
    """No answer came within the time that the client tries for. What was asked may have been done."""


class NotSettledInTime(HomewardError):
    """The wait is over, and the return goes on."""


class NotVerified(HomewardError):
    """A webhook that Homeward did not sign, or not now. Answer it with 401."""


class ProblemError(HomewardError):
    """Homeward refused, or could not; see its subclasses for which.

    ``problem`` is the whole answer (RFC 9457), ``request_id`` finds its lines in Homeward's log.
    """

    def __init__(self, problem: Problem, request_id: str | None) -> None:
        self.problem = problem
        self.request_id = request_id
        wrong = "".join(f"; {one.field}: {one.message}" for one in self.errors)
        super().__init__(f"{problem.status} {self.kind}: {problem.detail}{wrong}")

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status

    @property
    def kind(self) -> str:
        """The last part of the problem's ``type``, such as ``not-allowed``: what to decide by."""
        return re.split(r"[#/]", self.problem.type)[-1]

    @property
    def errors(self) -> Sequence[WrongField]:
        """The fields that are wrong, each with what was expected."""
        return self.problem.errors or []


class Invalid(ProblemError):
    """What was sent is wrong, and would be again: 400, 413, 415, 422."""


class NotAuthenticated(ProblemError):
    """No key, or one that is not known, or not any more: 401."""


class NotAuthorised(ProblemError):
    """The key lacks the scope: 403."""


class NotFound(ProblemError):
    """There is nothing of this name: 404."""


class Conflict(ProblemError):
    """The return's state does not allow it, or the id belongs to another request: 409."""


class TooManyCalls(ProblemError):
    """More calls than are taken in a minute, for longer than the client tries: 429. Nothing was done."""


class Unavailable(ProblemError):
    """Homeward, or what it needs, does not answer, for longer than the client tries: 5xx."""


_BY_STATUS: dict[int, type[ProblemError]] = {
    400: Invalid,
    401: NotAuthenticated,
    403: NotAuthorised,
    404: NotFound,
    409: Conflict,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: TooManyCalls,
}


def error_of(answer: httpx.Response) -> ProblemError:
    """What an answer that is no success is raised as; whatever stands between may have answered in its own words."""
    kind = Unavailable if answer.status_code >= 500 else _BY_STATUS.get(answer.status_code, ProblemError)
    return kind(_problem(answer), answer.headers.get("X-Request-Id"))


def _problem(answer: httpx.Response) -> Problem:
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": answer.reason_phrase,
        "status": answer.status_code,
        "detail": f"answered {answer.status_code} {answer.reason_phrase}",
    }
    if answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        try:
            return Problem.model_validate(told | answer.json())
        except (ValueError, TypeError, ValidationError):
            pass
    return Problem.model_validate(told)
