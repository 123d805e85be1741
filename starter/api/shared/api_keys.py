"""Who may call what, and how often."""

import hmac
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol, Self, TypeVar, get_args

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.types import Scope as Call

from lifecycle.contract.said_by import check_unsigned, signed
from starter.api.shared.problems import NO_KEY, TOO_MANY, WRONG_SCOPE, Failure
from starter.shared.access_table import scopes_of
from starter.shared.known_keys import KnownKey, asks_for_keys, find_key, keys_of
from starter.shared.loopback import is_loopback, is_of_another_site
from starter.shared.networks import network_of
from starter.shared.services import Services
from workers.setting_values import Scope

_ALL: Final[frozenset[Scope]] = frozenset(get_args(Scope))
#: Deciding on so many units costs about as much as a call.
UNITS_OF_A_CALL: Final = 50
_TOLD: Final = "A key of `HOMEWARD_API_KEYS`, or of `homeward keys`."
#: The key as a call sends it, None without.
bearer = HTTPBearer(auto_error=False, scheme_name="key", description=_TOLD)


class SignedMessage(Protocol):
    """A message that names who says it."""

    by: str

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """See pydantic."""
        ...


M = TypeVar("M", bound=SignedMessage)


@dataclass(frozen=True)
class Caller:
    """Who calls: ``name`` is a mark of their key, the same for all of its name, ``key`` what timelines call it.

    Both are empty where no keys are asked for.
    """

    name: str
    scopes: frozenset[Scope]
    key: str = ""

    def signs(self, message: M) -> M:
        """The message, ``by`` whom it says and with this key.

        Raises ``InvalidRequest`` for too long a name, and for one that looks as if it had a key beside it already.
        """
        return message.model_copy(update={"by": signed(check_unsigned(message.by), self.key)})


@dataclass(frozen=True)
class Rate:
    """How many calls a caller has a minute, how many are left of them, and in how many seconds there are all again."""

    calls: int
    left: int
    ends_in: int


def rate_headers(scope: Call) -> dict[str, str]:
    """The same as headers (draft-ietf-httpapi-ratelimit-headers); none where nothing was counted."""
    rate: Rate | None = scope.get("state", {}).get("rate")
    if rate is None:
        return {}
    policy = f'"minute";q={rate.calls};w=60'
    return {"RateLimit-Policy": policy, "RateLimit": f'"minute";r={rate.left};t={rate.ends_in}'}


class ApiKeys:
    """Knows the API keys, and counts calls."""

    def __init__(self, services: Services) -> None:
        self._settings = services.settings
        self._stored = services.stored_keys
        self._limit = RateLimitItemPerMinute(services.settings.api_calls_per_minute)
        self._counter = FixedWindowRateLimiter(MemoryStorage())

    @property
    def open(self) -> bool:
        """Whether no keys were asked for when that was last looked at."""
        return not self._settings.asks_for_keys and not self._stored.any

    async def authenticate(self, request: Request, key: str | None) -> Caller:
        """Who it is; raises ``Failure`` for a wrong key, and for more calls than one may make."""
        return await self._admitted(request, await self._known(request, key), bool(key))

    async def authenticate_mark(self, request: Request, name: str) -> Caller:
        """The same for a key that was shown before, by its caller's ``name``."""
        keys = [*keys_of(self._settings), *await self._stored.now()]
        found = next((key for key in keys if hmac.compare_digest(key.caller, name)), None)
        return await self._admitted(request, _caller(found) if found else None, has_key=True)

    async def _admitted(self, request: Request, caller: Caller | None, has_key: bool) -> Caller:
        await self._count(request, _who(request, caller), 1)
        if caller is None:
            told = 'Bearer realm="homeward"' + (', error="invalid_token"' if has_key else "")
            raise Failure(NO_KEY, self._why_not(), headers={"WWW-Authenticate": told})
        return caller

    async def spend(self, request: Request, caller: Caller, units: int) -> None:
        """Count what deciding on so many units costs beside the call itself; raises ``Failure``."""
        # What costs more than a minute's calls may be asked for once a minute.
        more = min(units // UNITS_OF_A_CALL, self._limit.amount - 1)
        if more:
            await self._count(request, _who(request, caller), more)

    async def _known(self, request: Request, key: str | None) -> Caller | None:
        if not await asks_for_keys(self._settings, self._stored):
            return Caller("", _ALL) if is_loopback(request) and not is_of_another_site(request) else None
        found = await find_key(self._settings, self._stored, key or "")
        return _caller(found) if found else None

    def _why_not(self) -> str:
        if self.open:
            return (
                "no keys are set (HOMEWARD_API_KEYS), so only calls to a loopback address are taken, "
                "and none that a page of another site makes"
            )
        return "expected the header Authorization: Bearer KEY, with a key that is known"

    async def _count(self, request: Request, who: str, calls: int) -> None:
        """What is refused for costing too much counts nothing, so that small calls still go through."""
        counts = calls == 1 or await self._counter.test(self._limit, who, cost=calls)
        taken = counts and await self._counter.hit(self._limit, who, cost=calls)
        window = await self._counter.get_window_stats(self._limit, who)
        wait = max(1, math.ceil(window.reset_time - time.time()))
        request.state.rate = Rate(self._limit.amount, window.remaining, wait)
        if not taken:
            raise Failure(TOO_MANY, f"wait {wait} seconds", headers={"Retry-After": str(wait)})


def _caller(key: KnownKey) -> Caller:
    return Caller(key.caller, key.scopes, key.label)


def _who(request: Request, caller: Caller | None) -> str:
    """Who is counted: the key, or the address of one that has none."""
    return caller.name if caller and caller.name else network_of(request)


async def spend(request: Request, caller: Caller, units: int) -> None:
    """Count so many units to decide on as calls, one for each ``UNITS_OF_A_CALL``; raises ``Failure``."""
    gate: ApiKeys = request.app.state.api_keys
    await gate.spend(request, caller, units)


async def authenticate(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Caller:
    """Who calls, with a key of one of the scopes that open this call; raises ``Failure``."""
    gate: ApiKeys = request.app.state.api_keys
    caller = await gate.authenticate(request, given.credentials if given else None)
    structlog.contextvars.bind_contextvars(caller=caller.key or "nobody")
    need(caller, *scopes_of(request.method, request.scope["route"].path))
    return caller


def need(caller: Caller, *scopes: Scope) -> None:
    """Raise ``Failure`` for a key that has none of these scopes."""
    if not caller.scopes.intersection(scopes):
        wanted = sorted(scopes)
        told = f'Bearer realm="homeward", error="insufficient_scope", scope="{" ".join(wanted)}"'
        detail = f"expected a key with scope {' or '.join(wanted)}"
        raise Failure(WRONG_SCOPE, detail, headers={"WWW-Authenticate": told})


#: What every call that needs a key asks for; which scopes open it, the access table says.
CallerDep = Annotated[Caller, Depends(authenticate)]
