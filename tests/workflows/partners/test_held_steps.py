"""What a failed attempt of a worker does to a breaker, and what a breaker does to its wait."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.shared.profiles import PROFILES
from gateways.database import breakers
from gateways.database.breakers import OPENS_AT, PROBED_EVERY
from gateways.database.engine import Database
from gateways.errors import Busy, Declined, Unavailable
from workers.backoff import Backoff

START = datetime(2026, 3, 16, 9, tzinfo=UTC)
DOWN = Unavailable("EasyPost answered 503", "503")
CALM = Busy("EasyPost is busy", "429", timedelta(seconds=3))


class Worker:
    """One worker's attempts, a second after each other."""

    def __init__(self, database: Database, *with_breakers: str) -> None:
        self.database, self.now = database, START
        self._backoff = Backoff(
            database, None, timedelta(minutes=15), lambda: self.now, lambda: 0.0, with_breakers=with_breakers
        )

    async def attempt(self, number: int, fails: Exception | None, attempt: int = 1) -> timedelta | None:
        """One return's label; how long it waits then, None where it does not."""
        self.now += timedelta(seconds=1)

        class Work(ActivityInboundInterceptor):
            def __init__(self) -> None:
                pass

            async def execute_activity(self, _: ExecuteActivityInput) -> None:
                if fails is not None:
                    raise fails

        environment = ActivityEnvironment()
        environment.info = replace(
            environment.info,
            workflow_id=f"return-R-{number}",
            activity_id="buy_return_label",
            attempt=attempt,
            task_queue=PROFILES["carrier"].queue,
            start_to_close_timeout=timedelta(seconds=30),
        )
        given = ExecuteActivityInput(fn=lambda: None, args=[], executor=None, headers={})
        try:
            await environment.run(self._backoff.intercept_activity(Work()).execute_activity, given)
        except ApplicationError as error:
            return error.next_retry_delay
        return None

    async def fail(self, *numbers: int) -> list[timedelta | None]:
        return [await self.attempt(number, DOWN) for number in numbers]

    async def states(self) -> list[str]:
        found = await breakers.breakers_of(self.database)
        return ["recovering" if one.closed_at else "open" for one in found]


@pytest.fixture
async def database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    found = Database(f"sqlite:///{tmp_path_factory.mktemp('held') / 'homeward.db'}")
    await found.upgrade()
    yield found
    await found.dispose()


SECOND = timedelta(seconds=1)


async def test_the_fifth_failure_is_held_and_so_is_a_second_try(database: Database) -> None:
    worker = Worker(database, "carrier")
    waits = await worker.fail(*range(OPENS_AT))
    assert waits == [SECOND] * (OPENS_AT - 1) + [OPENS_AT * PROBED_EVERY * 3]
    assert await worker.attempt(0, DOWN, attempt=2) == OPENS_AT * PROBED_EVERY * 3
    assert await worker.states() == ["open"]
    # The wait by itself counts where it is longer.
    assert await worker.attempt(0, DOWN, attempt=9) == timedelta(seconds=256)


async def test_a_try_again_that_works_closes_it(database: Database) -> None:
    worker = Worker(database, "carrier")
    await worker.fail(*range(OPENS_AT))
    assert await worker.attempt(0, None, attempt=2) is None
    assert await worker.states() == ["recovering"]
    assert await worker.attempt(1, DOWN, attempt=2) == 2 * SECOND


async def test_new_returns_that_get_their_label_keep_it_from_opening(database: Database) -> None:
    worker = Worker(database, "carrier")
    for number in range(2 * OPENS_AT):
        assert await worker.fail(number) == [SECOND]
        await worker.attempt(100 + number, None)
    assert await worker.states() == []


async def test_the_success_of_another_worker_counts_too(database: Database) -> None:
    down, well = Worker(database, "carrier"), Worker(database, "carrier")
    await down.fail(*range(OPENS_AT - 1))
    well.now = down.now
    await well.attempt(0, None, attempt=2)
    down.now = well.now
    assert await down.fail(50, 51) == [SECOND, SECOND]
    assert await down.states() == []


@pytest.mark.parametrize("fails", [CALM, Declined("EasyPost refused", "ADDRESS.VERIFY.FAILURE"), RuntimeError("a bug")])
async def test_what_is_no_outage_opens_none(database: Database, fails: Exception) -> None:
    worker = Worker(database, "carrier")
    for number in range(2 * OPENS_AT):
        await worker.attempt(number, fails)
    assert await worker.states() == []


async def test_a_sandbox_has_none(database: Database) -> None:
    worker = Worker(database)
    assert await worker.fail(*range(2 * OPENS_AT)) == [SECOND] * 2 * OPENS_AT
    assert await worker.states() == []
