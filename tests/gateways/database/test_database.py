"""The schema comes up by itself, even twice at once, and is what the tables say."""

import asyncio
import sqlite3
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from gateways.database.columns import metadata
from gateways.database.engine import Database, _upgrade, rows_of
from gateways.database.postgresql import Postgresql
from gateways.database.statements import insert_if_new
from gateways.database.stock import inventory
from gateways.database.tables.steps import effects
from gateways.errors import Unavailable
from gateways.sandbox.payment import SandboxPayments
from gateways.sandbox.tables import sandbox_faults, sandbox_shipments
from tests.gateways.partner_requests import NOW, hold_order, refund_order
from tests.gateways.postgresql import KINDS

_UPGRADE = """
import asyncio, sys
from gateways.database.engine import Database
async def main():
    database = Database(sys.argv[1])
    await database.upgrade()
    await database.dispose()
asyncio.run(main())
"""


async def test_two_processes_upgrade_at_once(empty_url: str, pytestconfig: pytest.Config) -> None:
    # The folder is there before both: what is raced for is the schema.
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _UPGRADE, empty_url, cwd=pytestconfig.rootpath, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    outcomes = await asyncio.gather(*(process.communicate() for process in processes))
    assert [process.returncode for process in processes] == [0, 0], outcomes
    database = Database(empty_url)
    try:
        await database.upgrade()
        assert await database.read(lambda connection: connection.execute(select(effects)).all()) == []
    finally:
        await database.dispose()


async def test_the_migrations_lead_to_the_tables(database: Database) -> None:
    def differences(connection: Connection) -> object:
        return compare_metadata(_context(connection), metadata)

    assert await database.read(differences) == []


def _context(connection: Connection) -> MigrationContext:
    """Without the tables in which SQLite keeps its full-text index: they are its own business."""

    def ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or not (name or "").startswith("faq_words")

    return MigrationContext.configure(connection, opts={"include_name": ours})


async def test_a_database_of_the_first_schema_is_brought_on_with_its_rows(empty_url: str) -> None:
    database = Database(empty_url)
    if database.sqlite:
        Path(str(database.url.database)).parent.mkdir(parents=True)
    rows = {
        "movements": "INSERT INTO movements (key, at, kind, sku, location, grade, quantity)"
        " VALUES ('k1', '2026-11-24 15:00:00', 'add', 'SHOE', 'main', 'A', 2)",
        "stock": "INSERT INTO stock VALUES ('SHOE', 'main', 'A', 2, 0)",
        "sandbox_charges": "INSERT INTO sandbox_charges VALUES ('pi_1', 'USD', 13090, 4033)",
        "sandbox_refunds": "INSERT INTO sandbox_refunds VALUES ('re_1', 'k1', 'pi_1', 'f', 4033, 'succeeded', NULL)",
        "sandbox_shipments": "INSERT INTO sandbox_shipments VALUES ('shp_1', 'k1', 'R-1', 'HW1', '{}', 'bought')",
    }

    def old(connection: Connection) -> None:
        _upgrade(connection, "0001")
        for statement in rows.values():
            connection.execute(text(statement))

    try:
        await database.write(old)
        await database.upgrade()
        for table in rows:
            found = await rows_of(database, select(func.count().label("rows")).select_from(metadata.tables[table]))
            assert found == [{"rows": 1}], table
        assert await inventory.check(database) == []
        assert (await rows_of(database, select(sandbox_shipments.c.kind)))[0]["kind"] == "label"
        differences = await database.read(lambda connection: compare_metadata(_context(connection), metadata))
        assert differences == []
    finally:
        await database.dispose()


@pytest.mark.parametrize("length", [201, 300])
async def test_the_longest_names_of_tenders_and_keys_fit(database: Database, length: int) -> None:
    payments = SandboxPayments(database)
    order = replace(refund_order("t" * length), amount=1)
    assert (await payments.refund(order, "k" * 300)).status == "succeeded"
    assert (await payments.hold(hold_order("t" * length), "k" * 300)).state == "held"


async def test_instants_come_back_in_utc_and_naive_ones_are_refused(database: Database) -> None:
    def put(connection: Connection, key: str, at: datetime) -> None:
        row = {"key": key, "return_id": "R-1", "step": key, "fingerprint": "f", "at": at}
        connection.execute(insert_if_new(effects, connection.dialect.name), row)

    east = NOW.astimezone(timezone(timedelta(hours=9)))
    await database.write(lambda connection: put(connection, "k1", east))
    stored = await database.read(lambda connection: connection.execute(select(effects.c.at)).scalar_one())
    assert (stored, stored.utcoffset()) == (NOW, timedelta(0))
    with pytest.raises(StatementError):
        await database.write(lambda connection: put(connection, "k2", datetime(2026, 11, 24)))


async def test_a_database_out_of_reach_may_be_tried_again() -> None:
    database = Database("postgresql://postgres@127.0.0.1:1/homeward")
    try:
        with pytest.raises(Unavailable):
            await database.read(lambda connection: connection.execute(select(effects)).all())
    finally:
        await database.dispose()


@pytest.mark.parametrize("kind", KINDS[1:])
async def test_connections_that_are_all_in_use_may_be_free_later(kind: str, database: Database) -> None:
    runner = database._runner
    assert isinstance(runner, Postgresql)
    runner._engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    sleep = text("SELECT pg_sleep(0.5)")
    outcomes = await asyncio.gather(
        *(database.read(lambda connection: connection.execute(sleep).all()) for _ in range(35)),
        return_exceptions=True,
    )
    assert {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)} == {Unavailable}


@pytest.mark.parametrize("kind", KINDS[1:])
async def test_a_connection_that_is_cut_may_be_tried_again(kind: str, database: Database) -> None:
    cut = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(Unavailable):
        await database.write(lambda connection: connection.execute(cut))
    assert await database.read(lambda connection: connection.execute(select(1)).scalar_one()) == 1


async def test_a_reader_waits_for_another_process_that_opens_the_file(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    await database.upgrade()
    await database.dispose()
    holder = sqlite3.connect(tmp_path / "homeward.db")
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("INSERT INTO sandbox_faults VALUES ('k', 1)")
    reader = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    reading = asyncio.create_task(reader.read(lambda connection: connection.execute(select(sandbox_faults)).all()))
    await asyncio.sleep(0.3)
    assert not reading.done()
    holder.commit()
    holder.close()
    assert len(await reading) == 1
    await reader.dispose()


async def test_a_mistake_is_no_bad_moment(database: Database) -> None:
    with pytest.raises(DBAPIError):
        await database.read(lambda connection: connection.execute(text("SELECT * FROM nothing_like_it")).all())
