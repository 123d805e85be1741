"""What operations may press: each form made into the message that calls and commands have for it."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import FormData

from client.partners.limits import Limits
from lifecycle.contract.boundary import read
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.retries import HurrySteps, LimitChange, RetryChange, RetryReset
from lifecycle.shared.lengths import seconds_of
from starter.portal.shared.forms import field
from starter.shared.retries import Moved, Retries
from starter.shared.services import Services

#: Seconds for which one press moves steps; what is left then is pressed for again.
_PRESS_LASTS: Final = 8.0
_LENGTHS: Final = ("initial", "maximum", "give_up_after", "retry_after_maximum")


def reason_of(form: FormData) -> str:
    """Why somebody does it; raises ``InvalidRequest`` where that is left out."""
    why = field(form, "why")
    if not why:
        raise InvalidRequest([("why", "expected a reason, for whoever looks at it later")])
    return why


@dataclass(frozen=True)
class Pressed:
    """A form that was sent, about which partner, by whom."""

    services: Services
    partner: str
    by: str
    form: FormData

    def said(self, name: str) -> str | None:
        """A field; None for an empty one."""
        return field(self.form, name) or None

    @property
    def signed(self) -> dict[str, Any]:
        """Who says so, and why."""
        return {"by": self.by, "why": reason_of(self.form)}

    def length(self, name: str) -> float | None:
        """A length of time in seconds; raises ``InvalidRequest``."""
        typed = self.said(name)
        try:
            return None if typed is None else seconds_of(typed)
        except ValueError as error:
            raise InvalidRequest([(name, str(error))]) from None

    def rate(self, name: str) -> float | None:
        """So many a second; raises ``InvalidRequest``."""
        typed = self.said(name)
        try:
            return None if typed is None else float(typed)
        except ValueError:
            raise InvalidRequest([(name, f"expected a number, got {typed}")]) from None

    @property
    def retries(self) -> Retries:
        """How failed steps are tried again."""
        return Retries(self.services.client, self.services.db, self.services.settings)


async def _set(pressed: Pressed) -> Moved:
    given = {f"{name}_seconds": pressed.length(name) for name in _LENGTHS}
    said = read(RetryChange, pressed.signed | given | {"recovery_rps": pressed.rate("recovery_rps")})
    return await _all(lambda: pressed.retries.change(pressed.partner, said))


async def _reset(pressed: Pressed) -> Moved:
    said = read(RetryReset, pressed.signed)
    return await _all(lambda: pressed.retries.reset(pressed.partner, said))


async def _now(pressed: Pressed) -> Moved:
    said = read(HurrySteps, {"code": pressed.said("code"), "rps": pressed.rate("rps")})
    return await _all(lambda: pressed.retries.hurry(pressed.partner, said.code, said.rps))


async def _all(act: Callable[[], Awaitable[Moved]]) -> Moved:
    """Go on for what is left, as long as somebody waits for a page."""
    until, moved = time.monotonic() + _PRESS_LASTS, await act()
    count = moved.moved
    while moved.left and time.monotonic() < until:
        moved = await act()
        count += moved.moved
    return Moved(count, moved.left)


async def _pause(pressed: Pressed) -> Moved:
    return await _limit(pressed, {"rps": 0, "for_seconds": pressed.length("for")})


async def _resume(pressed: Pressed) -> Moved:
    rps = pressed.rate("rps")
    return await _limit(pressed, {"rps": rps, "ramps": rps is not None})


async def _bound(pressed: Pressed) -> Moved:
    rps = pressed.rate("rps")
    if rps is None:
        raise InvalidRequest([("rps", "expected how many a second; resume lifts the limit")])
    return await _limit(pressed, {"rps": rps})


async def _limit(pressed: Pressed, wanted: Mapping[str, Any]) -> Moved:
    said = read(LimitChange, {**pressed.signed, **wanted})
    await Limits(pressed.services.client, pressed.services.db).change(pressed.partner, said)
    return Moved(0, 0)


#: By the name of a button.
ACTS: Final[Mapping[str, Callable[[Pressed], Awaitable[Moved]]]] = {
    "set": _set,
    "reset": _reset,
    "now": _now,
    "pause": _pause,
    "resume": _resume,
    "limit": _bound,
}
