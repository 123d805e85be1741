"""When a failing step is tried again, and when it fails for good: by the clock on the wall, whatever partners ask."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, cycle, repeat
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.shared.errors import application_errors
from activities.shared.profiles import PROFILES
from activities.shared.stock import StockInput
from activities.shared.told_stock import MADE
from gateways.database import retry_changes
from gateways.database.engine import Database
from gateways.database.failing_steps import failures_of, waiting_of
from gateways.database.ledger import KeyReused
from gateways.errors import Busy, Declined, Unavailable
from workers.backoff import Backoff

START = datetime(2026, 3, 16, 9, tzinfo=UTC)
BELIEVED = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DOWN = Unavailable("the partner answers 503", "503")


def busy(seconds: float) -> Busy:
    return Busy("too many requests", "429", timedelta(seconds=seconds))


class Bug(Exception):
    """What nobody foresaw."""


class Step:
    """One step whose partner fails; time passes only while it waits."""

    def __init__(self, database: Database, partner: str = "carrier", give_up_after: timedelta | None = None) -> None:
        self.database, self.partner, self.now = database, partner, START
        self.waits: list[timedelta] = []
        self.chance = 0.0
        self.backoff = Backoff(database, give_up_after, BELIEVED, lambda: self.now, lambda: self.chance)

    async def attempt(
        self, number: int, fails: Exception | None, *, step: str = "buy_return_label", made: Any = None
    ) -> Any:
        """Try it once; raises what the worker would report to Temporal. It fails after what it has ``made``."""

        class Work(ActivityInboundInterceptor):
            def __init__(self) -> None:
                pass

            async def execute_activity(self, _: ExecuteActivityInput) -> None:
                if made is not None:
                    MADE.set((made,))
                if fails is not None:
                    raise fails

        environment = ActivityEnvironment()
        environment.info = replace(
            environment.info,
            workflow_id="return-R-1",
            activity_id=step,
            attempt=number,
            task_queue=PROFILES[self.partner].queue,
            start_to_close_timeout=timedelta(seconds=30),
        )
        given = StockInput(return_id="R-1", step=step, moves=[], now=START)
        input_ = ExecuteActivityInput(fn=lambda: None, args=[given], executor=None, headers={})
        return await environment.run(self.backoff.intercept_activity(Work()).execute_activity, input_)

    async def until_it_gives_up(self, failures: Iterator[Exception]) -> tuple[timedelta, ApplicationError]:
        """Try it again and again; how long that took, and its last failure."""
        for number, failure in enumerate(failures, 1):
            with pytest.raises(ApplicationError) as raised:
                await self.attempt(number, failure)
            error = raised.value
            if error.non_retryable:
                return self.now - START, error
            assert error.next_retry_delay is not None
            self.waits.append(error.next_retry_delay)
            self.now += error.next_retry_delay
        raise AssertionError("it never failed for good")


@pytest.fixture(scope="module")
async def database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    found = Database(f"sqlite:///{tmp_path_factory.mktemp('giving-up') / 'homeward.db'}")
    await found.upgrade()
    yield found
    await found.dispose()


@pytest.fixture(autouse=True)
async def _emptied(database: Database) -> None:
    await database.write(lambda connection: connection.execute(text("delete from waiting_steps")))


@pytest.mark.parametrize(("partner", "hours"), [("carrier", 12), ("payment", 24), ("inventory", 24)])
@pytest.mark.parametrize("asked", [None, 1, 300, 900, 3600, 86_400])
async def test_it_gives_up_when_its_time_is_over_whatever_is_asked_for(
    database: Database, partner: str, hours: int, asked: int | None
) -> None:
    step = Step(database, partner)
    took, error = await step.until_it_gives_up(repeat(busy(asked) if asked else DOWN))
    assert hours * HOUR <= took <= hours * HOUR + BELIEVED
    assert error.type == "GaveUp"


async def test_what_is_made_and_cannot_be_told_fails_for_a_while_and_not_for_good(database: Database) -> None:
    step = Step(database, "carrier")
    with pytest.raises(ApplicationError) as raised:
        await step.attempt(1, DOWN, step="ship", made="1Z-1")
    assert not raised.value.non_retryable
    step.now += 12 * HOUR
    assert await step.attempt(2, DOWN, step="ship", made="1Z-1") == "1Z-1"
    with pytest.raises(ApplicationError) as refused:
        await step.attempt(1, Declined("no", "refused"), step="ship")
    assert refused.value.non_retryable


@given(
    asked=st.lists(st.none() | st.floats(0, 100_000), max_size=60),
    chances=st.lists(st.floats(0, 1), min_size=1, max_size=7),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_list_of_wishes_makes_it_give_up_early_or_late(
    asked: Sequence[float | None], chances: Sequence[float], database: Database
) -> None:
    async def play() -> None:
        step = Step(database)
        failures = chain((busy(seconds) if seconds is not None else DOWN for seconds in asked), repeat(DOWN))
        drawn = cycle(chances)
        step.backoff.chance = lambda: next(drawn)
        took, _ = await step.until_it_gives_up(failures)
        assert 12 * HOUR <= took <= 12 * HOUR + 1.2 * BELIEVED
        for number, (wait, seconds) in enumerate(zip(step.waits, chain(asked, repeat(None)), strict=False), 1):
            own = min(timedelta(seconds=2 ** min(number - 1, 30)), timedelta(minutes=5))
            least = max(own, min(timedelta(seconds=seconds or 0), BELIEVED))
            assert least <= wait <= 1.2 * least

    asyncio.run(play())


@pytest.mark.parametrize("numbers", [[1, 2, 3], [1, 1, 1], [5, 1, 2]])
async def test_an_activity_reset_does_not_begin_its_time_anew(database: Database, numbers: list[int]) -> None:
    step = Step(database)
    for number in numbers:
        with pytest.raises(ApplicationError) as raised:
            await step.attempt(number, DOWN)
        assert not raised.value.non_retryable
        step.now += 5 * HOUR
    with pytest.raises(ApplicationError) as raised:
        await step.attempt(1, DOWN)
    assert (raised.value.type, raised.value.non_retryable) == ("GaveUp", True)


async def test_an_operators_retry_begins_it_anew(database: Database) -> None:
    step = Step(database)
    await step.until_it_gives_up(repeat(DOWN))
    assert await waiting_of(database, "R-1") == []
    step.now += HOUR
    begun = step.now
    took, _ = await step.until_it_gives_up(repeat(DOWN))
    assert step.now - begun >= 12 * HOUR
    assert took >= 24 * HOUR


async def test_what_an_operator_changes_holds_from_the_next_failure_on(database: Database) -> None:
    step = Step(database)
    await _changed(database, initial_seconds=30, maximum_seconds=45, give_up_after_seconds=120)
    took, _ = await step.until_it_gives_up(repeat(DOWN))
    assert [wait.total_seconds() for wait in step.waits] == [30, 45, 45]
    assert took == timedelta(seconds=120)
    await _changed(database)
    took, _ = await step.until_it_gives_up(repeat(DOWN))
    assert took >= 12 * HOUR


async def test_a_retry_after_counts_as_far_as_an_operator_says(database: Database) -> None:
    await _changed(database, retry_after_maximum_seconds=60)
    step = Step(database)
    with pytest.raises(ApplicationError) as raised:
        await step.attempt(1, busy(3600))
    assert raised.value.next_retry_delay == timedelta(seconds=60)
    await _changed(database)


async def _changed(database: Database, **values: float) -> None:
    said = dict.fromkeys(retry_changes.CHANGED) | values | {"by": "operations", "why": "a test"}
    await database.write(lambda connection: retry_changes.keep(connection, "carrier", START, said))


async def test_what_waits_is_shown_until_it_works(database: Database) -> None:
    step = Step(database, "payment")
    with pytest.raises(ApplicationError):
        await step.attempt(1, busy(60), step="refund-t1")
    step.now += timedelta(seconds=60)
    with pytest.raises(ApplicationError):
        await step.attempt(2, Unavailable("Stripe answered 503", "503"), step="refund-t1")
    [row] = await waiting_of(database, "R-1")
    assert row == {
        "step": "refund-t1",
        "partner": "payment",
        "code": "503",
        "attempt": 2,
        "since": START,
        "next_at": step.now + timedelta(seconds=2),
    }
    await step.attempt(3, None, step="refund-t1")
    assert await waiting_of(database, "R-1") == []


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Declined("refused", "refused", "Jane Roe, 12 Elm Street"), "Declined"),
        (KeyReused("another content"), "KeyReused"),
    ],
)
async def test_what_is_refused_is_never_tried_again(database: Database, failure: Exception, kind: str) -> None:
    with pytest.raises(ApplicationError) as raised:
        await Step(database).attempt(1, failure)
    assert (raised.value.type, raised.value.non_retryable, raised.value.next_retry_delay) == (kind, True, None)
    assert await waiting_of(database, "R-1") == []


async def test_a_partners_words_are_kept_beside_the_ledger_alone(database: Database) -> None:
    said = "Unable to verify 12 Elm Street for Jane Roe (jane@example.org)"
    with pytest.raises(ApplicationError) as raised:
        await Step(database).attempt(1, Declined("EasyPost refused: ADDRESS", "ADDRESS", said), step="words")
    assert raised.value.message == "EasyPost refused: ADDRESS"
    assert list(raised.value.details) == ["ADDRESS"]
    [row] = [row for row in await failures_of(database, "R-1") if row["step"] == "words"]
    assert (row["code"], row["words"], row["at"]) == ("ADDRESS", said, START)


async def test_a_sentence_is_no_code(database: Database) -> None:
    with pytest.raises(ApplicationError) as raised:
        await Step(database).attempt(1, Declined("refused", "Jane Roe of 12 Elm Street"))
    assert list(raised.value.details) == ["other"]


@pytest.mark.parametrize("within", [True, False])
async def test_what_is_unforeseen_gives_up_after_a_day(database: Database, within: bool) -> None:
    step = Step(database)
    took, error = await step.until_it_gives_up(_bug(within) for _ in repeat(None))
    assert 24 * HOUR <= took <= 24 * HOUR + BELIEVED
    assert error.type == "Unforeseen"
    assert error.message.startswith("Bug at test_giving_up.py:")
    assert "Jane" not in error.message
    assert "Jane Roe has no street" in {row["words"] for row in await failures_of(database, "R-1")}


async def test_the_setting_is_the_time_of_every_partner_but_our_own_database(database: Database) -> None:
    took, _ = await Step(database, "carrier", timedelta(seconds=3)).until_it_gives_up(repeat(DOWN))
    assert timedelta(seconds=3) <= took <= timedelta(seconds=5)
    ours = Step(database, "records", timedelta(seconds=3))
    for number, gives_up in enumerate((False, False, True), 1):
        with pytest.raises(ApplicationError) as raised:
            await ours.attempt(number, DOWN)
        assert raised.value.non_retryable is gives_up
        ours.now += timedelta(days=3.5)
    took, _ = await Step(database, "records", timedelta(seconds=3)).until_it_gives_up(repeat(Bug()))
    assert took <= timedelta(seconds=5)


async def test_a_step_without_any_time_gives_up_at_once(database: Database) -> None:
    took, _ = await Step(database, give_up_after=timedelta()).until_it_gives_up(repeat(DOWN))
    assert took == timedelta()


async def test_a_database_that_cannot_keep_a_failure_does_not_hide_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    without_tables = Database(f"sqlite:///{tmp_path_factory.mktemp('none') / 'homeward.db'}")
    with pytest.raises(ApplicationError) as raised:
        await Step(without_tables).attempt(1, DOWN)
    assert (raised.value.message, raised.value.non_retryable) == ("the partner answers 503", False)
    assert raised.value.next_retry_delay == timedelta(seconds=1)


async def test_a_failure_names_what_lies_behind_it_and_quotes_nothing(database: Database) -> None:
    with pytest.raises(ApplicationError) as raised:
        await Step(database).attempt(1, _deep(40))
    chain_of = _chain(raised.value)
    assert 2 <= len(chain_of) <= 4
    assert all(len(link.message) <= 500 for link in chain_of)
    assert not any("Elm" in link.message or "Jane" in link.message for link in chain_of)
    assert chain_of[1].message.startswith("Bug at test_giving_up.py:")


def _raised(failure: Exception, behind: Exception | None = None) -> Exception:
    """An exception as whoever catches it sees it."""
    try:
        raise failure from behind
    except type(failure) as error:
        return error


def _bug(within: bool) -> Exception:
    """A fault of ours, in the work with a partner or outside it."""
    bug = _raised(Bug("Jane Roe has no street"))
    if not within:
        return bug
    with pytest.raises(ApplicationError) as raised, application_errors("carrier"):
        raise bug
    return raised.value


def _deep(depth: int) -> Exception:
    """A lost connection with many causes behind it, each of them long."""
    error: Exception | None = None
    for _ in range(depth):
        error = _raised(Bug("Jane Roe, 12 Elm Street " * 1000), error)
    return _raised(Unavailable("the connection was lost", "connection_lost"), error)


def _chain(error: BaseException) -> list[ApplicationError]:
    found: list[ApplicationError] = []
    link: BaseException | None = error
    while isinstance(link, ApplicationError):
        found.append(link)
        link = link.__cause__
    return found


async def test_an_attempt_without_an_answer_fails_before_temporal_ends_it(database: Database) -> None:
    class Silent(ActivityInboundInterceptor):
        def __init__(self) -> None:
            pass

        async def execute_activity(self, _: ExecuteActivityInput) -> Any:
            with application_errors("carrier"):
                await asyncio.sleep(60)

    environment = ActivityEnvironment()
    environment.info = replace(
        environment.info,
        task_queue="returns-carrier",
        attempt=1,
        start_to_close_timeout=timedelta(seconds=0.5),
    )
    silent = Backoff(database, None, BELIEVED).intercept_activity(Silent())
    input_ = ExecuteActivityInput(fn=lambda: None, args=[], executor=None, headers={})
    with pytest.raises(ApplicationError, match="no answer in time") as raised:
        await asyncio.wait_for(environment.run(silent.execute_activity, input_), 5)
    assert list(raised.value.details) == ["timeout"]
    assert not raised.value.non_retryable


async def test_what_never_gives_up_is_left_alone(database: Database) -> None:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, task_queue="returns-messages")

    def relay(fails: Exception) -> Callable[..., Any]:
        class Relay(ActivityInboundInterceptor):
            def __init__(self) -> None:
                pass

            async def execute_activity(self, _: ExecuteActivityInput) -> Any:
                raise fails

        return Backoff(database, timedelta(), BELIEVED).intercept_activity(Relay()).execute_activity

    input_ = ExecuteActivityInput(fn=lambda: None, args=[], executor=None, headers={})
    with pytest.raises(Bug):
        await environment.run(relay(Bug()), input_)
