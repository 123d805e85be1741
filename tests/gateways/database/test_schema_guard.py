"""A process works with a database of its own schema only, and says in one line what is wrong with another."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, select, table, text, update

from gateways.database import engine
from gateways.database.engine import Database, WrongSchema, _upgrade, rows_of
from gateways.database.tables.schema import compatibility
from starter.local.temporal_server import free_port
from starter.shared.schema_guard import require_schema

REFUSED = [
    (None, ("worker",)),
    (None, ("worker", "--role", "returns")),
    (None, ("worker", "--role", "support")),
    (None, ("api", "--without-keys")),
    ("0003", ("worker",)),
    ("9999", ("api", "--without-keys")),
]
NEWER = (
    "the database's schema is 9999, newer than this version's {head}, which does not work with it: "
    "run the version that made it"
)


def _folder(database: Database) -> None:
    if database.sqlite:
        Path(str(database.url.database)).parent.mkdir(parents=True, exist_ok=True)


async def _bring_to(url: str, revision: str | None, works_since: str = "9998") -> None:
    """A database at that revision; ``9999`` is of a version to come, with which code since ``works_since`` works."""
    database = Database(url)
    _folder(database)

    def work(connection: Connection) -> None:
        _upgrade(connection, "0003" if revision == "0003" else "head")
        if revision == "9999":
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
            connection.execute(update(compatibility).values(works_since=works_since))

    try:
        if revision is not None:
            await database.write(work)
    finally:
        await database.dispose()


@pytest.mark.parametrize(
    ("revision", "told"),
    [
        (None, "the database has no schema yet, this version needs {head}: run `homeward db upgrade`"),
        ("0003", "the database's schema is 0003, this version needs {head}: run `homeward db upgrade`"),
        ("9999", NEWER),
    ],
)
async def test_another_schema_is_refused_in_one_line(empty_url: str, revision: str | None, told: str) -> None:
    await _bring_to(empty_url, revision)
    database = Database(empty_url)
    try:
        with pytest.raises(WrongSchema) as caught:
            await database.require_schema()
        assert str(caught.value) == told.format(head=_head())
        if revision == "9999":
            with pytest.raises(WrongSchema, match="newer"):
                await database.upgrade()
        else:
            await database.upgrade()
            await database.require_schema()
    finally:
        await database.dispose()


async def test_a_newer_schema_that_code_since_before_works_with_is_taken_as_it_is(empty_url: str) -> None:
    await _bring_to(empty_url, "9999", works_since="0032")
    database = Database(empty_url)
    try:
        await database.require_schema()
        await database.upgrade()  # as an earlier version's job does, when that is taken up again
        rows = await rows_of(database, select(column("version_num")).select_from(table("alembic_version")))
        assert rows == [{"version_num": "9999"}]
    finally:
        await database.dispose()


def _head() -> str:
    """What this version needs."""
    config = Config()
    config.set_main_option("script_location", str(Path(engine.__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head() or ""


@pytest.mark.parametrize(("revision", "command"), REFUSED)
async def test_every_process_ends_with_1_and_one_line(
    empty_url: str, revision: str | None, command: tuple[str, ...], tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    await _bring_to(empty_url, revision)
    code, lines = await _run(command, empty_url, tmp_path, pytestconfig.rootpath)
    errors = [line for line in lines if not line.startswith("{")]
    assert (code, len(errors)) == (1, 1), lines
    assert errors[0].startswith("Error: the database")
    assert not any("Traceback" in line or "sqlalchemy" in line for line in lines)


async def _run(command: tuple[str, ...], url: str, data_dir: Path, root: Path) -> tuple[int | None, list[str]]:
    environment = {
        **os.environ,
        "HOMEWARD_DATABASE_URL": url,
        "HOMEWARD_DATA_DIR": str(data_dir),
        "HOMEWARD_API_PORT": "0",
        "TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
    }
    program = "from starter.cli.main import main; main()"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, *command),
        cwd=root,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, errors.decode().splitlines()


async def test_a_database_that_is_away_is_waited_for() -> None:
    database, stop = Database(f"postgresql://postgres@127.0.0.1:{free_port()}/homeward"), asyncio.Event()
    waiting = asyncio.create_task(require_schema(database, stop))
    await asyncio.sleep(1)
    assert not waiting.done()
    stop.set()
    await asyncio.wait_for(waiting, 10)
    await database.dispose()
