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
from gateways.database.tables.search import listings as listed
from tests.gateways.partner_requests import NOW

VERSIONS = Path(engine.__file__).parent / "migrations" / "versions"
EARLIER = Path(__file__).parent / "earlier_migrations"
#: Databases were made by these: they are never edited, a new one is added instead, and here with it.
KEPT = {
    "v0001_first_schema.py": "6ac734a7ac37876fac2c9dd6471d74b5e2b28fe03291e71e72e12570b31c205d",
    "v0002_partners.py": "e855a648ba0e36b6cc57d7b35432981b658a99893e5b62b5ce8ce2496fb115e4",
    "v0003_front_doors.py": "ab88ab012e3c3b1f28460992a718c8ba202986fdd44d0e7dd46f4cc41bac605d",
    "v0003a_earlier_front_doors.py": "64e5e16a6bb0f7d7e01ac7be1e6a4c64fbe9864ab03ec5f6a290dbd5860a0d27",
    "v0004_begun_effects.py": "05be6bac4b198717962fb2ed96f32890f4374a231c4725c6bf7231b12782aaeb",
    "v0005_order_money.py": "e95dd4fda3ceb5210af05c6fcdf3eb62a27888678add4ed3505da08c4dec1c30",
    "v0005a_units_back.py": "91374de7197b02097dafe2f4894a7eb89fa41e50ea0f038c06bebb5d9f1d1b8a",
    "v0006_orphans.py": "5c4617cdacbe8bb211cac74beb0293e9c96850266af7d2eece593c28b9482814",
    "v0007_failing_steps.py": "06946b81c9572e532192dbb02a75d89aa0a1b06fc04a2c8e0b49b1c5042a6dce",
    "v0007a_digests.py": "be500046ae70b8ad741308698c4cd59e3f05a0b0e2e4f1836617206f19415168",
    "v0008_pieces.py": "58386ef0fcc9923ab8b6afeb66c766870e51cbd20945092a98550c6749f4b278",
    "v0009_order_names.py": "4eab6e3ef1d7e5fe6663c5ca139e6c88c07228afc50c9ef48d5ae183f15b79dc",
    "v0013_payment_references.py": "425acbcb489a1c84c61351fbf5faf6f2e76b486d15408612280831cd321840c6",
    "v0014_sessions.py": "619077741e93e81bd0e2f407cd6f0984537813caff58dc7aab1812afbce780de",
    "v0015_rates.py": "4e677862a32336840ac503da3f9a6aa0cfa4583a77a0e02bbdbbf5756809e741",
    "v0016_link_requests.py": "11ff56a1c7a09e134a36f5571d23d87b59c5bf1818cbc275e1f9da29d5ed5bad",
    "v0017_what_grows.py": "84d6aa9b8d54bcb1bfef40e4ea00e8faaefbd82c9cc665ff8a287156904059d4",
    "v0018_effect_partners.py": "b7d49e8bbefca672835a3d5ee273f86d40d12d14b348bac7951d2c27fd4aa017",
    "v0019_retry_changes.py": "75d0e4dfa160a11b7b9f4d8513298817b10091b7899a63d3fdcef9aaeb92105e",
    "v0020_api_keys.py": "47bcf653cf3a487d9fb42d63bdd1d2c0ca190dc3953cb7561a4d4ce9f8583d8c",
    "v0021_breakers.py": "f12b69177895883504bd678b69de3e2fc23fdffaf14f18a844c63482d7e31574",
    "v0022_data_keys.py": "a05cb7c875083a298864cebeec03a50b05a6f77c935b4c0b580e3df8c4980292",
    "v0023_findings.py": "4b799797cec2db95d97d52b9cb151d8b64ca3e1cdde9c6f5938c40e859db5900",
    "v0024_limit_plans.py": "ea3c077519c774adceeccc405d4af45df22eac8324c79bc9beb4eb6d709e4905",
    "v0025_forgotten.py": "57bce6a2ceab41e979d21151e96c8a86134466b7b4c02451f9f3f33c73bf3e7a",
    "v0026_listings.py": "9ef3a9929838915b88d03ccbbc847d9bcbc37afa9812c36a62d66f16fcfce268",
    "v0027_acknowledged.py": "3dabda27363f99ed08f99424a4dab73b5c620f0dde39902c06cab6557ee51955",
    "v0028_mail_data.py": "bdda9d43aa40c6a5af758c335190b08d2eb1e8298c94e33cb7b0706901f36302",
    "v0029_staff.py": "baa2cdd1aed9b73de35bd6c22456ab32e0c67ca70449aaea888f5e8330680e7c",
    "v0030_inbox_parcels.py": "73624ca663e347afab6b55d3ab3bac4a7fab5052cd5fca0524c7fd9e3c9f5cf9",
    "v0031_retired_keys.py": "a701889583fc6366d41573b15266f8f86c864c6f7e23101bf0b69194e898a8b5",
    "v0032_schema_compatibility.py": "82505f233e05bd2a7d8edddbd6ae97c2bd18a9a6455f56c90c01e1217087aafe",
    "v0033_subscriptions.py": "a39f30482da8bb719fd8e2d5ce67e55c50c759b5cb52e760ffbfec0a5db5f0c8",
    "v0034_who_did_it.py": "062fc83b10b343c036583a098f36515ecc57a5d80a58ff5ef1e7c200658b1061",
    "v0035_updated_at.py": "2df47e151b5c697eb93690ecd780c2cb22a9bcf05b2926125361a3ffc6da9dbd",
    "v0036_staff_acts.py": "c14a3e6038bd201c3c42c2c01f6de1f0a30c843d138ae842edda69ef6a5dfb62",
    "v0037_figures.py": "cfe0dcc50ce7ab0b49f293fe0a94181e4c0372294012bc55cdbb9d7eabbe164a",
    "v0038_desk.py": "89ee41f0a2771f25971167a59ec8f3685ce6361252cfa489bbce0611a61e5979",
    "v0039_event_counters.py": "fdaf10e3310db9b143e682f92efa07075bdc7e1e3b1de45bf7abe0f55227522f",
}
#: What earlier code may need, and would not find any more.
TAKES_AWAY = re.compile(r"\bdrop_(?:table|column)\b|\brename_table\b|\bnew_column_name\b")


