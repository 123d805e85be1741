"""How failed steps of each partner are tried again: what holds, what waits, and both changed while the shop runs.

A change holds for whatever fails from now on, because a step asks for it when it fails. What waits already is given
its new time one by one, at a bounded rate, so that a partner that is back is not met by all at once. An attempt keeps
its number: Temporal's `activity reset` would begin the count anew, and have all tried in the same moment.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection
from temporalio.client import Client

from activities.shared.profiles import JITTER, PROFILES, RetryRules, rules_of
from client.errors import UnknownPartner
from client.partners.dispatch import PARTNERS as LIMITED
from client.partners.limits import Limits
from client.partners.waiting_steps import try_at
from gateways.database import breakers, failing_steps, retry_changes
from gateways.database.breakers import Breaker
from gateways.database.engine import Database
from gateways.database.failing_steps import WaitingStep
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.retries import RetryChange, RetryReset
from workers.settings import Settings

#: Partners whose steps an operator may say something about; our own database is none.
PARTNERS: Final = tuple(name for name, profile in PROFILES.items() if not profile.ours)
#: How many waiting steps a second are given another time after a change, and when an operator hurries them.
RATE: Final = 50.0
HURRIED_RATE: Final = 5.0
#: How many of them are at Temporal and the database at once: the rate holds where an answer takes longer.
_AT_ONCE = 8
#: Seconds that one call takes at most: whoever calls repeats it for what is left.
_LASTS = 2.0

log = structlog.get_logger("homeward.retries")


@dataclass(frozen=True)
class Moved:
    """How many waiting steps got another time, and how many are ``left`` for a repeat of the call."""

    moved: int
    left: int


class Retries:
    """What an operator sees and says of tries."""

    def __init__(self, client: Client, db: Database, settings: Settings) -> None:
        self._client = client
        self._db = db
        self._settings = settings

    async def show(self, *, limits: bool = True) -> list[dict[str, Any]]:
        """Each partner: the rules that hold, who changed them and why, its limit, and what waits, by its code.

        Raises ``Unreachable`` where Temporal, which keeps the ``limits``, does not answer.
        """
        waiting = await failing_steps.partners_waited_for(self._db)
        return [await self._shown(partner, waiting, limits=limits) for partner in PROFILES]

    async def of(self, partner: str) -> dict[str, Any]:
        """One partner's row of these. Raises ``UnknownPartner``, ``Unreachable``."""
        return await self._shown(_known(partner), await failing_steps.partners_waited_for(self._db))

    async def change(self, partner: str, said: RetryChange) -> Moved:
        """Have failed steps of a partner tried again so from now on, and those that wait already.

        Raises ``UnknownPartner``, and ``InvalidRequest`` where nothing is changed, or an initial wait would be longer
        than the longest.
        """
        values = said.model_dump(include=set(retry_changes.CHANGED), exclude_none=True)
        if not values:
            raise InvalidRequest([("body", f"expected one of {', '.join(retry_changes.CHANGED)}")])
        holding = await self._changed(partner)
        wanted = {name: holding.get(name) for name in retry_changes.CHANGED} | values
        _check(self._rules(partner, wanted))
        return await self._keep(partner, said, wanted)

    async def reset(self, partner: str, said: RetryReset) -> Moved:
        """Have failed steps of a partner tried again as code and settings say; raises ``UnknownPartner``."""
        return await self._keep(_known(partner), said, {})

    async def hurry(self, partner: str, code: str | None, rate: float, begun: datetime | None = None) -> Moved:
        """Try what waits for a partner now, the longest waiting first, so many a second.

        ``code`` names one way of failing. What failed after ``begun`` has been tried by then, and waits as it is.
        Raises ``UnknownPartner``.
        """
        now = datetime.now(UTC)
        waiting = await failing_steps.waiting_at(self._db, _known(partner), code)
        failed_before = [step for step in waiting if step.wait.failed_at < (begun or now)]
        return await self._move([(step, now) for step in failed_before if step.wait.next_at > now], rate)

    async def _shown(
        self, partner: str, everything: Sequence[Mapping[str, Any]], *, limits: bool = True
    ) -> dict[str, Any]:
        waiting = [row for row in everything if row["partner"] == partner]
        changed = await self._changed(partner) if partner in PARTNERS else {}
        rules = self._rules(partner, changed)
        return {
            "partner": partner,
            "initial_seconds": rules.initial.total_seconds(),
            "maximum_seconds": rules.maximum.total_seconds(),
            "give_up_after_seconds": rules.give_up_after.total_seconds(),
            "retry_after_maximum_seconds": rules.retry_after_maximum.total_seconds(),
            "recovery_rps": rules.recovery_rps,
            "limit": await self._limit(partner) if limits and partner in LIMITED else None,
            "changed": {name: changed[name] for name in ("at", "by", "why")} if changed else None,
            "waiting": sum(row["count"] for row in waiting),
            "since": min((row["since"] for row in waiting), default=None),
            "next_at": min((row["next_at"] for row in waiting), default=None),
            "codes": {row["code"]: row["count"] for row in waiting},
            "breakers": [_shown_breaker(one) for one in await breakers.breakers_of(self._db, partner)],
        }

    async def _limit(self, partner: str) -> dict[str, Any] | None:
        held = await Limits(self._client, self._db).of(partner)
        return None if held.limit.rps is None else held.shown()

    async def _changed(self, partner: str) -> dict[str, Any]:
        _known(partner)
        return await self._db.read(lambda connection: retry_changes.newest(connection, partner))

    def _rules(self, partner: str, changed: Mapping[str, Any]) -> RetryRules:
        return rules_of(partner, self._settings.give_up_after, self._settings.retry_after_longest, changed)

    async def _keep(self, partner: str, said: RetryChange | RetryReset, values: Mapping[str, Any]) -> Moved:
        at = datetime.now(UTC)
        row = dict.fromkeys(retry_changes.CHANGED) | dict(values) | {"by": said.by, "why": said.why}

        def keep(connection: Connection) -> bool:
            # A repeat, for what was left or because an answer was lost, is no other change.
            if retry_changes.newest(connection, partner).items() >= row.items():
                return False
            retry_changes.keep(connection, partner, at, row)
            return True

        if await self._db.write(keep):
            log.info("retries_changed", partner=partner)
        rules = self._rules(partner, values)
        held = {one.code for one in await breakers.breakers_of(self._db, partner)}
        waiting = [step for step in await failing_steps.waiting_at(self._db, partner) if step.code not in held]
        return await self._move(_wrongly_timed(waiting, rules), RATE)

    async def _move(self, wanted: Sequence[tuple[WaitingStep, datetime]], rate: float) -> Moved:
        now, moving, room = (
            wanted[: max(1, int(rate * _LASTS))],
            list[asyncio.Task[bool]](),
            asyncio.Semaphore(_AT_ONCE),
        )

        async def move(step: WaitingStep, next_at: datetime) -> bool:
            async with room:
                return await try_at(self._client, self._db, step, next_at)

        try:
            for step, next_at in now:
                # Chance keeps several who hurry at once out of step with each other.
                await asyncio.sleep((0.5 + random.random()) / rate if moving else 0)  # noqa: S311
                moving.append(asyncio.create_task(move(step, next_at)))
            return Moved(sum(await asyncio.gather(*moving)), len(wanted) - len(now))
        finally:
            for one in moving:
                one.cancel()


def _shown_breaker(breaker: Breaker) -> dict[str, Any]:
    state = "open" if breaker.closed_at is None else "recovering"
    return {"code": breaker.code, "state": state, "since": breaker.opened_at, "probed_at": breaker.probed_at}


def _known(partner: str) -> str:
    if partner not in PARTNERS:
        raise UnknownPartner(partner, PARTNERS)
    return partner


def _check(rules: RetryRules) -> None:
    if rules.initial > rules.maximum:
        longest = rules.maximum.total_seconds()
        raise InvalidRequest([("initial_seconds", f"expected at most the longest wait, {longest:g} seconds")])


def _wrongly_timed(waiting: Sequence[WaitingStep], rules: RetryRules) -> list[tuple[WaitingStep, datetime]]:
    """Those that would be tried at another time by these rules, each with that time."""
    found = []
    for step in waiting:
        wait, earliest = step.wait, rules.wait(step.wait.attempt, step.wait.asked, 0)
        if not earliest <= wait.next_at - wait.failed_at <= earliest * (1 + JITTER):
            again = rules.wait(wait.attempt, wait.asked, random.random())  # noqa: S311
            found.append((step, wait.failed_at + again))
    return found
