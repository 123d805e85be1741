"""Whether a call that did not succeed is made again, and when; the same for both colours of the client."""

import random
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final
from uuid import uuid4

import httpx
from pydantic_core import to_json

from homeward_client._base import given
from homeward_client.errors import HomewardError, NotReached, error_of

#: Seconds for which a call is made again before it fails.
PATIENCE: Final = 30.0
#: Seconds for one try. Homeward itself answers within three.
ONE_TRY: Final = 10.0
#: Seconds between the first two tries, at most; twice as many each time, up to the last.
_FIRST: Final = 0.25
_LONGEST: Final = 5.0
#: Of these nothing was done, whatever was asked.
_NOT_DONE: Final = frozenset({"out-of-reach", "full"})


def request_of(
    client: httpx.Client | httpx.AsyncClient,
    method: str,
    path: str,
    query: dict[str, Any] | None,
    body: Any,
    key: str | None,
) -> httpx.Request:
    """The call as it is sent, each time it is."""
    headers = {"Idempotency-Key": key} if key else {}
    content = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        content = to_json(body)
    return client.build_request(method, path, params=given(query or {}), content=content, headers=headers)


def new_key() -> str:
    """An idempotency key for one call and all its repeats."""
    return uuid4().hex


def headers_of(key: str | None, dated: str | None) -> dict[str, str]:
    """What each call says of the caller, and of the API's version that it was written for."""
    said = {"User-Agent": f"homeward-client/{_version()}", "Accept": "application/json, */*"}
    said |= {"Homeward-Version": dated} if dated else {}
    return said | ({"Authorization": f"Bearer {key}"} if key else {})


class Tries:
    """Those of one call."""

    def __init__(self, patience: float, *, repeatable: bool) -> None:
        self._until = time.monotonic() + patience
        self._repeatable = repeatable
        self._longest = _FIRST

    def wait_after(self, outcome: httpx.Response | httpx.TransportError) -> float:
        """Seconds until it is tried again; raises what it came to where it is not."""
        failure, again, told = self._judged(outcome)
        # Between half and all of it, so that many callers do not come back at once.
        wait = told + random.uniform(0.5, 1) * self._longest  # noqa: S311 # nothing is kept secret by it
        self._longest = min(2 * self._longest, _LONGEST)
        if not again or time.monotonic() + wait > self._until:
            raise failure from (outcome if isinstance(outcome, Exception) else None)
        return wait

    def _judged(self, outcome: httpx.Response | httpx.TransportError) -> tuple[HomewardError, bool, float]:
        """What it is raised as, whether it may be tried again, and how long it said to wait."""
        if isinstance(outcome, httpx.TransportError):
            never_sent = isinstance(outcome, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            failure = NotReached(f"no answer from {outcome.request.url.host}: {type(outcome).__name__} {outcome}")
            return failure, self._repeatable or never_sent, 0.0
        problem = error_of(outcome)
        status = outcome.status_code
        again = status == 429 or (
            status in {408, 502, 503, 504} and (self._repeatable or (status == 503 and problem.kind in _NOT_DONE))
        )
        return problem, again, _retry_after(outcome)


def _retry_after(answer: httpx.Response) -> float:
    """Seconds: `Retry-After` is a number of them, or a date."""
    told = answer.headers.get("Retry-After", "")
    if told.isdigit():
        return float(told)
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _version() -> str:
    try:
        return version("homeward-client")
    except PackageNotFoundError:
        return "source"
