"""What docker-compose.yml runs in containers, run here without: no container engine is needed to know that it works."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
from ruamel.yaml import YAML
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client

from starter.local.temporal_server import SEARCH_ATTRIBUTES, TemporalServer, find_temporal, free_port
from tests.alerts.server import program, prometheus
from tests.gateways import postgresql

ROOT = Path(__file__).resolve().parents[2]
SERVICES: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())["services"]
WORKERS: Final = sorted(name for name in SERVICES if name.startswith("worker-"))
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


@dataclass
class Place:
    """What the file says of a service, with this machine's addresses, folders and free ports in the place of its own.

    Each service has those files of ``secrets`` that it names, and no others.
    """

    temporal: str
    secrets: Path
    ports: dict[str, str] = field(default_factory=dict)

    def environment(self, service: str) -> dict[str, str]:
        """All that the service gets; ``.env`` is as in the example."""
        mine = self.secrets.parent / service
        mine.mkdir(exist_ok=True)
        for name in SERVICES[service]["secrets"]:
            shutil.copy(self.secrets / name, mine)
        self.ports[service] = str(free_port())
        given = {name: _resolved(value) for name, value in SERVICES[service]["environment"].items()}
        told = json.dumps(given).replace("temporal:7233", self.temporal).replace("/run/secrets", str(mine))
        here = {"PATH": "", "HOMEWARD_HEALTH_PORT": self.ports[service], "HOMEWARD_HEALTH_HOST": "127.0.0.1"}
        mapped: dict[str, str] = json.loads(told)
        return mapped | here | {"HOMEWARD_API_PORT": str(free_port())}

    def address(self, service: str, path: str) -> str:
        """Of its health address."""
        return f"http://127.0.0.1:{self.ports[service]}{path}"

    async def run(self, service: str) -> None:
        """Run a job to its end."""
        await said([*HOMEWARD, *SERVICES[service]["command"]], self.environment(service))

    @contextmanager
    def serving(self, service: str, *options: str) -> Iterator[dict[str, str]]:
        """Run the service's own command until the block is left; what it was given."""
        command, given = [*HOMEWARD, *SERVICES[service]["command"], *options], self.environment(service)
        process = subprocess.Popen(command, cwd=ROOT, env=given, stderr=subprocess.DEVNULL)
        try:
            yield given
            assert process.poll() is None, service
        finally:
            process.terminate()
            process.wait(30)

    async def healthy(self, service: str) -> bool:
        """Whether the service's own health check says so, within a minute."""
        _, *check = SERVICES[service]["healthcheck"]["test"]
        assert check[0] == "python"
        inside = SERVICES[service]["environment"]["HOMEWARD_HEALTH_PORT"]
        here = [sys.executable, *(word.replace(f":{inside}/", f":{self.ports[service]}/") for word in check[1:])]
        for _ in range(120):
            done = await asyncio.create_subprocess_exec(*here, stderr=subprocess.DEVNULL)
            if await done.wait() == 0:
                return True
            await asyncio.sleep(0.5)
        return False


