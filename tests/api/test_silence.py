"""Temporal away, its workers away, the database away: told at once, nothing half done, found again later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from temporalio.client import Client

from client import within
from client.repairs import Repairs
from client.returns import Homeward
from gateways.database.engine import Database
from lifecycle.contract.statuses import Status
from starter.local.temporal_server import TemporalServer
from starter.shared.services import PATIENCE, Services, services_of
from tests.api.conftest import calling, settings_of
from tests.workflows.returns.play import make_body
from workers.converter import CONVERTER
from workers.main import run_workers
from workers.setting_values import Role

#: Long enough for whoever is there.
HASTE = timedelta(seconds=0.7)


def hasty(services: Services) -> Services:
    client, db = services.client, services.db
    return replace(services, homeward=Homeward(client, db, HASTE), repairs=Repairs(client, HASTE))


@dataclass
class Place:
    """A server of its own, and an API on it; nobody works there."""

    server: TemporalServer
    doors: Services
    api: httpx.AsyncClient

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        client = await Client.connect(self.server.address, data_converter=CONVERTER)
        settings = self.doors.settings.model_copy(update={"shutdown_seconds": 0})
        stop, started = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(run_workers(client, settings, self.doors.db, tuple(Role), stop, started))
            await started.wait()
            yield
            stop.set()

    async def kill(self) -> None:
        process = self.server._process
        assert process
        process.kill()
        await process.wait()

    async def workflows(self) -> list[str]:
        query = "WorkflowType = 'ReturnWorkflow'"
        return [found.id async for found in self.doors.client.list_workflows(query)]

    async def start(self, body: dict[str, object], key: str) -> httpx.Response:
        return await self.api.post("/v1/returns", json=body, headers={"Idempotency-Key": key})


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    await made.upgrade()
    yield made
    await made.dispose()


async def lazily(address: str) -> Client:
    return await Client.connect(address, lazy=True, data_converter=CONVERTER)


@pytest.fixture
async def place(tmp_path: Path, database: Database) -> AsyncIterator[Place]:
    server = TemporalServer(tmp_path / "temporal")
    await server.start()
    services = hasty(services_of(settings_of(data_dir=tmp_path), await lazily(server.address), database))
    async with calling(services) as api:
        yield Place(server, services, api)
    await server.stop()


def told(answer: httpx.Response) -> tuple[int, str]:
    if answer.status_code == 503:
        assert int(answer.headers["Retry-After"]) >= 1
    return answer.status_code, answer.json()["type"].removeprefix("/docs#")


NO_TEMPORAL = {"temporal": False, "database": True, "failing": {"temporal": "does not answer"}}
NO_ANSWER, OUT_OF_REACH = (503, "no-answer"), (503, "out-of-reach")


async def test_silence_is_reported_and_what_was_asked_is_found_again(place: Place) -> None:
    body, key, lost = make_body(), uuid4().hex, uuid4().hex
    del body["return_id"]
    unanswered = await place.start(body, key)
    assert told(unanswered) == NO_ANSWER
    return_id = unanswered.json()["return_id"]
    assert (await place.start(body, key)).json()["return_id"] == return_id
    assert told(await place.api.get("/v1/returns/R-none")) == (404, "not-found")
    assert told(await place.api.get(f"/v1/returns/{return_id}")) == NO_ANSWER
    cancel = f"/v1/returns/{return_id}/cancel"
    assert told(await place.api.post(cancel, json={"by": "customer"})) == NO_ANSWER

    await place.kill()
    out_of_reach = await place.start(make_body(), lost)
    # With an id to repeat it by: it may have been sent in the last moment.
    assert (told(out_of_reach), bool(out_of_reach.json()["return_id"])) == (OUT_OF_REACH, True)
    assert told(await place.api.get("/v1/returns")) == OUT_OF_REACH
    assert (await place.api.get("/readyz")).json() == NO_TEMPORAL

    await place.server.start()
    async with place.working():
        found = await until_answered(place, body, key)
        assert found.json()["return_id"] == return_id
        assert await place.workflows() == [f"return-{return_id}"]
        live = await until_label_sent(place, return_id)

    stored = await place.api.get(f"/v1/returns/{return_id}")
    assert (stored.status_code, stored.headers["Homeward-View"]) == (200, "records")
    assert timeless(stored) == timeless(live)
    await place.kill()
    assert timeless(await place.api.get(f"/v1/returns/{return_id}")) == timeless(live)
    label = await place.api.get(f"/v1/returns/{return_id}/label")
    assert (label.status_code, label.content[:4]) == (200, b"%PDF")
    assert told(await place.api.post(cancel, json={"by": "customer"})) == OUT_OF_REACH


def timeless(answer: httpx.Response) -> dict[str, Any]:
    """The view; a step's end is a few milliseconds after what the records say."""
    view: dict[str, Any] = answer.json()
    return view | {"timeline": [entry["event"] for entry in view["timeline"]]}


async def until_answered(place: Place, body: dict[str, object], key: str) -> httpx.Response:
    for _ in range(30):
        answer = await place.start(body, key)
        if answer.status_code in (200, 201):
            return answer
    raise AssertionError(answer.text)


async def until_label_sent(place: Place, return_id: str) -> httpx.Response:
    for _ in range(100):
        answer = await place.api.get(f"/v1/returns/{return_id}")
        live = answer.headers.get("Homeward-View") == "live"  # on a slow machine an answer may come too late
        if live and answer.json()["status"] == Status.LABEL_SENT:
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError(answer.text)


async def test_a_temporal_that_never_was_there_is_out_of_reach(tmp_path: Path, database: Database) -> None:
    services = services_of(settings_of(data_dir=tmp_path), await lazily("127.0.0.1:1"), database)
    async with calling(services) as api:
        assert told(await api.post("/v1/returns", json=make_body())) == OUT_OF_REACH
        assert told(await api.get("/v1/returns/R-1")) == OUT_OF_REACH
        assert told(await api.post("/v1/returns/R-1/cancel", json={"by": "x"})) == OUT_OF_REACH
        assert told(await api.post("/v1/returns/R-1/repairs/1-1/estimate", json={"by": "x", "accepted": True})) == (
            OUT_OF_REACH
        )
        assert (await api.post("/v1/quotes", json=make_body())).status_code == 200
        assert (await api.get("/healthz")).status_code == 200
        ready = await api.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, NO_TEMPORAL)


async def test_a_temporal_that_says_nothing_is_out_of_reach(tmp_path: Path, database: Database) -> None:
    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    gone = asyncio.Event()
    silent = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    services = hasty(services_of(settings_of(data_dir=tmp_path), await lazily(f"127.0.0.1:{port}"), database))
    async with calling(services) as api:
        assert told(await api.post("/v1/returns", json=make_body())) == OUT_OF_REACH
    gone.set()
    silent.close()
    await silent.wait_closed()


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    services = services_of(settings_of(data_dir=tmp_path), await lazily("127.0.0.1:1"), away)
    async with calling(services) as api:
        assert told(await api.post("/v1/returns", json=make_body())) == (503, "unavailable")
        assert told(await api.get("/v1/returns/R-1")) == (503, "unavailable")
        assert told(await api.post("/v1/quotes", json=make_body())) == (503, "unavailable")
        failing = dict.fromkeys(("temporal", "database"), "does not answer")
        assert (await api.get("/readyz")).json() == {"temporal": False, "database": False, "failing": failing}
    await away.dispose()


def test_silence_is_answered_within_three_seconds() -> None:
    assert timedelta(seconds=3) > PATIENCE + within._SOON