def test_migrations_are_never_edited() -> None:
    found = {name: sha256((VERSIONS / name).read_bytes()).hexdigest() for name in KEPT}
    assert found == KEPT


def test_a_migration_that_takes_away_says_since_when_code_works_with_what_is_left() -> None:
    later = [path for path in VERSIONS.glob("v*.py") if path.name >= "v0032"]
    silent = [path.name for path in later if TAKES_AWAY.search(path.read_text())
              and "works_since" not in path.read_text()]  # fmt: skip
    assert silent == []


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


def _of_large_amounts(connection: Connection) -> None:
    """A database of the schema before 0035, a return that gave more than 32 bits hold, and one without."""
    _upgrade(connection, "0034")
    names = ["return_id", "order_id", "customer_id", "status"]
    returns = table("returns", *map(column, names), column("view", Json), *_typed("request", "opened_at"))
    names = ["return_id", "order_id", "status", "resolution", "method", "country", "reasons", "value", "currency"]
    listings = table("listings", *map(column, names), column("opened_at", Instant))
    for return_id, view in (("R-1", {"settlement": {"amount": 2_500_000_000}}), ("R-2", None)):
        row = {"return_id": return_id, "order_id": "SO-1", "status": "refunded", "opened_at": NOW}
        connection.execute(insert(returns), row | {"customer_id": "C-1", "request": {}, "view": view})
        row |= {"resolution": "refund", "method": "mail", "country": "ID", "reasons": "", "currency": "IDR"}
        connection.execute(insert(listings), row | {"value": 2_500_000_000})


async def test_an_amount_of_more_than_32_bits_is_brought_on(empty_url: str) -> None:
    database = Database(empty_url)
    if database.sqlite:
        Path(str(database.url.database)).parent.mkdir(parents=True)
    try:
        await database.write(_of_large_amounts)
        await database.upgrade()
        found = await rows_of(database, select(listed.c.return_id, listed.c.amount, listed.c.updated_at))
        assert [tuple(row.values()) for row in found] == [("R-1", 2_500_000_000, NOW), ("R-2", None, NOW)]
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