def _resolved(value: str) -> str:
    """As Docker reads it, with the variables of the example."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))
    return re.sub(r"\$\{(\w+):[-?]([^}]*)\}", lambda found: named[found[1]] or found[2], value)


def _make_secrets(folder: Path) -> Path:
    subprocess.run(["sh", str(ROOT / "ops" / "compose" / "secrets.sh"), str(folder / "secrets")], check=True)
    return folder / "secrets"


def test_secrets_are_made_once_and_only_their_owner_comes_to_them(tmp_path: Path) -> None:
    secrets = _make_secrets(tmp_path)
    made = {path.name: path.read_text() for path in secrets.iterdir()}
    assert secrets.stat().st_mode & 0o077 == 0
    assert {name for service in SERVICES.values() for name in service.get("secrets", ())} == made.keys()
    assert made["homeward_db_password"] in made["HOMEWARD_DATABASE_URL"]
    (secrets / "HOMEWARD_STRIPE_KEY").write_text("sk_live_1")
    assert {path.name: path.read_text() for path in _make_secrets(tmp_path).iterdir()} == made | {
        "HOMEWARD_STRIPE_KEY": "sk_live_1"
    }


@pytest.mark.long
async def test_database_worker_and_api_run_by_their_own_commands_until_they_are_ready(
    temporal: str, tmp_path: Path
) -> None:
    await job(temporal, "default")
    place = Place(temporal, _make_secrets(tmp_path))
    (place.secrets / "HOMEWARD_DATABASE_URL").write_text(f"sqlite:///{tmp_path}/homeward.db")
    await place.run("database")
    with place.serving("worker-returns"), place.serving("api"):
        assert await place.healthy("worker-returns")
        assert await place.healthy("api")


def _has_roles(server: str, secrets: Path) -> None:
    """Have PostgreSQL run the script that it runs with its first start, and Homeward find it here."""
    where = urlsplit(server)
    files = {name: str(secrets / Path(path).name) for name, path in SERVICES["postgresql"]["environment"].items()}
    environment = {"PATH": os.environ["PATH"], "PGHOST": str(where.hostname), "PGPORT": str(where.port), **files}
    script = ["sh", str(ROOT / "ops" / "postgresql" / "roles.sh")]
    subprocess.run(script, check=True, capture_output=True, env=environment)
    url = secrets / "HOMEWARD_DATABASE_URL"
    url.write_text(url.read_text().replace("@postgresql:5432/", f"@{where.hostname}:{where.port}/"))


@pytest.mark.long
async def test_a_return_goes_home_through_all_services_encrypted_and_prometheus_sees_them(
    temporal: str, tmp_path: Path
) -> None:
    await job(temporal, "default")
    place = Place(temporal, _make_secrets(tmp_path))
    [shop, _, _, reads] = [key["key"] for key in json.loads((place.secrets / "HOMEWARD_API_KEYS").read_text())]
    with postgresql.cluster() as server, ExitStack() as running:
        _has_roles(server, place.secrets)
        await place.run("database")
        given = {service: running.enter_context(place.serving(service)) for service in WORKERS}
        api = running.enter_context(place.serving("api"))
        port = str(free_port())
        running.enter_context(place.serving("codec", "--port", port))
        serving = [*WORKERS, "api", "codec"]
        assert all([await place.healthy(service) for service in serving])

        # As `docker compose exec worker-messages homeward start` would.
        start = ("start", "examples/refund.json", "--delivered-days-ago", "4", "--json")
        begun = json.loads(await said([*HOMEWARD, *start], given["worker-messages"]))["return_id"]
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {shop}"}, timeout=30) as asking:
            at = f"http://127.0.0.1:{api['HOMEWARD_API_PORT']}/v1/returns/{begun}"
            assert await _reaches(asking, at, "label_sent")
        name = json.loads((ROOT / "examples" / "refund.json").read_text())["order"]["customer"]["name"]
        shown = [find_temporal(), "workflow", "show", "-w", f"return-{begun}", "--address", temporal, "-o", "json"]
        decoding = ["--codec-endpoint", f"http://127.0.0.1:{port}", "--codec-auth", f"Bearer {reads}"]
        assert name not in await _input(shown)
        assert name in await _input([*shown, *decoding])

        async with prometheus(tmp_path, [f"127.0.0.1:{place.ports[service]}" for service in serving]) as looking:
            assert await _answers(looking.query, 'count(up{job="homeward"} == 1) == 8')


async def _reaches(asking: httpx.AsyncClient, address: str, status: str) -> bool:
    for _ in range(100):
        if (await asking.get(address)).json()["status"] == status:
            return True
        await asyncio.sleep(0.2)
    return False


async def _input(command: list[str]) -> str:
    """What the workflow was started with, as the command line shows it."""
    [event, *_] = json.loads(await said(command, dict(os.environ)))["events"]
    [given] = event["workflowExecutionStartedEventAttributes"]["input"]["payloads"]
    return b64decode(given["data"]).decode("utf-8", "replace")


async def _answers(query: Any, asked: str) -> bool:
    for _ in range(60):
        if await query(asked):
            return True
        await asyncio.sleep(0.5)
    return False


def test_prometheus_asks_every_service_that_has_a_health_address() -> None:
    settings: Mapping[str, Any] = YAML(typ="safe").load((ROOT / "ops" / "prometheus" / "compose.yml").read_text())
    [scraped] = settings["scrape_configs"]
    [targets] = [one["targets"] for one in scraped["static_configs"]]
    known = [name for name, one in SERVICES.items() if "HOMEWARD_HEALTH_PORT" in one.get("environment", {})]
    assert targets == [f"{name}:9464" for name in known if "healthcheck" in SERVICES[name]]
    check = [program("promtool"), "check", "config", str(ROOT / "ops" / "prometheus" / "compose.yml")]
    subprocess.run(check, check=True, capture_output=True)
