"""When a step that failed is tried again, and when it fails for good: by the time on the wall since its first failure.

That instant is kept in the database, by the step's key in the ledger, so that neither an attempt's number nor
a worker's death changes it. A step that has failed for good, and one that works again, begin anew. Where a partner
fails for everybody, a breaker has steps wait for longer, while one after the other is tried for all of them.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.shared.errors import UNFORESEEN_GIVES_UP, StepFailed, classify, final_error
from activities.shared.metrics import count_attempt
from activities.shared.profiles import JITTER, RetryRules, profile_of, rules_of
from activities.shared.told_stock import MADE
from gateways.database import breakers, failing_steps, retry_changes
from gateways.database.engine import Database
from gateways.database.failing_steps import StepFailure, Wait
from gateways.errors import Unavailable

#: What part of an attempt's time is left, at its end, to say that it failed.
_LAST_WORDS = 0.1
#: Seconds that keeping a failure may take: the failure itself is reported all the same.
_PATIENCE = 2.0

T = TypeVar("T")
log = structlog.get_logger()


class Backoff(Interceptor):
    """Decides on every failed attempt of a step.

    ``give_up_after`` is the setting of that name, ``believed`` how much of a partner's Retry-After counts;
    ``with_breakers`` are the partners that may fail for everybody. ``clock`` and ``chance`` (0 to 1) are the machine's
    own unless a test says otherwise.
    """

    def __init__(
        self,
        database: Database,
        give_up_after: timedelta | None,
        believed: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
        with_breakers: Collection[str] = (),
    ) -> None:
        self.database = database
        self.give_up_after = give_up_after
        self.believed = believed
        self.with_breakers = with_breakers
        #: Partners that have failed here since something of them worked.
        self.failing: set[str] = set()
        self.clock = clock
        self.chance = chance

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 (the SDK's name)
        """See the SDK: called once for each activity."""
        return _Attempt(next, self)


class _Attempt(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, backoff: Backoff) -> None:  # noqa: A002 (the SDK's name)
        super().__init__(next)
        self._backoff = backoff

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        info = activity.info()
        of_queue = profile_of(info.task_queue)
        if of_queue is None:  # a relay: it sees to its own failures, and never fails for good
            return await self.next.execute_activity(input)
        began = time.perf_counter()
        MADE.set(None)
        try:
            result = await self._in_time(input, info)
        except StepFailed as error:
            failed = error
        except ApplicationError:  # an activity's own last word
            raise
        except Exception as error:  # noqa: BLE001 - nobody foresaw it, and it has to fail for good some day all the same
            failed = StepFailed(classify(error), of_queue)
        else:
            await self._works(info, of_queue)
            took = time.perf_counter() - began
            count_attempt(of_queue, info.activity_type, took, "done")
            activity.logger.info("step_done", extra={"partner": of_queue, "ms": round(took * 1000, 1)})
            return result
        # Not within the handler: what Temporal gets shall have no other causes than those it names.
        ended, made = await self._decided(failed, input, info, time.perf_counter() - began), MADE.get()
        if made is None or not ended.non_retryable:
            raise ended
        known = {"return_id": getattr(input.args[0], "return_id", None), "step": info.activity_id}
        log.warning("stock_not_told", **known, kind=info.activity_type, code=failed.how.code)
        return made[0]

    async def _in_time(self, input: ExecuteActivityInput, info: activity.Info) -> Any:  # noqa: A002 (the SDK's name)
        """Run it; one that gets no answer fails here, just before Temporal would end it without asking anybody."""
        limit = info.start_to_close_timeout
        if info.is_local or limit is None:
            return await self.next.execute_activity(input)
        watch = asyncio.timeout(limit.total_seconds() * (1 - _LAST_WORDS))
        try:
            async with watch:
                return await self.next.execute_activity(input)
        except TimeoutError:
            if watch.expired():
                raise Unavailable("no answer in time", "timeout") from None
            raise

    async def _decided(
        self,
        failed: StepFailed,
        input: ExecuteActivityInput,  # noqa: A002 (the SDK's name)
        info: activity.Info,
        took: float,
    ) -> ApplicationError:
        failure, backoff = failed.how, self._backoff
        step = _step(failed, input, info)
        now = backoff.clock()
        known, changed = await self._known(step)
        since = known or now
        rules = rules_of(failed.partner, backoff.give_up_after, backoff.believed, changed)
        gives_up = failure.final or now - since >= self._patience(failed, rules)
        own = None if gives_up else rules.wait(info.attempt, failure.retry_after, backoff.chance())

        def keep(connection: Connection) -> timedelta | None:
            failing_steps.keep_words(connection, step, failure.words, now)
            if own is None or info.is_local:
                failing_steps.end_waiting(connection, step.key)
                return own
            wait = max(own, self._held(connection, step, failed, now))
            failing_steps.keep_waiting(
                connection, step, Wait(info.attempt, now, now + wait, failure.retry_after), since
            )
            return wait

        wait = await self._kept(keep) or own
        outcome = "tried_again" if wait is not None else "refused" if failure.final else "gave_up"
        count_attempt(failed.partner, info.activity_type, took, outcome, failure.code)
        seconds = round(wait.total_seconds(), 1) if wait is not None else None
        log.warning("step_failed", partner=failed.partner, code=failure.code, outcome=outcome, seconds=seconds)
        return final_error(failure, wait)

    def _held(self, connection: Connection, step: StepFailure, failed: StepFailed, now: datetime) -> timedelta:
        """How much longer it waits where its partner fails for everybody; one that says when to come back does not."""
        backoff, how = self._backoff, failed.how
        if failed.partner not in backoff.with_breakers or how.unforeseen or how.retry_after is not None:
            return timedelta()
        backoff.failing.add(failed.partner)
        held = breakers.hold(connection, step, now) or timedelta()
        return held + held * (JITTER * backoff.chance())

    def _patience(self, failed: StepFailed, rules: RetryRules) -> timedelta:
        if failed.how.unforeseen:
            return UNFORESEEN_GIVES_UP if self._backoff.give_up_after is None else self._backoff.give_up_after
        return rules.give_up_after

    async def _known(self, step: StepFailure) -> tuple[datetime | None, Mapping[str, Any]]:
        """When it first failed, and what operators changed for its partner.

        Nothing where the database cannot say, for it may be what fails.
        """

        def read(connection: Connection) -> tuple[datetime | None, Mapping[str, Any]]:
            return failing_steps.failing_since(connection, step.key), retry_changes.newest(connection, step.partner)

        return await _within_patience(self._backoff.database.read(read)) or (None, {})

    async def _kept(self, keep: Callable[[Connection], T]) -> T | None:
        """Keep it; a database that cannot must not hide what failed."""
        return await _within_patience(self._backoff.database.write(keep))

    async def _works(self, info: activity.Info, partner: str) -> None:
        """It waits no more; the first attempt of a step that was never reset cannot have waited.

        That one is told of only where others of its partner fail.
        """
        reset, backoff = info.current_attempt_scheduled_time > info.scheduled_time, self._backoff
        if info.is_local or not (info.attempt > 1 or reset or partner in backoff.failing):
            return

        def keep(connection: Connection) -> None:
            code = failing_steps.end_waiting(connection, _key(info))
            if partner in backoff.with_breakers:
                breakers.works(connection, partner, code, backoff.clock())

        backoff.failing.discard(partner)
        await self._kept(keep)


async def _within_patience(work: Awaitable[T]) -> T | None:
    """Wait for the database; None where it cannot do it: whatever it is, the failure itself counts."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await work
    except Exception as error:  # noqa: BLE001 - see above
        log.warning("failure_not_kept", exception=type(error).__name__)
        return None


def _key(info: activity.Info) -> str:
    return f"{info.workflow_id}/{info.activity_id}"


def _step(failed: StepFailed, input: ExecuteActivityInput, info: activity.Info) -> StepFailure:  # noqa: A002 (the SDK's name)
    given = input.args[0] if input.args else None
    return StepFailure(
        key=_key(info),
        return_id=getattr(given, "return_id", None),
        partner=failed.partner,
        step=info.activity_id,
        code=failed.how.code,
    )
