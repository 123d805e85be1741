"""Relays at rest: what has not changed is not looked at, what somebody writes is seen soon."""

import asyncio
import time
from pathlib import Path

from sqlalchemy import Connection, text
from temporalio.testing import ActivityEnvironment

from activities.relays.polling import poll
from gateways.database.engine import Database


def _write(connection: Connection) -> None:
    connection.execute(text("INSERT INTO notes VALUES ('here')"))


async def _with_notes(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    await database.write(lambda connection: connection.execute(text("CREATE TABLE notes (text TEXT)")))
    return database


async def test_a_write_of_another_connection_is_a_change(tmp_path: Path) -> None:
    database = await _with_notes(tmp_path / "books.db")
    elsewhere = Database(f"sqlite:///{tmp_path / 'books.db'}")
    first = database.changes.number()
    assert first is not None
    assert database.changes.number() == first
    await database.write(_write)
    second = database.changes.number()
    await elsewhere.write(_write)
    assert len({first, second, database.changes.number()}) == 3
    await database.read(lambda connection: connection.execute(text("SELECT * FROM notes")).all())
    assert database.changes.number() == database.changes.number()
    await database.dispose()
    await elsewhere.dispose()


async def test_nobody_can_tell_of_a_database_without_a_file(tmp_path: Path) -> None:
    assert Database("sqlite:///:memory:").changes.number() is None
    assert Database(f"sqlite:///{tmp_path / 'none' / 'none.db'}").changes.number() is None


async def test_a_relay_looks_seldom_where_nothing_changes_and_soon_where_something_does(tmp_path: Path) -> None:
    database = await _with_notes(tmp_path / "books.db")
    looks, looked = [], asyncio.Event()

    async def look() -> int:
        looks.append(time.monotonic())
        looked.set()
        return 0

    environment, began = ActivityEnvironment(), time.monotonic()
    relay = asyncio.create_task(environment.run(poll, look, database.changes))
    await asyncio.sleep(1.4)
    assert 1 <= len(looks) <= 1 + (time.monotonic() - began), "it looked though nothing had changed"
    looked.clear()
    await database.write(_write)
    await asyncio.wait_for(looked.wait(), 10)
    environment.worker_shutdown()
    await relay
    await database.dispose()
