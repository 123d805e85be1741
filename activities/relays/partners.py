"""The watch over partners: of one that fails for everybody it tries one step after the other, and hurries all after it.

See ``gateways.database.breakers``. It ends pauses that end by themselves, too.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from temporalio import activity
from temporalio.client import Client

from activities.relays.polling import poll
from activities.shared.profiles import recovery_rps
from client.errors import Unreachable
from client.partners.limits import Limits
from client.partners.waiting_steps import try_at
from gateways.database import breakers, failing_steps, retry_changes
from gateways.database.breakers import PROBED_EVERY, Breaker
from gateways.database.engine import Database
from gateways.database.failing_steps import WaitingStep
from gateways.errors import GatewayError

#: How long a try may take to say that it failed; after that another step is tried.
_TRY_LASTS: Final = timedelta(minutes=1)
#: Seconds for which steps are hurried before the breakers are looked at again.
_TURN: Final = 2.0
#: How long it waits after Temporal, or the database, has not answered.
_REST: Final = 2.0

log = structlog.get_logger("homeward.partners")


class PartnerActivities:
    """One watch at a time serves all partners; a workflow of its own keeps it alive."""

    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._database = database
        self._limits = Limits(client, database)

    @activity.defn
    async def watch_partners(self) -> None:
        """Look until the run ends or the worker stops."""
        await poll(self._look, self._database.changes)

    async def _look(self) -> int:
        try:
            await self._limits.carry_out(datetime.now(UTC))
            found = await breakers.breakers_of(self._database)
            return sum([await self._advance(one, found) for one in found])
        except (Unreachable, GatewayError) as error:
            log.warning("partners_not_watched", exc_info=error)
            await asyncio.sleep(_REST)
            return 0

    async def _advance(self, breaker: Breaker, all_of_them: Sequence[Breaker]) -> int:
        """Do what is next for one; returns how many steps were tried."""
        if breaker.closed_at is None:
            return await self._probe(breaker)
        held = {one.code for one in all_of_them if one.partner == breaker.partner and one.closed_at is None}
        return await self._hurry(breaker, breaker.closed_at, held)

    async def _probe(self, breaker: Breaker) -> int:
        now = datetime.now(UTC)
        if breaker.probed_at and now - breaker.probed_at < PROBED_EVERY:
            return 0
        waiting = await failing_steps.longest_untried(self._database, breaker.partner, breaker.code, 2)
        if not waiting:
            await self._end(breaker)
            return 0
        if breaker.probed_at is None:
            log.warning("breaker_open", partner=breaker.partner, code=breaker.code)
        elif waiting[0].key == breaker.probe and waiting[0].wait.failed_at < breaker.probed_at:
            if now - breaker.probed_at < _TRY_LASTS:
                return 0
            waiting.reverse()
        if await try_at(self._client, self._database, waiting[0], now):
            await breakers.keep_probe(self._database, breaker, waiting[0], now)
        return 1

    async def _hurry(self, breaker: Breaker, back_at: datetime, held: set[str]) -> int:
        """Have what failed before the partner was back tried now, the longest waiting first."""
        rate, now = await self._rate(breaker.partner), datetime.now(UTC)
        waiting = [
            step
            for step in await failing_steps.waiting_at(self._database, breaker.partner)
            if step.code not in held and _is_left(step, back_at, now)
        ]
        if not waiting:
            await self._end(breaker)
        turn = waiting[: max(1, int(rate * _TURN))]
        for step in turn:
            # Side by side, so that the rate is kept however long Temporal takes to answer.
            await asyncio.gather(try_at(self._client, self._database, step, now), asyncio.sleep(1 / rate))
        return len(turn)

    async def _rate(self, partner: str) -> float:
        return recovery_rps(await self._database.read(lambda connection: retry_changes.newest(connection, partner)))

    async def _end(self, breaker: Breaker) -> None:
        await breakers.drop(self._database, breaker)
        log.info("breaker_closed", partner=breaker.partner, code=breaker.code)


def _is_left(step: WaitingStep, back_at: datetime, now: datetime) -> bool:
    """Whether its last try was before the partner was back, and its next is not due by itself."""
    return step.wait.failed_at < back_at and step.wait.next_at > now
