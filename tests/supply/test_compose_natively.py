"""What docker-compose.yml runs in containers, run here without: no container engine is needed to know that it works."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client

from starter.local.temporal_server import SEARCH_ATTRIBUTES, TemporalServer, find_temporal, free_port

ROOT = Path(__file__).resolve().parents[2]
SERVICES: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())["services"]
HOMEWARD = [sys.executable, "-c", "from starter.cli.main import main; main(prog_name='homeward')"]


@pytest.fixture(scope="module")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    server = TemporalServer(tmp_path_factory.mktemp("temporal"))
    await server.start()
    try:
        yield server.address
    finally:
        await server.stop()


async def said(command: list[str], environment: dict[str, str]) -> str:
    """What a command prints that ends well."""
    done = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    printed, _ = await done.communicate()
    assert done.returncode == 0, command
    return printed.decode()


async def job(temporal: str, namespace: str) -> None:
    """Run what the service temporal-namespace does, as often as it likes."""
    script = ROOT / "ops" / "temporal" / "namespace.sh"
    assert SERVICES["temporal-namespace"]["entrypoint"][1] == f"/ops/{script.name}"
    path = f"{Path(find_temporal()).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "TEMPORAL_ADDRESS": temporal, "TEMPORAL_NAMESPACE": namespace}
    await said(["sh", str(script)], environment)


async def retention(temporal: str, namespace: str) -> timedelta:
    """How long it keeps closed workflows."""
    client = await Client.connect(temporal)
    found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def test_the_namespace_job_makes_a_namespace_and_its_search_attributes(temporal: str) -> None:
    await job(temporal, "made")
    await job(temporal, "made")
    assert await retention(temporal, "made") == timedelta(days=30)
    listed = [find_temporal(), "operator", "search-attribute", "list", "--namespace", "made", "--address", temporal]
    assert set(SEARCH_ATTRIBUTES) <= set((await said(listed, dict(os.environ))).split())


@pytest.mark.parametrize(("days", "kept"), [(1, 30), (90, 90)])
async def test_the_namespace_job_lengthens_a_retention_and_never_shortens_it(
    temporal: str, days: int, kept: int
) -> None:
    request = RegisterNamespaceRequest(namespace=f"kept-{days}")
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=days))
    await (await Client.connect(temporal)).workflow_service.register_namespace(request)
    await job(temporal, f"kept-{days}")
    assert await retention(temporal, f"kept-{days}") == timedelta(days=kept)


@contextmanager
def serving(service: str, environment: dict[str, str]) -> Iterator[None]:
    """Run the service's own command until the block is left."""
    command = [*HOMEWARD, *SERVICES[service]["command"]]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(30)


async def healthy(service: str, port: str) -> bool:
    """Whether the service's own health check says so, within a minute."""
    _, *check = SERVICES[service]["healthcheck"]["test"]
    assert check[0] == "python"
    inside = SERVICES[service]["environment"]["HOMEWARD_HEALTH_PORT"]
    here = [sys.executable, *(word.replace(f":{inside}/", f":{port}/") for word in check[1:])]
    for _ in range(120):
        done = await asyncio.create_subprocess_exec(*here, stderr=subprocess.DEVNULL)
        if await done.wait() == 0:
            return True
        await asyncio.sleep(0.5)
    return False


async def test_database_worker_and_api_run_by_their_own_commands_until_they_are_ready(
    temporal: str, tmp_path: Path
) -> None:
    await job(temporal, "default")
    keys = '[{"name": "shop", "key": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "scopes": ["start", "read"]}]'
    environment = {
        "PATH": "",
        "HOMEWARD_DATA_DIR": str(tmp_path),
        "TEMPORAL_ADDRESS": temporal,
        "TEMPORAL_NAMESPACE": SERVICES["worker"]["environment"]["TEMPORAL_NAMESPACE"],
        "HOMEWARD_PUBLIC_URL": "http://127.0.0.1:8000",
        "HOMEWARD_API_KEYS": keys,
        "HOMEWARD_API_PORT": str(free_port()),
    }
    upgrade = [*HOMEWARD, *SERVICES["database"]["command"]]
    await said(upgrade, environment)
    worker, api = str(free_port()), str(free_port())
    with (
        serving("worker", environment | {"HOMEWARD_HEALTH_PORT": worker}),
        serving("api", environment | {"HOMEWARD_HEALTH_PORT": api}),
    ):
        assert await healthy("worker", worker)
        assert await healthy("api", api)
