"""Who may call what, and how often."""

import hmac
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from starter.api.problems import NO_KEY, TOO_MANY, WRONG_SCOPE, Failure
from starter.web.nearby import is_nearby
from workers.settings import Scope, Settings

_ALL: Final[frozenset[Scope]] = frozenset({"start", "read", "operate"})
_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="A key of `HOMEWARD_API_KEYS`.")


@dataclass(frozen=True)
class Caller:
    """Who calls: ``name`` is the beginning of their key's digest, empty where no keys are asked for."""

    name: str
    scopes: frozenset[Scope]


class Gate:
    """Knows the keys, and counts calls."""

    def __init__(self, settings: Settings) -> None:
        self._keys = [
            (digest := sha256(known.key.get_secret_value().encode()).hexdigest(), Caller(digest[:12], known.scopes))
            for known in settings.api_keys
        ]
        self._limit = RateLimitItemPerMinute(settings.api_calls_per_minute)
        self._counter = FixedWindowRateLimiter(MemoryStorage())

    @property
    def open(self) -> bool:
        """Whether no keys are asked for."""
        return not self._keys

    async def enter(self, request: Request, key: str | None) -> Caller:
        """Who it is; raises ``Failure`` for a wrong key, and for more calls than one may make."""
        caller = self._known(request, key)
        await self._count(caller.name if caller and caller.name else request.client.host if request.client else "")
        if caller is None:
            told = 'Bearer realm="homeward"' + (', error="invalid_token"' if key else "")
            raise Failure(NO_KEY, self._why_not(), headers={"WWW-Authenticate": told})
        return caller

    def _known(self, request: Request, key: str | None) -> Caller | None:
        if self.open:
            return Caller("", _ALL) if is_nearby(request) else None
        given, found = sha256((key or "").encode()).hexdigest(), None
        for digest, caller in self._keys:  # all of them: how long it takes says nothing of which
            if hmac.compare_digest(digest, given):
                found = caller
        return found

    def _why_not(self) -> str:
        if self.open:
            return "no keys are set (HOMEWARD_API_KEYS), so only calls to a loopback address are taken"
        return "expected the header Authorization: Bearer KEY, with a key that is known"

    async def _count(self, who: str) -> None:
        if not await self._counter.hit(self._limit, who):
            ends = (await self._counter.get_window_stats(self._limit, who)).reset_time
            wait = max(1, math.ceil(ends - time.time()))
            raise Failure(TOO_MANY, f"wait {wait} seconds", headers={"Retry-After": str(wait)})


def needs(*scopes: Scope) -> Callable[..., Awaitable[Caller]]:
    """A dependency: the call is for keys with one of these scopes."""

    async def enter(
        request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Caller:
        gate: Gate = request.app.state.gate
        caller = await gate.enter(request, given.credentials if given else None)
        structlog.contextvars.bind_contextvars(caller=caller.name or "nobody")
        if not caller.scopes & frozenset(scopes):
            told = f'Bearer realm="homeward", error="insufficient_scope", scope="{" ".join(scopes)}"'
            wanted = " or ".join(scopes)
            raise Failure(WRONG_SCOPE, f"expected a key with scope {wanted}", headers={"WWW-Authenticate": told})
        return caller

    return enter


def guard(app: FastAPI, settings: Settings) -> None:
    """Have calls that need a key ask for it."""
    app.state.gate = Gate(settings)
