"""A PostgreSQL that hangs: its connections stand, and nothing is answered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from gateways.database.engine import Database
from gateways.database.postgresql import PostgresqlSettings
from gateways.errors import Unavailable
from tests.gateways import postgresql
from tests.gateways.database.test_dropped_connections import ONLY_POSTGRESQL

_PATIENCE = timedelta(seconds=0.4)
_PATIENT = timedelta(minutes=1)
#: Far longer than patience, and than what the driver waits by itself for a connection that it closes (2 s).
_FAR_LONGER = 20
_PING = text("SELECT 1")


@pytest.fixture(scope="module")
def server() -> Iterator[postgresql.Server]:
    with postgresql.running() as server:
        yield server


@pytest.fixture
async def hasty(server: postgresql.Server) -> AsyncIterator[Database]:
    made = Database(f"{server.address}/postgres", _PATIENCE, PostgresqlSettings(connections=3, overflow=1))
    yield made
    await made.dispose()


def _ping(connection: Connection) -> Any:
    return connection.execute(_PING).scalar_one()


async def _several(database: Database, times: int) -> list[Any]:
    return await asyncio.gather(*(database.read(_ping) for _ in range(times)), return_exceptions=True)


async def _is_unavailable(work: Awaitable[object]) -> None:
    async with asyncio.timeout(_FAR_LONGER):
        with pytest.raises(Unavailable):
            await work


@ONLY_POSTGRESQL
async def test_every_kind_of_work_ends_in_time(kind: str, server: postgresql.Server, hasty: Database) -> None:
    assert await _several(hasty, 3) == [1, 1, 1]
    with server.frozen():
        for run in (hasty.read, hasty.write, hasty.read_with_locks, hasty.read):
            await _is_unavailable(run(_ping))  # three on connections that stand, the last on a new one
    assert await hasty.read(_ping) == 1


@ONLY_POSTGRESQL
async def test_a_crowd_ends_in_time_too(kind: str, server: postgresql.Server, hasty: Database) -> None:
    assert await _several(hasty, 3) == [1, 1, 1]
    with server.frozen():
        async with asyncio.timeout(_FAR_LONGER):
            found = await _several(hasty, 12)
    assert {type(each) for each in found} == {Unavailable}
    assert await _several(hasty, 12) == [1] * 12


@ONLY_POSTGRESQL
async def test_those_that_waited_for_a_first_use_that_gave_up_may_try_again_too(
    kind: str, server: postgresql.Server
) -> None:
    for milliseconds in range(4, 60, 4):
        hastier = Database(f"{server.address}/postgres", timedelta(milliseconds=milliseconds))
        assert {type(each) for each in await _several(hastier, 6)} <= {int, Unavailable}
        await hastier.dispose()


@ONLY_POSTGRESQL
async def test_a_commit_that_is_not_answered_ends_in_time(
    kind: str, server: postgresql.Server, hasty: Database
) -> None:
    frozen = server.frozen()

    def work(connection: Connection) -> None:
        _ping(connection)
        frozen.__enter__()

    await _is_unavailable(hasty.write(work))
    frozen.__exit__(None, None, None)
    assert await hasty.read(_ping) == 1


@ONLY_POSTGRESQL
async def test_the_server_ends_a_statement_that_nobody_waits_for(kind: str, hasty: Database) -> None:
    await _is_unavailable(hasty.read(lambda connection: connection.execute(text("SELECT pg_sleep(60)")).all()))
    busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
    for _ in range(_FAR_LONGER * 20):
        if not await hasty.read(lambda connection: connection.execute(text(busy)).scalar_one()):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(busy)


@ONLY_POSTGRESQL
async def test_many_short_statements_may_take_longer_together(kind: str, hasty: Database) -> None:
    nap = text(f"SELECT pg_sleep({_PATIENCE.total_seconds() / 4})")

    def work(connection: Connection) -> int:
        return len([connection.execute(nap) for _ in range(8)])

    assert await hasty.write(work) == 8


@ONLY_POSTGRESQL
async def test_settings_say_what_the_server_calls_us_and_how_long_it_works(
    kind: str, server: postgresql.Server
) -> None:
    how = PostgresqlSettings(name="homeward till", answer_within=timedelta(seconds=7))
    database = Database(f"{server.address}/postgres", _PATIENT, how)
    told = text("SELECT current_setting('application_name'), current_setting('statement_timeout')")
    try:
        assert await database.read(lambda connection: tuple(connection.execute(told).one())) == ("homeward till", "7s")
    finally:
        await database.dispose()
