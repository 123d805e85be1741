"""How failed steps of each partner are tried again: what holds, what waits, and both changed while the shop runs.

A change holds for whatever fails from now on, because a step asks for it when it fails. What waits already is given
its new time one by one, at a bounded rate, so that a partner that is back is not met by all at once. An attempt keeps
its number: Temporal's `activity reset` would begin the count anew, and have all tried in the same moment.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from sqlalchemy import Connection
from temporalio.api.activity.v1 import ActivityOptions
from temporalio.api.common.v1 import RetryPolicy, WorkflowExecution
from temporalio.api.workflowservice.v1 import UpdateActivityOptionsRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.shared.profiles import JITTER, PROFILES, RetryRules, rules_of
from client.errors import UnknownPartner, Unreachable
from gateways.database import failing_steps, retry_changes
from gateways.database.engine import Database
from gateways.database.failing_steps import WaitingStep
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.retries import RetryChange, RetryReset
from starter.shared.dispatch import PARTNERS as LIMITED
from starter.shared.dispatch import Limit, limit_of
from workers.settings import Settings

#: Partners whose steps an operator may say something about; our own database is none.
PARTNERS: Final = tuple(name for name, profile in PROFILES.items() if not profile.ours)
#: How many waiting steps a second are given another time after a change, and when an operator hurries them.
RATE: Final = 50.0
HURRIED_RATE: Final = 5.0
#: Seconds that one call takes at most: whoever calls repeats it for what is left.
_LASTS = 2.0
_AT_ONCE = timedelta(milliseconds=1)
_MASK = FieldMask(paths=["retry_policy.initial_interval", "retry_policy.maximum_interval"])

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

    async def show(self) -> list[dict[str, Any]]:
        """Each partner: the rules that hold, who changed them and why, its limit, and what waits, by its code."""
        waiting = await failing_steps.partners_waited_for(self._db)
        return [
            await self._shown(partner, [row for row in waiting if row["partner"] == partner]) for partner in PROFILES
        ]

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

    async def _shown(self, partner: str, waiting: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        changed = await self._changed(partner) if partner in PARTNERS else {}
        rules = self._rules(partner, changed)
        return {
            "partner": partner,
            "initial_seconds": rules.initial.total_seconds(),
            "maximum_seconds": rules.maximum.total_seconds(),
            "give_up_after_seconds": rules.give_up_after.total_seconds(),
            "retry_after_maximum_seconds": rules.retry_after_maximum.total_seconds(),
            "limit": _shown(await limit_of(self._client, partner)) if partner in LIMITED else None,
            "changed": {name: changed[name] for name in ("at", "by", "why")} if changed else None,
            "waiting": sum(row["count"] for row in waiting),
            "since": min((row["since"] for row in waiting), default=None),
            "next_at": min((row["next_at"] for row in waiting), default=None),
            "codes": {row["code"]: row["count"] for row in waiting},
        }

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
        waiting = await failing_steps.waiting_at(self._db, partner)
        return await self._move(_wrongly_timed(waiting, rules), RATE)

    async def _move(self, wanted: Sequence[tuple[WaitingStep, datetime]], rate: float) -> Moved:
        now, moved = wanted[: max(1, int(rate * _LASTS))], 0
        for step, next_at in now:
            # Chance keeps several who hurry at once out of step with each other.
            await asyncio.sleep((0.5 + random.random()) / rate if moved else 0)  # noqa: S311
            moved += await self._tried_at(step, next_at)
        return Moved(moved, len(wanted) - len(now))

    async def _tried_at(self, step: WaitingStep, next_at: datetime) -> bool:
        """Have Temporal try it at this instant; False where it waits no more."""
        # Both intervals: Temporal waits from the last failure for the initial one, doubled, but no longer than the
        # longest. The activity names its own wait when it fails the next time.
        interval = Duration()
        interval.FromTimedelta(max(next_at - step.wait.failed_at, _AT_ONCE))
        policy = RetryPolicy(initial_interval=interval, maximum_interval=interval)
        request = UpdateActivityOptionsRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=step.workflow_id),
            identity=self._client.identity,
            activity_options=ActivityOptions(retry_policy=policy),
            update_mask=_MASK,
            id=step.step,
        )
        try:
            await self._client.workflow_service.update_activity_options(request, timeout=timedelta(seconds=2))
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                await failing_steps.drop(self._db, step)
                return False
            raise Unreachable(f"Temporal does not answer: {error.status.name}") from None
        await failing_steps.move(self._db, step, next_at)
        return True


def _shown(limit: Limit) -> dict[str, Any] | None:
    return None if limit.rps is None else {"rps": limit.rps, "reason": limit.reason, "at": limit.at}


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
