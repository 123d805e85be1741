"""Work is one transaction: it waits for its turn, and leaves nothing behind when it fails."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from gateways.database.engine import Database
from gateways.errors import Unavailable
from gateways.sandbox.tables import sandbox_faults
from tests.gateways.postgresql import KINDS

ONLY_SQLITE = pytest.mark.parametrize("kind", KINDS[:1])


def _put(connection: Connection, key: str) -> None:
    connection.execute(insert(sandbox_faults), {"key": key, "times": 1})


async def _keys(database: Database) -> list[str]:
    statement = select(sandbox_faults.c.key).order_by(sandbox_faults.c.key)
    return list(await database.read(lambda connection: connection.execute(statement).scalars().all()))


@ONLY_SQLITE
async def test_a_write_waits_for_another_process_and_stops_nothing_else(kind: str, database: Database) -> None:
    holder = sqlite3.connect(str(database.url.database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    holder.execute("INSERT INTO sandbox_faults VALUES ('holder', 1)")
    writes = [asyncio.create_task(database.write(lambda c, key=key: _put(c, key))) for key in ("a", "b")]  # type: ignore[misc]
    await asyncio.sleep(0.2)
    assert await _keys(database) == []
    assert not any(write.done() for write in writes)
    holder.execute("COMMIT")
    holder.close()
    await asyncio.gather(*writes)
    assert await _keys(database) == ["a", "b", "holder"]


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError])
async def test_work_that_raises_is_undone_and_the_next_goes_on(database: Database, error: type[BaseException]) -> None:
    def put_and_fail(connection: Connection) -> None:
        _put(connection, "lost")
        raise error

    with pytest.raises(error):
        await database.write(put_and_fail)
    await database.write(lambda connection: _put(connection, "kept"))
    assert await _keys(database) == ["kept"]


@ONLY_SQLITE
async def test_a_full_disk_may_have_room_later(kind: str, database: Database) -> None:
    def fill(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # SQLite takes the present size instead
        for number in range(2000):
            _put(connection, f"{number:0400}")

    with pytest.raises(Unavailable):
        await database.write(fill)
    await database.write(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count=1000000"))
    await database.write(lambda connection: _put(connection, "kept"))
    assert await _keys(database) == ["kept"]


async def test_a_file_that_cannot_be_opened_may_be_there_later(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'missing' / 'homeward.db'}")
    try:
        with pytest.raises(Unavailable):
            await database.write(lambda connection: _put(connection, "k"))
    finally:
        await database.dispose()
