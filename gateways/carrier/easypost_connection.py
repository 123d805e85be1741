"""The way to EasyPost: one SDK client for each thread, and its errors sorted by what to do about them."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import requests
from easypost import EasyPostClient
from easypost.errors import ApiError, EasyPostError, HttpError
from easypost.errors import TimeoutError as EasyPostTimeout

from gateways import retry_after
from gateways.errors import Busy, Declined, GatewayError, Unavailable, code_or

_T = TypeVar("_T")


class Connection(threading.local):
    """The SDK's client, and what the last answer's head said: the SDK's errors do not tell.

    A ``requests`` session is not made to be shared by threads, so each has its own.
    """

    def __init__(self, key: str, url: str | None, timeout: float) -> None:
        self.timeout = timeout
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.given_up = threading.Event()
        where = {"api_base": url} if url else {}
        self.client = EasyPostClient(key, timeout=timeout, **where)  # type: ignore[arg-type]
        self.client.subscribe_to_request_hook(self._asked)  # type: ignore[no-untyped-call]
        self.client.subscribe_to_response_hook(self._answered)  # type: ignore[no-untyped-call]

    def _asked(self, **_: Any) -> None:
        if self.given_up.is_set():
            raise Unavailable("nobody waits for this call any more", "given_up")
        self.status, self.headers = None, {}

    def _answered(self, http_status: int, headers: Mapping[str, str], **_: Any) -> None:
        self.status, self.headers = http_status, headers

    async def run(self, work: Callable[[EasyPostClient], _T]) -> _T:
        """Do some calls in a thread; raises ``gateways.errors``.

        Given up meanwhile, the thread makes no further call: without keys of its own, EasyPost would sell a
        second label to the next try, which by then has looked for the first in vain.
        """
        given_up = threading.Event()
        try:
            return await asyncio.to_thread(self._run, work, given_up)
        except asyncio.CancelledError:
            given_up.set()
            raise

    def _run(self, work: Callable[[EasyPostClient], _T], given_up: threading.Event) -> _T:
        self.given_up = given_up
        try:
            return work(self.client)
        except EasyPostError as error:
            raise self._sorted(error) from error

    def _sorted(self, error: EasyPostError) -> GatewayError:
        """An error without a status, or of the server, leaves open what happened: the next try asks first."""
        status = getattr(error, "http_status", None) or self.status
        words = str(getattr(error, "message", None) or error)
        if isinstance(error, (HttpError, EasyPostTimeout)) and status is None:
            return Unavailable("the connection to EasyPost was lost", "connection_lost")
        if status == 429:
            return Busy("EasyPost is busy", "429", retry_after.parse(self.headers.get("Retry-After")), words)
        # A good status with an error is an answer that could not be read.
        if status is not None and (status < 300 or status == 408 or status >= 500):
            return Unavailable(f"EasyPost answered {status}", str(status), words)
        code = _code(error, status)
        return Declined(f"EasyPost refused: {code}", code, words)

    async def download(self, url: str) -> bytes:
        """A file that EasyPost keeps; raises ``gateways.errors``."""
        return await asyncio.to_thread(self._download, url)

    def _download(self, url: str) -> bytes:
        try:
            answer = requests.get(url, timeout=self.timeout)
        except requests.RequestException as error:
            raise Unavailable("the connection to EasyPost's files was lost", "connection_lost") from error
        if answer.status_code == 429:
            raise Busy("too many requests for files", "429", retry_after.parse(answer.headers.get("Retry-After")))
        if answer.status_code >= 500:
            raise Unavailable(f"the file could not be had: {answer.status_code}", str(answer.status_code))
        if answer.status_code != 200:
            raise Declined(f"the file could not be had: {answer.status_code}", "not_found")
        return answer.content


def code_of(error: EasyPostError) -> str | None:
    """EasyPost's own word for what went wrong."""
    return error.code if isinstance(error, ApiError) else None


def _code(error: EasyPostError, status: int | None) -> str:
    if status == 404:
        return "not_found"
    return code_or(code_of(error), str(status) if status else "refused")
