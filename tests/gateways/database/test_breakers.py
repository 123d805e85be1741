"""When a partner counts as failing for everybody, and when no more."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import Connection
from temporalio.client import Client

from gateways.database import breakers, failing_steps
from gateways.database.breakers import OPENS_AT, PROBED_EVERY, Breaker
from gateways.database.engine import Database
from gateways.database.failing_steps import StepFailure, Wait
from starter.health.fleet_questions import Fleet, _breakers
from workers.settings import Settings

NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Outage:
    """Steps that fail, and work, each a second after the one before."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, NOW

    async def fails(self, number: int, code: str = "503", partner: str = "carrier") -> timedelta | None:
        """A step fails; how long it is held at least."""
        self.now += SECOND
        now, key = self.now, f"return-R-{number}/label"
        failure = StepFailure(key, f"R-{number}", partner, "label", code)
        held = await self.database.write(lambda connection: breakers.hold(connection, failure, now))
        wait = Wait(1, now, now + (held or SECOND))
        await self.database.write(lambda connection: failing_steps.keep_waiting(connection, failure, wait, now))
        return held

    async def works(self, number: int, partner: str = "carrier") -> None:
        """A step works, whether or not it had waited."""
        self.now += SECOND
        now, key = self.now, f"return-R-{number}/label"

        def end(connection: Connection) -> None:
            breakers.works(connection, partner, failing_steps.end_waiting(connection, key), now)

        await self.database.write(end)

    async def breakers(self) -> list[tuple[str, str, bool]]:
        """Partner and code of each, and whether it is open."""
        found = await breakers.breakers_of(self.database)
        return [(one.partner, one.code, one.closed_at is None) for one in found]

    async def only(self) -> Breaker:
        [found] = await breakers.breakers_of(self.database)
        return found


@pytest.fixture
def outage(database: Database) -> Outage:
    return Outage(database)


async def test_the_fifth_step_that_fails_in_the_same_way_opens_one(outage: Outage) -> None:
    for number in range(OPENS_AT - 1):
        assert await outage.fails(number) is None
    # Again, one of the same.
    assert await outage.fails(0) is None
    assert await outage.breakers() == []
    assert await outage.fails(OPENS_AT) == OPENS_AT * PROBED_EVERY * 3
    assert await outage.breakers() == [("carrier", "503", True)]
    # Each step that joins has more before it.
    assert await outage.fails(OPENS_AT + 1) == (OPENS_AT + 1) * PROBED_EVERY * 3


async def test_other_codes_and_other_partners_count_for_themselves(outage: Outage) -> None:
    for number in range(OPENS_AT - 1):
        await outage.fails(number)
    assert await outage.fails(10, code="timeout") is None
    assert await outage.fails(11, partner="payment") is None
    assert await outage.breakers() == []


async def test_while_something_works_a_partner_does_not_fail_for_everybody(outage: Outage) -> None:
    for number in range(OPENS_AT - 1):
        await outage.fails(number)
    await outage.works(20)
    assert await outage.fails(21) is None
    # Those that have failed again since count.
    for number in range(OPENS_AT - 2):
        assert await outage.fails(number) is None
    assert await outage.fails(OPENS_AT - 2) is not None


async def test_a_step_that_had_waited_so_closes_it_and_no_other_does(outage: Outage) -> None:
    for number in range(OPENS_AT):
        await outage.fails(number)
    await outage.fails(10, code="timeout")
    await outage.works(20)
    await outage.works(10)
    assert await outage.breakers() == [("carrier", "503", True)]
    await outage.works(0)
    assert await outage.breakers() == [("carrier", "503", False)]
    # It is well: the next failure is one of few.
    assert await outage.fails(0) is None
    assert await outage.breakers() == [("carrier", "503", False)]


async def test_one_that_closed_opens_again(outage: Outage) -> None:
    for number in range(OPENS_AT):
        await outage.fails(number)
    await outage.works(0)
    for number in range(OPENS_AT - 1):
        assert await outage.fails(number) is None
    assert await outage.fails(OPENS_AT - 1) is not None
    found = await outage.only()
    assert (found.closed_at, found.opened_at) == (None, outage.now)


async def test_what_was_read_before_it_changed_changes_nothing(outage: Outage) -> None:
    for number in range(OPENS_AT):
        await outage.fails(number)
    before = await outage.only()
    await outage.works(0)
    await breakers.drop(outage.database, before)
    closed = await outage.only()
    [first] = await failing_steps.longest_untried(outage.database, "carrier", "503", 1)
    await breakers.keep_probe(outage.database, before, first, outage.now)
    assert await outage.only() == closed
    assert first.step == "label"
    await breakers.drop(outage.database, closed)
    assert await outage.breakers() == []


async def test_many_that_wait_are_held_for_an_hour_at_most(outage: Outage) -> None:
    for number in range(300):
        held = await outage.fails(number)
    assert held == timedelta(hours=1)


async def test_a_metric_tells_which_are_open_and_grows_with_no_partners_words(outage: Outage) -> None:
    for number in range(OPENS_AT):
        await outage.fails(number)
        await outage.fails(10 + number, code="Strange:Words.of-theirs", partner="payment")
    fleet = Fleet(cast(Client, None), outage.database, Settings())
    open_both = {("carrier", "503"): 1, ("payment", "other"): 1}
    assert await _breakers(fleet) == {"homeward_breaker_open": open_both}
    await outage.works(0)
    assert await _breakers(fleet) == {"homeward_breaker_open": open_both | {("carrier", "503"): 0}}
