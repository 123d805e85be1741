"""Backups of what `homeward up` keeps: whole, checked, and nothing is paid twice after one was brought back."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from activities.reconciliation import reconciler
from gateways.database import data_keys
from gateways.database.data_keys import WrappedKey
from gateways.database.engine import Database, rows_of
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.tables import sandbox_refunds, sandbox_shipments
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from starter.cli.main import main
from starter.demo.story import Stage, stage_at
from starter.local import backup
from starter.local.data_dir import LocalError, alone
from starter.local.up import Place, running
from tests.workflows.returns.play import Play, make_request
from workers.settings import Settings

#: What partners have does not go back with our books.
PARTNERS_REMEMBER = """
INSERT OR REPLACE INTO sandbox_refunds SELECT * FROM late.sandbox_refunds;
INSERT OR REPLACE INTO sandbox_charges SELECT * FROM late.sandbox_charges;
INSERT OR REPLACE INTO sandbox_shipments SELECT * FROM late.sandbox_shipments;
INSERT OR REPLACE INTO sandbox_scans SELECT * FROM late.sandbox_scans;
"""


def _run(data_dir: Path, *arguments: str) -> Result:
    environment = {"HOMEWARD_DATA_DIR": str(data_dir), "TEMPORAL_ADDRESS": "", "HOMEWARD_DATABASE_URL": ""}
    return CliRunner(env=environment).invoke(main, arguments)


async def _done(data_dir: Path, *arguments: str) -> Result:
    result = await asyncio.to_thread(_run, data_dir, *arguments)
    assert result.exit_code == 0, result.output
    return result


@asynccontextmanager
async def _shop(data_dir: Path) -> AsyncIterator[Stage]:
    settings = Settings(data_dir=data_dir, database_url=None)
    place = Place(data_dir, temporal_port=0, ui_port=None, api_port=0)
    async with running(settings, place) as ready, stage_at(ready) as stage:
        yield stage


async def _refunded(story: Play) -> None:
    await _scanned(story)
    await story.receive()
    await story.graded()


async def _scanned(story: Play) -> None:
    """As `homeward track` does: the carrier has seen the label."""
    code = await story.scan(TrackingStatus.ACCEPTED)
    await SandboxCarrier(story._stage.db).scan(code, TrackingStatus.ACCEPTED, datetime.now(UTC))


async def _found(data_dir: Path) -> set[tuple[str, str]]:
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(reconciler, "SETTLES", reconciler.SETTLES / 10)
        result = await asyncio.to_thread(_run, data_dir, "reconcile", "--json")
    lines = result.stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if line in ("[", "[]"))
    return {(row["kind"], row["return_id"]) for row in json.loads("\n".join(lines[first:]))}


class Copies:
    """Two backups of one shop, the later one with more in it, and the returns that they hold."""

    def __init__(self, folder: Path) -> None:
        self.early, self.late = folder / "early", folder / "late"
        self.between, self.open, self.begun, self.ended = (make_request() for _ in range(4))


@pytest.fixture(scope="module")
async def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """One return is refunded between the two, one stays open, one begins, and one begins and is refunded."""
    folder = tmp_path_factory.mktemp("backups")
    found, data = Copies(folder), folder / "data"
    async with _shop(data) as stage:
        for request in (found.between, found.open):
            await Play(stage, request).start()
        await _done(data, "backup", str(found.early))
        await _refunded(Play(stage, found.between))
        for request in (found.begun, found.ended):
            await Play(stage, request).start()
        await _refunded(Play(stage, found.ended))
        await _done(data, "backup", str(found.late))
    return found


async def _paid_and_sent(stage: Stage) -> tuple[list[str], list[str]]:
    """The keys of all refunds and labels that the partners ever made; a key that is there twice is a fault."""
    refunds = await rows_of(stage.db, select(sandbox_refunds.c.key))
    labels = await rows_of(stage.db, select(sandbox_shipments.c.key))
    return sorted(row["key"] for row in refunds), sorted(row["key"] for row in labels)


async def _finish(stage: Stage, *stories: Play) -> None:
    for story in stories:
        await _refunded(story)


async def test_a_backup_that_was_made_while_all_runs_is_brought_back(copies: Copies, tmp_path: Path) -> None:
    data = tmp_path / "data"
    told = (await _done(data, "restore", str(copies.late))).stdout
    assert "homeward.db" in told
    async with _shop(data) as stage:
        assert await _found(data) == set()
        assert (await Play(stage, copies.between).view()).status is Status.REFUNDED
        await _finish(stage, Play(stage, copies.open), Play(stage, copies.begun))
        assert await _found(data) == set()
        refunds, labels = await _paid_and_sent(stage)
    assert (len(refunds), len(labels)) == (4, 4)


def _mix(copies: Copies, data: Path, *, books: Path, temporal: Path) -> None:
    """The books of one backup and the workflows of another; the partners forget nothing."""
    data.mkdir()
    shutil.copy(books / "homeward.db", data)
    shutil.copy(temporal / "temporal.db", data)
    with closing(sqlite3.connect(data / "homeward.db")) as connection:
        connection.execute("ATTACH ? AS late", (str(copies.late / "homeward.db"),))
        connection.executescript(PARTNERS_REMEMBER)


async def test_books_that_are_older_than_the_workflows(copies: Copies, tmp_path: Path) -> None:
    data = tmp_path / "data"
    _mix(copies, data, books=copies.early, temporal=copies.late)
    between, begun, ended = (request.return_id or "" for request in (copies.between, copies.begun, copies.ended))
    async with _shop(data) as stage:
        assert await _found(data) == {
            ("open_after_end", between),
            ("refund_not_booked", between),
            ("not_in_books", begun),
            ("not_in_books", ended),
            ("refund_not_booked", ended),
        }
        story = Play(stage, copies.begun)
        await _scanned(story)
        await story.receive()
        await story.inspect()
        waits = (await story.attention()).attention  # at once, and not after a day
        assert waits
        assert f"the database has no record of {begun}" in waits.error
        for return_id in (between, begun, ended):
            await stage.homeward.revive(return_id)
        for request in (copies.between, copies.begun, copies.ended):
            await Play(stage, request).closed()
        await _finish(stage, Play(stage, copies.open))
        refunds, labels = await _paid_and_sent(stage)
        left = await _found(data)
    assert (len(refunds), len(labels)) == (4, 4)
    # Its workflow had been paid before, and does not ask again: the ledger never learns of it.
    assert left == {("refund_not_booked", between)}


async def test_workflows_that_are_older_than_the_books(copies: Copies, tmp_path: Path) -> None:
    data = tmp_path / "data"
    _mix(copies, data, books=copies.late, temporal=copies.early)
    between, begun = copies.between.return_id or "", copies.begun.return_id or ""
    async with _shop(data) as stage:
        assert await _found(data) == {("runs_after_close", between), ("orphaned", begun)}
        await Play(stage, copies.between).handle.terminate()
        await stage.homeward.revive(begun)
        await _finish(stage, Play(stage, copies.open), Play(stage, copies.begun))
        assert await _found(data) == set()
        refunds, labels = await _paid_and_sent(stage)
    assert (len(refunds), len(labels)) == (4, 4)


async def test_the_keys_of_workflows_that_began_meanwhile_are_there(
    copies: Copies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, folder = tmp_path / "data", tmp_path / "backup"
    await _done(data, "restore", str(copies.early))
    copy, books = backup._copy, Database(f"sqlite:///{data / 'homeward.db'}")
    key = WrappedKey("k-1", "return-R-1", "m-1", "wrapped")

    def begin_one_after_the_books(source: Path, target: Path) -> None:
        if source.name == "temporal.db":
            asyncio.run(data_keys.keep(books, key, datetime.now(UTC)))
        copy(source, target)

    monkeypatch.setattr(backup, "_copy", begin_one_after_the_books)
    await _done(data, "backup", str(folder))
    kept = Database(f"sqlite:///{folder / 'homeward.db'}")
    assert await data_keys.of_workflow(kept, "return-R-1") == key
    for database in (books, kept):
        await database.dispose()


def _spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["homeward.db", "temporal.db"])
async def test_a_corrupt_file_is_refused_at_the_start(copies: Copies, tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"
    await _done(data, "restore", str(copies.early))
    _spoil(data / name)
    with pytest.raises(LocalError, match=rf"{name} is corrupt .*homeward restore"):
        async with _shop(data):
            pass


async def test_restore_refuses_what_it_cannot_bring_back(copies: Copies, tmp_path: Path) -> None:
    spoilt, newer, data = tmp_path / "spoilt", tmp_path / "newer", tmp_path / "data"
    for folder in (spoilt, newer):
        shutil.copytree(copies.early, folder)
    _spoil(spoilt / "temporal.db")
    manifest = json.loads((newer / "manifest.json").read_text())
    (newer / "manifest.json").write_text(json.dumps(manifest | {"revision": "9999"}))
    for folder, why in (
        (spoilt, "its checksum differs"),
        (newer, "its schema is 9999"),
        (tmp_path, "expected a backup, with its manifest.json"),
    ):
        result = _run(data, "restore", str(folder))
        assert (result.exit_code, why in result.stderr) == (2, True), result.stderr
        assert not (data / "homeward.db").exists()
    data.mkdir(exist_ok=True)
    with alone(data):
        assert "is in use by another `homeward up`" in _run(data, "restore", str(copies.early)).stderr
    assert _run(data, "restore", str(copies.early)).exit_code == 0
    again = _run(data, "restore", str(copies.early))
    assert (again.exit_code, "is there: move it away" in again.stderr) == (2, True)


def test_backup_refuses_what_it_cannot_copy(copies: Copies, tmp_path: Path) -> None:
    nothing = _run(tmp_path / "nothing", "backup", str(tmp_path / "to"))
    assert (nothing.exit_code, "which is not there" in nothing.stderr) == (2, True)
    data = tmp_path / "data"
    assert _run(data, "restore", str(copies.early)).exit_code == 0
    full = _run(data, "backup", str(copies.late))
    assert (full.exit_code, "DIR: expected a folder that is new or empty" in full.stderr) == (2, True)
    away = CliRunner(env={"HOMEWARD_DATABASE_URL": "postgresql://h/x"}).invoke(main, ["backup", str(tmp_path / "b")])
    assert (away.exit_code, "HOMEWARD_DATABASE_URL: expected SQLite" in away.stderr) == (2, True)
