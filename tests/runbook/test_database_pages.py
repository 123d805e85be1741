"""Pages about the database and what is lost with it: each fault is made for real, and fixed by the page's commands."""

import asyncio
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import asyncpg
import httpx
import pytest

from lifecycle.contract.statuses import Status
from starter.demo.story import Stage, stage_at
from starter.local.data_dir import LocalError
from starter.local.up import Place, Ready, running
from tests.gateways import postgresql
from tests.runbook.desk import ROOT, Desk, is_well
from tests.workflows.returns.play import Play, make_body, make_request
from workers.settings import Settings

pytestmark = pytest.mark.long
#: More than a server takes, unless told otherwise.
_MOST_CONNECTIONS = 200
_FREE_PORTS = ("--temporal-port", "0", "--ui-port", "0", "--api-port", "0")


@pytest.fixture(scope="module")
def server() -> Iterator[postgresql.Server]:
    with postgresql.running() as server:
        yield server


@asynccontextmanager
async def _shop(folder: Path, url: str | None = None) -> AsyncIterator[Ready]:
    settings = Settings(data_dir=folder, database_url=url)
    async with running(settings, Place(folder, temporal_port=0, ui_port=None, api_port=0)) as ready:
        yield ready


@pytest.fixture(scope="module")
async def ready(server: postgresql.Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """A shop on PostgreSQL."""
    async with _shop(tmp_path_factory.mktemp("up"), f"{server.address}/postgres") as ready:
        yield ready


@pytest.fixture
async def stage(ready: Ready) -> AsyncIterator[Stage]:
    async with stage_at(ready) as stage:
        yield stage


async def _start_of(ready: Ready) -> int:
    """The status of a start by the API."""
    async with httpx.AsyncClient(base_url=ready.api, timeout=30) as api:
        return (await api.post("/v1/returns", json=make_body())).status_code


async def _until_started(ready: Ready) -> None:
    for _ in range(300):
        if await _start_of(ready) == httpx.codes.CREATED:
            return
        await asyncio.sleep(0.2)
    raise AssertionError("starts are refused")


async def test_the_database_does_not_answer(ready: Ready, stage: Stage, server: postgresql.Server) -> None:
    story = Play(stage, make_request())
    await story.start()
    desk = Desk(ready, "The database does not answer")
    with server.down():
        assert "FAILED  database" in await desk.do(0)
        assert await _start_of(ready) == httpx.codes.SERVICE_UNAVAILABLE
    await desk.until(1, lambda printed: "database: answers" in printed)
    await story.receive()
    await story.inspect()
    await story.until(Status.REFUNDED)
    await _until_started(ready)


async def test_the_database_is_slow(ready: Ready, server: postgresql.Server) -> None:
    desk = Desk(ready, "The database is slow")
    stray = await asyncpg.connect(f"{server.address}/postgres", server_settings={"application_name": "a report"})
    await stray.execute("BEGIN; LOCK TABLE returns IN ACCESS EXCLUSIVE MODE")
    assert await _start_of(ready) == httpx.codes.SERVICE_UNAVAILABLE
    found = await desk.until(0, lambda printed: "a report" in printed)
    [line] = [line for line in found.splitlines() if "a report" in line]
    desk.names["PID"] = line.split("|")[0].strip()
    await desk.do(1)
    await _until_started(ready)
    await desk.until(2, lambda printed: printed.split()[2] == "0" and is_well(printed))


async def test_postgresql_has_no_connections_left(server: postgresql.Server, tmp_path: Path) -> None:
    admin = await asyncpg.connect(f"{server.address}/postgres")
    await admin.execute("CREATE ROLE shop LOGIN CREATEDB; CREATE ROLE other LOGIN")
    await admin.execute("CREATE DATABASE shop OWNER shop")
    greedy = f"{server.address.replace('postgres@', 'other@')}/postgres"
    async with _shop(tmp_path, f"{server.address.replace('postgres@', 'shop@')}/shop") as ready:
        await _until_started(ready)
        admins = f"{server.address}/postgres"
        desk = Desk(ready, "PostgreSQL has no connections left", ADMIN=admins, PROGRAM="a cron job")
        kept = list[asyncpg.Connection]()
        # Those that it has are taken from it as well, as a restart of it would.
        while len(kept) < _MOST_CONNECTIONS:
            try:
                kept.append(await asyncpg.connect(greedy, server_settings={"application_name": "a cron job"}))
            except asyncpg.TooManyConnectionsError:
                ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'"
                if not await admin.fetch(ended):
                    break
        found = await desk.do(0)
        assert "FAILED  database" in found
        assert re.search(r"a cron job +\| other +\| idle +\| +\d\d", found)
        assert await _start_of(ready) == httpx.codes.SERVICE_UNAVAILABLE
        await desk.do(1)
        await _until_started(ready)
        await desk.until(2, lambda printed: "ok      connections" in printed)
    await admin.close()
    for connection in kept:
        connection.terminate()


async def test_a_clock_is_wrong(ready: Ready, server: postgresql.Server) -> None:
    desk = Desk(ready, "A clock is wrong")
    connection = await asyncpg.connect(f"{server.address}/postgres")
    await connection.execute(
        "CREATE SCHEMA elsewhere; CREATE FUNCTION elsewhere.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
        "$$ SELECT pg_catalog.clock_timestamp() + interval '1 hour' $$; "
        "ALTER ROLE postgres SET search_path = elsewhere, pg_catalog, public"
    )
    assert "3600 s from the database's" in await desk.do(0)
    await connection.execute("ALTER ROLE postgres RESET search_path; DROP SCHEMA elsewhere CASCADE")
    await connection.close()
    assert "clock: 0 s" in await desk.do(1)


@contextmanager
def _small_disk(folder: Path) -> Iterator[tuple[Ready, int]]:
    """`homeward up` with its data on a disk of 24 MB, which only this process sees; its id."""
    up = [sys.executable, "-c", "from starter.cli.main import main; main()", "up", "--data-dir", str(folder)]
    inside = f"mount -t tmpfs -o size=24m none {shlex.quote(str(folder))} && exec {shlex.join([*up, *_FREE_PORTS])}"
    with (folder.parent / "log").open("wb") as log:
        process = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", inside],
            cwd=ROOT, env=os.environ | {"HOMEWARD_DATABASE_URL": "", "TEMPORAL_ADDRESS": ""},
            stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    assert process.stdout
    try:
        word, _, told = process.stdout.readline().partition(" ")
        assert word == "ready", (folder.parent / "log").read_text()
        yield Ready(**json.loads(told)), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def _fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(100_000))


