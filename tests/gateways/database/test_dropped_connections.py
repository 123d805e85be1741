"""A PostgreSQL connection that the server has dropped is noticed at its next use, and costs no caller an error."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import Connection, PoolProxiedConnection, func, insert, select, text
from sqlalchemy.util import await_only

from gateways.database.engine import Database
from gateways.database.postgresql import Postgresql
from gateways.errors import Unavailable
from gateways.sandbox.tables import sandbox_faults
from tests.gateways.postgresql import KINDS

ONLY_POSTGRESQL = pytest.mark.parametrize("kind", KINDS[1:])
_DROP_OTHERS = text(
    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_CUT = text("SELECT pg_terminate_backend(pg_backend_pid())")


def _put(connection: Connection) -> None:
    connection.execute(insert(sandbox_faults), {"key": "k", "times": 1})


async def _count(database: Database) -> int:
    statement = select(func.count()).select_from(sandbox_faults)
    return int(await database.read(lambda connection: connection.execute(statement).scalar_one()))


async def _write(database: Database) -> None:
    await database.write(_put)


async def _several_connections(database: Database) -> None:
    sleep = text("SELECT pg_sleep(0.1)")
    await asyncio.gather(*(database.read(lambda connection: connection.execute(sleep).all()) for _ in range(5)))


async def _drop_all_of_others(database: Database) -> int:
    return int(await database.read(lambda connection: connection.execute(_DROP_OTHERS).scalar_one()))


@ONLY_POSTGRESQL
@pytest.mark.parametrize("noticed", [False, True])
@pytest.mark.parametrize("use", [_write, _count])
async def test_dropped_connections_cost_no_caller_an_error(
    kind: str, database: Database, other: Database, use: Callable[[Database], Awaitable[object]], *, noticed: bool
) -> None:
    await _several_connections(database)
    assert await _drop_all_of_others(other) == 5
    if noticed:
        await asyncio.sleep(0.1)  # until the driver has read that they are closed
    await asyncio.gather(use(database), *(_count(database) for _ in range(20)))
    assert await _count(database) == (use is _write)


@ONLY_POSTGRESQL
async def test_work_of_which_something_was_answered_is_not_repeated(kind: str, database: Database) -> None:
    calls = []

    def work(connection: Connection) -> None:
        calls.append(1)
        _put(connection)
        connection.execute(_CUT)

    with pytest.raises(Unavailable):
        await database.write(work)
    assert (len(calls), await _count(database)) == (1, 0)


@ONLY_POSTGRESQL
async def test_work_whose_commit_was_not_answered_is_not_repeated(
    kind: str, database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def work(connection: Connection) -> None:
        calls.append(1)
        _put(connection)

    def drop_and_commit(connection: PoolProxiedConnection) -> None:
        await_only(_drop_all_of_others(other))
        commit(connection)

    assert isinstance(database._runner, Postgresql)
    dialect = database._runner._engine.dialect
    commit = dialect.do_commit
    monkeypatch.setattr(dialect, "do_commit", drop_and_commit)
    with pytest.raises(Unavailable):
        await database.write(work)
    assert (len(calls), await _count(database)) == (1, 0)
