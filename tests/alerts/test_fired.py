"""Alerts of a real Prometheus at real processes whose faults are made here; those of hours are in ``test_rules.py``."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from client.names import return_workflow_id
from client.partners.dispatch import set_limit
from starter.demo.story import Stage
from tests.alerts.server import OPS
from tests.alerts.shop import Seen, Shop, begin, shop_in
from tests.workflows.returns.play import Play, make_request
from workflows.relays import SIGN_INS

GRAFANA = OPS.parent / "grafana"
#: What this place, on SQLite, has no answer to.
ON_POSTGRESQL = {
    "sum by (instance) (homeward_db_pool_in_use)",
    "sum by (instance) (rate(homeward_db_pool_waits_total[$__rate_interval]))",
}


@workflow.defn
class Changed:
    """Its second version waits where its first one did not."""

    version = 1

    def __init__(self) -> None:
        self._ended = False

    @workflow.run
    async def run(self) -> None:
        if Changed.version == 1:
            await workflow.sleep(3600)
        await workflow.wait_condition(lambda: self._ended)

    @workflow.signal
    def end(self) -> None:
        self._ended = True


pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """One with little room."""
    async with shop_in(tmp_path_factory.mktemp("alerts"), worker_cache=2) as shop:
        yield shop


def set_schema(shop: Shop, version: str) -> str:
    """Have the database say that it is of another schema; what it said before."""
    with closing(sqlite3.connect(str(shop.db.url.database), timeout=30)) as books, books:
        [before] = books.execute("SELECT version_num FROM alembic_version").fetchone()
        books.execute("UPDATE alembic_version SET version_num = ?", (version,))
    return str(before)


async def refunded(shop: Shop) -> None:
    """Play a return to its end."""
    clock = TimeSkipper(shop.client, config=TimeSkippingConfig(enabled=False))
    story = Play(Stage(shop.homeward, clock, shop.db), make_request())
    await story.start()
    await story.receive()
    await story.graded()


def in_seconds(query: str) -> str:
    """As Grafana would ask, but about the last seconds."""
    return query.replace("$__rate_interval", "20s").replace("[1h]", "[1m]").replace("[1d]", "[1m]")


@asynccontextmanager
async def wedged(client: Client) -> AsyncIterator[None]:
    """A workflow whose code has changed under it, and a worker that tries it again and again."""
    queue = "changed-code"
    async with Worker(
        client,
        task_queue=queue,
        workflows=[Changed],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=0,
    ):
        handle = await client.start_workflow(Changed.run, id=queue, task_queue=queue)
        for _ in range(100):
            if (await handle.describe()).history_length >= 5:  # its timer has been started
                break
            await asyncio.sleep(0.1)
        Changed.version = 2
        await handle.signal(Changed.end)
        yield
        await handle.terminate()


async def test_faults_fire_their_alerts(shop: Shop) -> None:
    made = {
        "PolicyRefused",
        "CacheEvictions",
        "AttentionStorm",
        "ReturnOrphaned",
        "PartnerPausedLong",
        "RelayDown",
        "ReturnsWedged",
    }
    seen = Seen(shop.prometheus)
    await seen.until("ProcessDown", "QueueWithoutWorker")
    assert not seen.alerts & made

    shop.policy.write_text("version = ")
    carried, *_ = await begin(shop, 6)
    await begin(shop, 30, line2="fault:refused")
    await shop.client.get_workflow_handle(return_workflow_id(carried)).terminate("a stray one")
    await set_limit(shop.client, "payment", 0, "a test (sam)")
    await shop.client.get_workflow_handle(SIGN_INS.workflow_id).terminate("a stray one")
    async with wedged(shop.client):
        await seen.until(*made)
    assert "SchemaWrong" not in seen.alerts


async def test_every_query_of_the_dashboards_is_answered(shop: Shop) -> None:
    await set_limit(shop.client, "payment", None, "a test (sam)")
    for _ in range(2):  # what is there from the first look on has not grown
        await refunded(shop)
        await begin(shop, 1, line2="fault:down")
        await asyncio.sleep(2)
    asked = {
        (path.name, target["expr"])
        for path in GRAFANA.glob("*.json")
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
    }
    assert len(asked) > 40
    silent = asked
    for _ in range(40):
        silent = {one for one in silent if not await shop.prometheus.query(in_seconds(one[1]))}
        if {query for _, query in silent} <= ON_POSTGRESQL:
            break
        await asyncio.sleep(0.5)
    assert {query for _, query in silent} == ON_POSTGRESQL


async def test_another_schema_fires_and_so_does_the_end_of_all_measuring(shop: Shop) -> None:
    seen, right = Seen(shop.prometheus), set_schema(shop, "0001")
    await seen.until("SchemaWrong")
    set_schema(shop, right)
    await shop.end()
    await seen.until("FleetUnmeasured")
