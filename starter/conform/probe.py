"""Calls to a shop's own system as Homeward makes them, and as it never would."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx
from pydantic import BaseModel

from gateways.signatures import Signatures
from gateways.webhook_protocol import NotJson, read_as, read_json
from lifecycle.contract.errors import InvalidRequest
from starter.doctor.finding import Finding, failed, ok

#: Seconds for each call: what takes longer is a lost answer to Homeward.
_TIMEOUT: Final = 20.0
_UNAUTHORISED: Final = 401
_ANOTHER_SECRET: Final = "whsec_" + "YS1zZWNyZXQtdGhhdC1ub2JvZHktaGFz"
_TOO_FAR: Final = timedelta(minutes=10)
_READ: Final = "see docs/own-systems.md"


@dataclass(frozen=True)
class Answer:
    """What came back; ``status`` is 0 where nothing did, ``body`` None where it is no JSON."""

    status: int
    body: Any

    def wrong(self, model: type[BaseModel]) -> str | None:
        """What of a success is not as described; None where nothing is."""
        if self.status != httpx.codes.OK:
            return f"expected 200, got {self.told}"
        try:
            read_as(model, self.body)
        except InvalidRequest as error:
            return str(error)
        return None

    @property
    def told(self) -> str:
        """Its status, as a sentence has it."""
        return str(self.status) if self.status else "no answer"


class Probe:
    """One system at an address; ``secret`` as ``gateways.signatures`` takes it."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url.rstrip("/")
        self._signatures = Signatures(secret)
        self._client = httpx.AsyncClient(timeout=_TIMEOUT)

    async def call(self, path: str, document: Any) -> Answer:
        """As Homeward does."""
        body = json.dumps(document)
        return await self._post(path, body, self._signatures.sign(_new_id(), datetime.now(UTC), body))

    async def refusals(self, path: str, document: Any) -> list[Finding]:
        """Whether what is not signed, or not as it should be, is refused."""
        body, other = json.dumps(document), json.dumps({"another": "body"})
        message_id, now = _new_id(), datetime.now(UTC)
        cases = {
            "without a signature": {},
            "signed with another secret": Signatures(_ANOTHER_SECRET).sign(message_id, now, body),
            "with the signature of another body": self._signatures.sign(message_id, now, other),
            "signed ten minutes ago": self._signatures.sign(message_id, now - _TOO_FAR, body),
            "signed ten minutes ahead": self._signatures.sign(message_id, now + _TOO_FAR, body),
        }
        return [await self._refusal(path, body, case, headers) for case, headers in cases.items()]

    async def _refusal(self, path: str, body: str, case: str, headers: Mapping[str, str]) -> Finding:
        answer = await self._post(path, body, headers)
        check = f"{path} {case}"
        if answer.status == _UNAUTHORISED:
            return ok(check, "refused with 401")
        return failed(check, f"expected 401, got {answer.told}", _READ)

    async def _post(self, path: str, body: str, headers: Mapping[str, str]) -> Answer:
        try:
            answer = await self._client.post(
                self._url + path, content=body.encode(), headers={"Content-Type": "application/json", **headers}
            )
        except (httpx.HTTPError, httpx.InvalidURL):
            return Answer(0, None)
        try:
            return Answer(answer.status_code, read_json(answer.content))
        except NotJson:
            return Answer(answer.status_code, None)

    async def close(self) -> None:
        """Let connections go."""
        await self._client.aclose()


def _new_id() -> str:
    return f"msg_{uuid4().hex}"


#: What is asked, and what asks it: the answer says what was wrong, None for nothing.
Check = tuple[str, Callable[[], Awaitable[str | None]]]


async def run_checks(path: str, checks: Sequence[Check]) -> list[Finding]:
    """One after another."""
    found = []
    for name, check in checks:
        problem = await check()
        told = f"{path} {name}"
        found.append(failed(told, problem, _READ) if problem else ok(told, "as described"))
    return found
