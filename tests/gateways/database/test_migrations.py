"""Migrations that are out in the world never change, and lead from every schema there was to today's."""

import re
from hashlib import sha256
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import ColumnClause, Connection, column, insert, inspect, select, table, text

from gateways.database import engine
from gateways.database.columns import Instant, Json, metadata
from gateways.database.engine import Database, _upgrade, rows_of
from gateways.database.tables.returns import codes
from tests.gateways.partner_requests import NOW

VERSIONS = Path(engine.__file__).parent / "migrations" / "versions"
EARLIER = Path(__file__).parent / "earlier_migrations"
#: Databases were made by these: they are never edited, a new one is added instead. At a release, its own are added.
RELEASED = {
    "v0001_first_schema.py": "6ac734a7ac37876fac2c9dd6471d74b5e2b28fe03291e71e72e12570b31c205d",
    "v0002_partners.py": "e855a648ba0e36b6cc57d7b35432981b658a99893e5b62b5ce8ce2496fb115e4",
    "v0003_front_doors.py": "ab88ab012e3c3b1f28460992a718c8ba202986fdd44d0e7dd46f4cc41bac605d",
    "v0003a_earlier_front_doors.py": "64e5e16a6bb0f7d7e01ac7be1e6a4c64fbe9864ab03ec5f6a290dbd5860a0d27",
}


def test_released_migrations_are_never_edited() -> None:
    found = {name: sha256((VERSIONS / name).read_bytes()).hexdigest() for name in RELEASED}
    assert found == RELEASED


def test_migrations_are_one_chain() -> None:
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    scripts = ScriptDirectory.from_config(config)
    chain = [script.revision for script in scripts.walk_revisions()]
    assert len(scripts.get_heads()) == 1
    assert len(chain) == len(list(VERSIONS.glob("v*.py")))
    assert chain[-4:] == ["0003a", "0003", "0002", "0001"]


def _edition(number: int) -> ModuleType:
    """One of the editions that 0003 had before, as it was committed then."""
    path = EARLIER / f"v0003_edition_{number}.py"
    spec = util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _typed(json: str, instant: str) -> list[ColumnClause[Any]]:
    """The columns whose values the two databases keep differently."""
    return [column(json, Json), column(instant, Instant)]


def _made_by(connection: Connection, number: int) -> None:
    """A database of that day, with a return's parcels and serial number in it."""
    _upgrade(connection, "0002")
    order = {"order": {"lines": [{"serial_numbers": ["sn-1"]}]}}
    returns = table(
        "returns", *map(column, ("return_id", "order_id", "customer_id", "status")), *_typed("request", "opened_at")
    )
    row = {"return_id": "R-1", "order_id": "SO-1", "customer_id": "C-1", "status": "requested", "request": order}
    connection.execute(insert(returns), row | {"opened_at": NOW})
    effects = table("effects", *map(column, ("key", "return_id", "step", "fingerprint")), *_typed("result", "at"))
    for step, result in (
        ("buy_return_label", {"tracking_code": "hw1", "label_url": "u"}),
        ("ship", {"tracking_code": "hw2"}),
    ):
        row = {"key": f"return-R-1/{step}", "return_id": "R-1", "step": step, "fingerprint": "f"}
        connection.execute(insert(effects), row | {"result": result, "at": NOW})
    context = MigrationContext.configure(connection, opts={"render_as_batch": True})
    with Operations.context(context):
        _edition(number).upgrade()
    connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_a_database_of_an_earlier_edition_of_0003_is_brought_on(empty_url: str, number: int) -> None:
    database = Database(empty_url)
    if database.sqlite:
        Path(str(database.url.database)).parent.mkdir(parents=True)
    try:
        await database.write(lambda connection: _made_by(connection, number))
        missing = await database.read(
            lambda connection: set(metadata.tables) - set(inspect(connection).get_table_names())
        )
        assert "subscribers" in missing
        await database.upgrade()
        await database.upgrade()
        assert await database.read(_differences) == []
        found = {(row["kind"], row["code"]) for row in await rows_of(database, select(codes))}
        assert found == {("parcel", "HW1"), ("sent", "HW2"), ("unit", "SN-1")}
    finally:
        await database.dispose()


def _differences(connection: Connection) -> object:
    def ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or not re.match("faq_words", name or "")

    return compare_metadata(MigrationContext.configure(connection, opts={"include_name": ours}), metadata)


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_the_search_index_is_there_after_an_earlier_edition(kind: str, empty_url: str) -> None:
    assert kind == "sqlite"
    database = Database(empty_url)
    Path(str(database.url.database)).parent.mkdir(parents=True)
    try:
        await database.write(lambda connection: _made_by(connection, 1))
        await database.upgrade()
        assert await database.read(lambda connection: connection.execute(text("SELECT * FROM faq_words")).all()) == []
    finally:
        await database.dispose()