async def test_the_database_is_full(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with _small_disk(folder) as (ready, pid):
        inside = ("nsenter", f"--target={pid}", "--user", "--mount", "--preserve-credentials")
        desk = Desk(ready, "The database is full", inside=inside, FOLDER=str(folder))
        await _until_started(ready)
        dump = Path("/proc", str(pid), "root", *folder.parts[1:], "an old dump")
        _fill(dump)
        for _ in range(300):
            if await _start_of(ready) == httpx.codes.SERVICE_UNAVAILABLE:
                break
        else:
            raise AssertionError("starts go on")
        found = await desk.do(0)
        assert "0.0 GB free" in found
        assert "an old dump" in found
        dump.unlink()
        await _until_started(ready)
        # The whole disk is smaller than what the doctor calls enough.
        assert "database: answers" in await desk.do(1)


async def test_data_has_to_come_from_a_backup(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    names = {"DATA": str(data), "BACKUP": str(backup), "ASIDE": str(tmp_path / "aside")}
    async with _shop(data) as ready, stage_at(ready) as stage:
        story = Play(stage, make_request())
        await story.start()
        desk = Desk(ready, "Data has to come from a backup", {"HOMEWARD_DATA_DIR": str(data)}, **names)
        await desk.say("homeward backup BACKUP")
    (data / "homeward.db").write_bytes(b"\xff" * 100_000)
    with pytest.raises(LocalError, match=r"homeward\.db is corrupt"):
        async with _shop(data):
            pass
    await desk.do(0)
    async with _shop(data) as ready, stage_at(ready) as stage:
        desk = Desk(ready, "Data has to come from a backup", {"HOMEWARD_DATA_DIR": str(data)}, **names)
        await desk.do(1)
        story = Play(stage, story.request)
        await story.receive()
        await story.inspect()
        await story.closed()
        await desk.until(2, lambda printed: story.return_id not in printed)
