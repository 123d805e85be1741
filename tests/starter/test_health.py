"""The health address: what a process says of itself while it works, before it does, and when it cannot."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, RemoveSearchAttributesRequest
from temporalio.client import Client

from client.search_attributes import ESCALATED
from gateways.database.engine import Database
from starter.doctor.readiness import of_database
from starter.health.address import health_address
from starter.health.polls import Polls
from starter.local.temporal_server import NAMESPACE, free_port
from starter.local.up import Place, Ready, running
from workers.settings import Settings, SettingsError

_COMMAND = (sys.executable, "-c", "from starter.cli.main import main; main()")


@pytest.fixture(scope="module")
async def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory, port: int) -> AsyncIterator[Ready]:
    """`homeward up`, with a health address."""
    place = Place(tmp_path_factory.mktemp("health"), temporal_port=0, ui_port=0, api_port=0)
    async with running(Settings(data_dir=Path(place.data_dir), health_port=port), place) as ready:
        yield ready


@pytest.fixture(scope="module")
async def health(shop: Ready, port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client


@asynccontextmanager
async def process(port: int, *words: str, **environment: str) -> AsyncIterator[httpx.AsyncClient]:
    """A command that runs until it is stopped, and its health address."""
    own = {**os.environ, "HOMEWARD_HEALTH_PORT": str(port), "HOMEWARD_API_PORT": "0", **environment}
    running = await asyncio.create_subprocess_exec(*_COMMAND, *words, stderr=asyncio.subprocess.DEVNULL, env=own)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            await until(lambda: reached(client))
            yield client
    finally:
        if running.returncode is None:
            running.send_signal(signal.SIGTERM)
        await running.wait()


async def reached(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).status_code == 200
    except httpx.TransportError:
        return False


async def until(true: Callable[[], Any]) -> None:
    for _ in range(300):
        if await true():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came true")


async def failing(client: httpx.AsyncClient) -> dict[str, str]:
    answer = await client.get("/readyz")
    found: dict[str, str] = answer.json()["failing"]
    assert answer.status_code == (503 if found else 200)
    return found


async def test_a_process_that_works_is_alive_and_ready_and_gives_its_metrics(health: httpx.AsyncClient) -> None:
    alive = await health.get("/healthz")
    assert (alive.status_code, alive.json()) == (200, {"alive": True, "silent": []})
    ready = await health.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "failing": {}})
    metrics = await health.get("/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert {"temporal_num_pollers", "temporal_long_request", "process_resident_memory_bytes"} <= {
        line.split()[2] for line in metrics.text.splitlines() if line.startswith("# TYPE")
    }


async def test_pollers_are_known_by_their_queue_and_kind(health: httpx.AsyncClient) -> None:
    polls = Polls()
    polls.look((await health.get("/metrics")).text)
    assert {"returns PollWorkflowTaskQueue", "returns PollActivityTaskQueue"} <= set(polls._seen)
    assert not any(str(os.getpid()) in name for name in polls._seen)


async def test_a_search_attribute_that_is_gone_is_named_until_it_is_back(
    shop: Ready, health: httpx.AsyncClient
) -> None:
    operator = (await Client.connect(shop.temporal)).operator_service
    name = ESCALATED.name
    await operator.remove_search_attributes(
        RemoveSearchAttributesRequest(namespace=NAMESPACE, search_attributes=[name])
    )
    await until(lambda: failing(health))
    wrong = {"search_attributes": f"missing, or of another type: {name}"}
    assert await failing(health) == wrong
    async with httpx.AsyncClient(base_url=shop.api, timeout=30) as api:
        await until(lambda: failing(api))
        assert (await api.get("/readyz")).json() == {"temporal": False, "database": True, "failing": wrong}
    kinds = {name: ESCALATED.indexed_value_type}
    await operator.add_search_attributes(
        AddSearchAttributesRequest(namespace=NAMESPACE, search_attributes=kinds)  # type: ignore[arg-type]
    )

    async def is_ready() -> bool:
        return not await failing(health)

    await until(is_ready)


async def test_a_worker_says_what_it_waits_for_and_when_it_works(shop: Ready) -> None:
    nowhere = {"TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}", "HOMEWARD_DATABASE_URL": shop.database}
    async with process(free_port(), "worker", "--role", "inventory", **nowhere) as waiting:
        assert set(await failing(waiting)) == {"start"}
    there = {"TEMPORAL_ADDRESS": shop.temporal, "HOMEWARD_DATABASE_URL": shop.database}
    async with process(free_port(), "worker", "--role", "inventory", **there) as worker:

        async def is_ready() -> bool:
            return not await failing(worker)

        await until(is_ready)
        metrics = (await worker.get("/metrics")).text
        assert 'task_queue="returns-inventory"' in metrics
        assert 'task_queue="returns-payment"' not in metrics


async def test_an_api_has_one_too(shop: Ready) -> None:
    there = {"TEMPORAL_ADDRESS": shop.temporal, "HOMEWARD_DATABASE_URL": shop.database}
    async with process(free_port(), "api", "--without-keys", **there) as api:
        assert (await api.get("/readyz")).json() == {"ready": True, "failing": {}}
        assert "temporal_request" in (await api.get("/metrics")).text


async def test_a_taken_port_is_named(shop: Ready, port: int) -> None:
    with pytest.raises(SettingsError, match=r"^HOMEWARD_HEALTH_PORT: expected a free port"):
        async with health_address(Settings(health_port=port), [], free_port()):
            raise AssertionError("served")


async def test_a_database_of_another_schema_or_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    path = tmp_path / "homeward.db"
    path.touch()
    db = Database(f"sqlite:///{path}")
    check = of_database(db)
    assert set(await check()) == {"schema"}
    await db.upgrade()
    assert await check() == {}
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await check() == {"write": "the database cannot be written to"}
        other.execute("ROLLBACK")
    assert await check() == {}
    await db.dispose()


def test_a_poller_is_silent_when_it_has_not_asked_for_two_minutes() -> None:
    said = (
        'temporal_long_request{{namespace="default",operation="PollActivityTaskQueue",task_queue="returns"}} {}\n'
        'temporal_long_request{{namespace="default",operation="GetWorkflowExecutionHistory"}} 1\n'
    )
    instants = iter([0.0, 0.0, 60.0, 60.0, 179.0, 181.0, 181.0, 181.0])
    polls = Polls(lambda: next(instants))
    for count in (1, 2):
        polls.look(said.format(count))
        assert polls.silent() == []
    polls.look(said.format(2))
    assert polls.silent() == []
    assert polls.silent() == ["returns PollActivityTaskQueue"]
    polls.look(said.format(3))
    assert polls.silent() == []
