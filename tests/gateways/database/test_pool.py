"""Many pieces of work at once share PostgreSQL's connections, which stay open for the next ones."""

import asyncio

from sqlalchemy import text

from gateways.database.engine import Database
from gateways.database.postgresql import DEFAULTS
from tests.gateways.database.test_dropped_connections import ONLY_POSTGRESQL

_MANY = DEFAULTS.connections
#: Long enough that all connections are in use together.
_BUSY = text("SELECT pg_backend_pid() FROM pg_sleep(0.05)")


async def _used_by_many(database: Database) -> set[int]:
    """The connections that four times as many pieces of work at once are done on, by the server's process."""
    work = (database.write(lambda connection: connection.execute(_BUSY).scalar_one()) for _ in range(4 * _MANY))
    return set(await asyncio.gather(*work))


@ONLY_POSTGRESQL
async def test_the_same_connections_serve_one_crowd_after_another(kind: str, database: Database) -> None:
    first = await _used_by_many(database)
    assert len(first) == _MANY
    assert await _used_by_many(database) == first


@ONLY_POSTGRESQL
async def test_whoever_finds_all_in_use_is_counted(kind: str, database: Database) -> None:
    assert database.pool
    assert (database.pool.in_use, database.pool.waits) == (0, 0)
    await _used_by_many(database)
    assert database.pool.in_use == 0
    assert 0 < database.pool.waits <= 3 * _MANY
