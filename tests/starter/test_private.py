"""Nobody else on the machine reads what `homeward up` keeps."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.database.engine import Database
from starter.local.private import keep_private
from starter.local.up import Place, running
from workers.settings import Settings


def modes(folder: Path) -> dict[str, str]:
    """What others see of it, by name; ``.`` is the folder itself."""
    found = {".": folder, **{path.name: path for path in folder.iterdir()}}
    return {name: oct(stat.S_IMODE(path.stat().st_mode)) for name, path in found.items()}


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    """As a shell has it: what is private is so by our doing."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


async def test_all_that_up_keeps_is_its_owners(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    settings = Settings(data_dir=folder, database_url=None)
    async with running(settings, Place(folder, temporal_port=0, ui_port=0, api_port=0)):
        found = modes(folder)
    assert found.pop(".") == "0o700"
    assert {"homeward.db", "temporal.db", "temporal.log", "local.json", "up.lock"} <= set(found)
    assert set(found.values()) == {"0o600"}, found


async def test_a_database_is_its_owners_from_its_first_moment(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    database = Database(f"sqlite:///{folder / 'homeward.db'}")
    try:
        await database.upgrade()
        assert modes(folder)["."] == "0o700"
        assert {mode for name, mode in modes(folder).items() if name != "."} == {"0o600"}
    finally:
        await database.dispose()


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for name in ("homeward.db", "homeward.db-wal", "temporal.db", "temporal.log", "notes.txt"):
        (tmp_path / name).touch(mode=0o644)
    keep_private(tmp_path)
    found = modes(tmp_path)
    assert (found.pop("."), found.pop("notes.txt")) == ("0o700", "0o644")
    assert set(found.values()) == {"0o600"}


def test_a_folder_for_all_stays_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    keep_private(tmp_path)
    assert modes(tmp_path)["."] == "0o1777"


def test_a_file_that_is_there_is_not_emptied(tmp_path: Path) -> None:
    path = tmp_path / "homeward.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE kept (a)")
    keep_private(tmp_path)
    assert sqlite3.connect(path).execute("SELECT count(*) FROM kept").fetchone() == (0,)
