"""The connection to EasyPost: threads of its own with one SDK client each, and its errors as gateway errors."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Final, TypeVar

import requests
from easypost import EasyPostClient
from easypost.errors import ApiError, EasyPostError, HttpError
from easypost.errors import TimeoutError as EasyPostTimeout

from gateways import retry_after
from gateways.carrier.easypost_calls import Adapter, Work
from gateways.errors import Busy, Declined, GatewayError, Unavailable, code_or

_T = TypeVar("_T")
#: Seconds for all calls of one step, as long as an attempt of it is given.
WITHIN: Final = 30.0
#: Threads, which begin as they are needed: as many as there are calls at once, unless the settings say otherwise.
AT_ONCE: Final = 50


class Connection:
    """Calls EasyPost from threads that nobody else uses: the process's own are few, and whoever waits loses time."""

    def __init__(
        self, key: str, url: str | None, timeout: float, within: float = WITHIN, at_once: int = AT_ONCE
    ) -> None:
        """In seconds, ``timeout`` is for one wait, ``within`` for all that belongs together; ``at_once`` threads."""
        self._here = _Caller(key, url, timeout)
        self._within = within
        self._threads = ThreadPoolExecutor(at_once, "easypost")

    async def run(self, work: Callable[[EasyPostClient], _T]) -> _T:
        """Do some calls in a thread; raises ``gateways.errors``.

        Once nobody waits any more, the thread ends its call and makes no further one: without keys of its own,
        EasyPost would sell a second label to the next try, which by then has looked for the first in vain.
        """
        return await self._in_time(lambda: self._here.run(work))

    async def download(self, url: str) -> bytes:
        """A file that EasyPost keeps; raises ``gateways.errors``."""
        return await self._in_time(lambda: self._here.download(url))

    async def _in_time(self, act: Callable[[], _T]) -> _T:
        work, within = Work(), self._within

        def begun() -> _T:
            work.begin()
            self._here.work = work
            return act()

        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(within):
                return await loop.run_in_executor(self._threads, copy_context().run, begun)
        except TimeoutError:
            work.cut()
            raise Unavailable(f"EasyPost did not answer within {within:g} s", "timeout") from None
        except asyncio.CancelledError:
            work.cut()
            raise


class _Caller(threading.local):
    """The SDK's client, and what the last answer's head said: the SDK's errors leave that out.

    A ``requests`` session is not made to be shared by threads, so each has its own.
    """

    def __init__(self, key: str, url: str | None, timeout: float) -> None:
        self.timeout = timeout
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.work = Work()
        where = {"api_base": url} if url else {}
        self.client = EasyPostClient(key, timeout=timeout, **where)  # type: ignore[arg-type]
        self.client.subscribe_to_request_hook(self._asked)  # type: ignore[no-untyped-call]
        self.client.subscribe_to_response_hook(self._answered)  # type: ignore[no-untyped-call]
        # In the place of its own adapter, with as many tries; the SDK has no other way to say how calls are made.
        self.client._requests_session.mount(self.client.api_base, Adapter(max_retries=3))  # noqa: SLF001
        self.files = requests.Session()
        for scheme in ("https://", "http://"):
            self.files.mount(scheme, Adapter())

    def _asked(self, **_: Any) -> None:
        self.work.check()
        self.status, self.headers = None, {}

    def _answered(self, http_status: int, headers: Mapping[str, str], **_: Any) -> None:
        self.status, self.headers = http_status, headers

    def run(self, work: Callable[[EasyPostClient], _T]) -> _T:
        """Do some calls; raises ``gateways.errors``."""
        try:
            return work(self.client)
        except EasyPostError as error:
            raise self._gateway_error(error) from error

    def _gateway_error(self, error: EasyPostError) -> GatewayError:
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

    def download(self, url: str) -> bytes:
        """A file that EasyPost keeps; raises ``gateways.errors``."""
        try:
            answer = self.files.get(url, timeout=self.timeout)
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
