"""Calls to the shop's own systems: each a POST of JSON, signed as Standard Webhooks are, and answered with JSON.

``docs/own-systems.md`` is what a shop reads of it.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import uuid4

import httpx
from pydantic import BaseModel

from gateways import retry_after
from gateways.bounded import PLAIN, Unreadable, content_of
from gateways.errors import Busy, Declined, GatewayError, Unavailable
from gateways.signatures import Signatures
from gateways.webhook_protocol import NotJson, read_as, read_json
from lifecycle.contract.errors import InvalidRequest

Model = TypeVar("Model", bound=BaseModel)
#: Seconds for all of a call.
TIMEOUT: Final = 20.0
#: Bytes of an answer that are read.
LARGEST: Final = 2_000_000
#: Answers that a repeat would not change.
_FOR_GOOD: Final = (400, 409, 413, 422)
_NOT_THERE: Final = (404, 405, 501)
#: Characters of a refusal that are kept beside the ledger.
_WORDS: Final = 500


class NotOffered(Unavailable):
    """The system has no such call: as its protocol allows, or because its address is wrong."""


class SignedCalls:
    """One system; ``who`` is what messages call it, ``secrets`` as ``gateways.signatures`` takes them."""

    def __init__(self, who: str, url: str, secrets: str, timeout: float = TIMEOUT) -> None:
        self._who = who
        self._url = url
        self._signatures = Signatures(secrets)
        self._within = timeout
        headers = {"User-Agent": "Homeward", "Content-Type": "application/json", "Accept": "application/json"} | PLAIN
        # As many connections as there are calls: how many steps run at once is a setting of the workers.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._client = httpx.AsyncClient(headers=headers, timeout=None, limits=limits)  # noqa: S113  all of it is timed

    async def ask(self, path: str, document: Mapping[str, Any], answer: type[Model]) -> Model:
        """What it answers; raises ``gateways.errors``, ``Unavailable`` for an answer of another shape too."""
        content = await self.tell(path, document)
        try:
            return read_as(answer, read_json(content))
        except (NotJson, InvalidRequest) as error:
            raise Unavailable(f"the {self._who}'s answer is not right: {error}", "misshaped") from None

    async def tell(self, path: str, document: Mapping[str, Any]) -> bytes:
        """Say it, and give the answer's body as it came; raises ``gateways.errors``."""
        body = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
        # Each call is a message of its own, also where it says the same as one before: its key is in the body.
        headers = self._signatures.sign(f"msg_{uuid4().hex}", datetime.now(UTC), body)
        try:
            async with (
                asyncio.timeout(self._within),
                self._client.stream("POST", self._url + path, content=body.encode(), headers=headers) as answer,
            ):
                content = await content_of(answer, LARGEST)
        except TimeoutError:
            raise Unavailable(f"the {self._who} did not answer within {self._within:g} s", "timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            why = f"the {self._who} cannot be reached ({type(error).__name__})"
            raise Unavailable(why, "unreachable") from None
        except Unreadable as error:
            raise Unavailable(f"the {self._who}'s answer {error}", "misshaped") from None
        if not answer.is_success:
            raise self._error(answer, content)
        return content

    def _error(self, answer: httpx.Response, content: bytes) -> GatewayError:
        status = answer.status_code
        told, code = f"the {self._who} answered {status}", f"answered_{status}"
        if status in _FOR_GOOD:
            return Declined(told, code, content.decode(errors="replace")[:_WORDS])
        if status in _NOT_THERE:
            return NotOffered(f"{told}, it has no {answer.request.url.path}", code)
        wait = retry_after.parse(answer.headers.get("Retry-After"))
        if status == httpx.codes.TOO_MANY_REQUESTS or wait is not None:
            return Busy(told, code, wait)
        return Unavailable(told, code)

    async def close(self) -> None:
        """Let connections go."""
        await self._client.aclose()
