"""Units are claimed by one return at a time; what is kept of a return comes back as it was."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from gateways.database.engine import Database
from gateways.database.returns import records
from lifecycle.contract.statuses import Status
from lifecycle.returns.eligibility import ClaimedUnit, Facts
from tests.gateways.partner_requests import NOW
from tests.gateways.postgresql import KINDS
from tests.lifecycle.orders import body, request


def _claim(connection: Connection, return_id: str, units: dict[str, bool]) -> None:
    records.claim_units(connection, "SO-1", return_id, units)


async def _facts(database: Database, return_id: str, customer_id: str = "C-1") -> Facts:
    return await database.read(
        lambda connection: records.facts(
            connection,
            order_id="SO-1",
            customer_id=customer_id,
            return_id=return_id,
            since=NOW - timedelta(days=90),
        )
    )


async def test_of_returns_that_want_the_same_units_one_gets_them_all(database: Database, other: Database) -> None:
    async def open_one(number: int) -> None:
        wanted = {"1-1": False, "1-2": True} if number % 2 else {"1-2": True, "1-1": False}
        where = database if number % 2 else other
        await where.write(lambda connection: _claim(connection, f"R-{number}", wanted))

    outcomes = await asyncio.gather(*(open_one(number) for number in range(6)), return_exceptions=True)
    won = [number for number, outcome in enumerate(outcomes) if outcome is None]
    assert len(won) == 1
    facts = await _facts(database, "R-none")
    assert facts.claimed == {
        "1-1": ClaimedUnit(f"R-{won[0]}", sellers_fault=False),
        "1-2": ClaimedUnit(f"R-{won[0]}", sellers_fault=True),
    }


async def test_a_taken_unit_is_refused_and_nothing_is_half_claimed(database: Database) -> None:
    await database.write(lambda connection: _claim(connection, "R-1", {"1-1": False}))
    with pytest.raises(records.UnitsTaken, match="1-1"):
        await database.write(lambda connection: _claim(connection, "R-2", {"1-1": False, "1-2": False}))
    assert set((await _facts(database, "R-none")).claimed) == {"1-1"}


async def test_own_claims_stay_and_a_release_frees_them(database: Database) -> None:
    await database.write(lambda connection: _claim(connection, "R-1", {"1-1": False}))
    await database.write(lambda connection: _claim(connection, "R-1", {"1-1": False, "1-2": True, "shipping": False}))
    facts = await _facts(database, "R-2")
    assert (set(facts.claimed), facts.shipping_claimed) == ({"1-1", "1-2"}, True)
    mine = await _facts(database, "R-1")
    assert (mine.claimed, mine.shipping_claimed) == ({}, False)
    await database.write(lambda connection: records.release_claims(connection, "R-1"))
    assert (await _facts(database, "R-2")).claimed == {}


async def test_a_return_is_kept_as_it_was_asked_for(database: Database) -> None:
    assert await records.get_return(database, "R-1") is None
    asked = request(**body())
    await database.write(lambda connection: records.insert_return(connection, "R-1", asked, {}, Status.REQUESTED, NOW))
    stored = await records.get_return(database, "R-1")
    assert stored is not None
    assert (stored.order_id, stored.status, stored.opened_at) == ("SO-1", "requested", NOW)
    assert (stored.view, stored.closed_at) == (None, None)
    assert await database.read(lambda connection: records.request_in(connection, "R-1")) == asked


async def test_a_customers_other_returns_are_counted_within_the_time(database: Database) -> None:
    asked = request(**body())
    for number, days in enumerate([0, 89, 91]):
        at, return_id = NOW - timedelta(days=days), f"R-{number}"
        await database.write(
            lambda connection, return_id=return_id, at=at: records.insert_return(  # type: ignore[misc]
                connection, return_id, asked, {}, Status.REQUESTED, at
            )
        )
    assert (await _facts(database, "R-9")).customer_returns == 2
    assert (await _facts(database, "R-0")).customer_returns == 1
    assert (await _facts(database, "R-9", customer_id="C-2")).customer_returns == 0


async def test_a_return_that_is_changed_is_not_judged_by_those_begun_after_it(database: Database) -> None:
    asked = request(**body())
    for number in range(3):
        at, return_id = NOW - timedelta(days=3 - number), f"R-{number}"
        await database.write(
            lambda connection, return_id=return_id, at=at: records.insert_return(  # type: ignore[misc]
                connection, return_id, asked, {}, Status.REQUESTED, at
            )
        )
    assert [(await _facts(database, f"R-{number}")).customer_returns for number in range(4)] == [0, 1, 2, 3]


async def test_returns_of_one_order_are_decided_one_after_the_other(database: Database, other: Database) -> None:
    seen = {}

    def decide(connection: Connection, return_id: str, unit_id: str) -> None:
        facts = records.facts(
            connection, order_id="SO-1", customer_id="C-1", return_id=return_id, since=NOW - timedelta(days=90)
        )
        seen[return_id] = set(facts.claimed)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_sleep(0.3)"))
        _claim(connection, return_id, {unit_id: False})

    await asyncio.gather(
        database.write(lambda connection: decide(connection, "R-1", "1-1")),
        other.write(lambda connection: decide(connection, "R-2", "1-2")),
    )
    assert seen in ({"R-1": set(), "R-2": {"1-1"}}, {"R-1": {"1-2"}, "R-2": set()})


@pytest.mark.parametrize("kind", KINDS[1:])
async def test_a_read_keeps_its_locks_only_where_it_says_so(kind: str, database: Database) -> None:
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")

    def work(connection: Connection) -> int:
        records.alone(connection, "SO-1")
        return int(connection.execute(held).scalar_one())

    assert await database.read_with_locks(work) == 1
    assert await database.read(work) == 0
