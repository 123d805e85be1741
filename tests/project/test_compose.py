"""docker-compose.yml is well formed, and everything it names exists."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from starter.local.temporal_server import SEARCH_ATTRIBUTES
from workers.setting_values import Role
from workers.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
OPS = ROOT / "ops" / "temporal"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(COMPOSE.read_text())
    return loaded


def each_mount(compose: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, service in compose["services"].items():
        for mount in service.get("volumes", ()):
            yield name, mount.partition(":")[0]


def test_follows_the_compose_schema() -> None:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    command = [sys.executable, "-m", "check_jsonschema", *schema, str(COMPOSE)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_waits_only_for_services_that_exist_in_a_way_they_offer(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        for target, wait in service.get("depends_on", {}).items():
            assert target in services, f"{name} waits for {target}, which is no service"
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in services[target], f"{name} waits for the health of {target}"
            if wait["condition"] == "service_completed_successfully":
                assert services[target]["restart"].startswith("on-failure"), f"{target} never completes"


def test_no_circle_of_waiting(compose: dict[str, Any]) -> None:
    waits = {name: set(service.get("depends_on", {})) for name, service in compose["services"].items()}
    while waits:
        ready = {name for name, targets in waits.items() if not targets & waits.keys()}
        assert ready, f"these wait for each other: {sorted(waits)}"
        waits = {name: targets for name, targets in waits.items() if name not in ready}


def test_mounts_only_what_exists(compose: dict[str, Any]) -> None:
    for service, source in each_mount(compose):
        if source.startswith("."):
            assert (ROOT / source).is_file(), f"{service} mounts {source}, which is no file"
        else:
            assert source in compose["volumes"], f"{service} mounts {source}, which is not declared"


def test_every_declared_volume_is_used(compose: dict[str, Any]) -> None:
    assert set(compose["volumes"]) <= {source for _, source in each_mount(compose)}


def test_speaks_only_to_hosts_that_are_services(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        env = service.get("environment", {})
        named = [env.get("POSTGRES_SEEDS"), str(env.get("TEMPORAL_ADDRESS", "")).partition(":")[0] or None]
        for host in filter(None, named):
            assert host in compose["services"], f"{name} speaks to {host}"


def test_every_image_names_its_version(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert "build" in service or re.fullmatch(r"[\w./-]+:v?\d[\w.]*", service["image"]), name


def test_opens_ports_on_loopback_only(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), f"{name} opens {port} to the world"


def test_nobody_reaches_temporal_or_its_ui_from_the_host(compose: dict[str, Any]) -> None:
    """Neither asks for a key or a login: whoever reaches one of them can pay money."""
    services = compose["services"]
    assert "ui" in services["temporal-ui"]["profiles"]
    for name, service in services.items():
        assert "network_mode" not in service, name
        if service.get("image", "").startswith("temporalio/"):
            assert "ports" not in service, f"{name} opens {service['ports']}"


def test_what_has_no_business_outside_reaches_nothing_there(compose: dict[str, Any]) -> None:
    networks = compose["networks"]
    assert networks["inside"]["internal"] is True
    assert networks["host-only"]["driver_opts"] == {"com.docker.network.bridge.enable_ip_masquerade": "false"}
    outside = {name for name, service in compose["services"].items() if "default" in service["networks"]}
    partners = {"worker-carrier", "worker-payment", "worker-inventory", "worker-messages", "worker-support"}
    assert outside == {"api", *partners}
    for name, service in compose["services"].items():
        assert set(service["networks"]) <= {"inside", "host-only", "default"}, name
        assert "ports" not in service or {"host-only", "default"} & set(service["networks"]), name


def test_every_service_is_confined(compose: dict[str, Any]) -> None:
    """Temporal's UI writes its settings into its own root as it starts, and its image names its user."""
    for name, service in compose["services"].items():
        assert service["read_only"] is (name != "temporal-ui"), name
        assert name == "temporal-ui" or service["user"].partition(":")[0] not in ("0", "root"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["cpus"], name
        assert service["pids_limit"], name
        assert service["logging"]["options"]["max-size"], name


def test_each_role_has_a_worker_of_its_own(compose: dict[str, Any]) -> None:
    workers = {name: service for name, service in compose["services"].items() if name.startswith("worker-")}
    assert set(workers) == {f"worker-{role}" for role in Role}
    for name, service in workers.items():
        assert service["command"] == ["worker", "--role", name.removeprefix("worker-")]


def test_postgresql_can_tell_who_is_connected(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if "healthcheck" in service and service["image"] == "homeward":
            assert service["environment"]["HOMEWARD_DATABASE_APPLICATION_NAME"] == name


def test_every_secret_is_a_file_that_the_script_makes_and_somebody_needs(compose: dict[str, Any]) -> None:
    named = {secret for service in compose["services"].values() for secret in service.get("secrets", ())}
    assert named == set(compose["secrets"])
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    settings = {f"HOMEWARD_{field.upper()}" for field in Settings.model_fields}
    assert {name for name in named if name.startswith("HOMEWARD_")} <= settings


def _secrets() -> set[str]:
    """The settings whose values are kept out of sight; an agent's key belongs to whoever runs it."""
    found = {name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)}
    return {f"HOMEWARD_{name.upper()}" for name in found - {"agent_key"}}


def test_every_setting_can_be_given(compose: dict[str, Any]) -> None:
    """A secret is a file of its own; any other setting may stand in one file that all processes read."""
    ours = {name: service for name, service in compose["services"].items() if service["image"] == "homeward"}
    given = {name: set(service["secrets"]) | service["environment"].keys() for name, service in ours.items()}
    assert _secrets() - set().union(*given.values()) == set()
    # Refused where it is missing beside the address of a service of the shop's own, which stands in that file.
    beside_an_address = {f"HOMEWARD_{name}_SECRET" for name in ("MAILS", "REFUNDS", "STOCK")}
    for name, service in ours.items():
        assert beside_an_address <= given[name], name
        assert service["env_file"] == [{"path": "homeward.env", "required": False}], name


def test_who_makes_and_brings_events_knows_whom_they_go_to(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name in ("api", *(f"worker-{role}" for role in Role)):
        assert "HOMEWARD_SUBSCRIBERS" in services[name]["secrets"], name


def test_no_secret_stands_in_an_environment(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for variable, value in service.get("environment", {}).items():
            secret = re.search(r"PASSWORD|PWD|API_KEYS|_KEY$|SECRET", variable) and "SECRETS_DIR" not in variable
            assert not secret or value.startswith("/run/secrets/"), f"{name} has {variable}"


def test_every_setting_is_one_that_there_is(compose: dict[str, Any]) -> None:
    settings = {f"HOMEWARD_{field.upper()}" for field in Settings.model_fields}
    for name, service in compose["services"].items():
        if service["image"] == "homeward":
            ours = {one for one in service["environment"] if one.startswith("HOMEWARD_")}
            assert ours <= settings, name


def test_the_example_has_every_variable_of_the_file() -> None:
    asked = set(re.findall(r"\$\{(\w+):", COMPOSE.read_text()))
    given = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert given == asked | {"COMPOSE_PROFILES"}


def test_the_example_brings_up_every_profile(compose: dict[str, Any]) -> None:
    [named] = re.findall(r"^COMPOSE_PROFILES=(.+)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(named.split(",")) == {
        one for service in compose["services"].values() for one in service.get("profiles", ())
    }


def test_grafana_has_the_dashboards_and_where_they_ask(compose: dict[str, Any]) -> None:
    mounted = dict(mount.split(":")[:2] for mount in compose["services"]["grafana"]["volumes"] if mount.startswith("."))
    dashboards = {f"./ops/grafana/{path.name}" for path in (ROOT / "ops" / "grafana").glob("*.json")}
    provisioning = ROOT / "ops" / "grafana" / "provisioning"
    [provider] = YAML(typ="safe").load((provisioning / "dashboards.yml").read_text())["providers"]
    assert {mounted[source].rpartition("/")[0] for source in dashboards} == {provider["options"]["path"]}
    assert mounted["./ops/grafana/provisioning/dashboards.yml"].startswith("/etc/grafana/provisioning/dashboards/")
    assert mounted["./ops/grafana/provisioning/datasource.yml"].startswith("/etc/grafana/provisioning/datasources/")
    [source] = YAML(typ="safe").load((provisioning / "datasource.yml").read_text())["datasources"]
    assert (source["type"], source["url"], source["isDefault"]) == ("prometheus", "http://prometheus:9090", True)
    for path in dashboards:
        [variable] = json.loads((ROOT / path).read_text())["templating"]["list"]
        assert (variable["type"], variable["query"]) == ("datasource", "prometheus")


def test_nobody_serves_the_public_by_having_left_out_its_address() -> None:
    """Without it cookies are not kept to https, and a sandbox passes for the real payment provider."""
    [given] = re.findall(r"HOMEWARD_PUBLIC_URL: (.+)", COMPOSE.read_text())
    assert given.startswith("${HOMEWARD_PUBLIC_URL:?")


def test_temporal_and_homeward_have_a_database_role_each(compose: dict[str, Any]) -> None:
    used: dict[str, set[str]] = {}
    for name, service in compose["services"].items():
        for secret in service.get("secrets", ()):
            used.setdefault(secret, set()).add(name)
    ours = {name for name, service in compose["services"].items() if service["image"] == "homeward"}
    assert used["postgres_password"] == used["homeward_db_password"] == {"postgresql"}
    assert used["temporal_db_password"] == {"postgresql", "temporal", "temporal-schema"}
    assert used["HOMEWARD_DATABASE_URL"] == ours


async def test_the_api_believes_a_proxy_of_the_host_who_asks(compose: dict[str, Any]) -> None:
    """Else all visitors come from the bridge's own address, and count as one."""
    believed = compose["services"]["api"]["environment"]["FORWARDED_ALLOW_IPS"].partition(":-")[2].rstrip("}")
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", b"203.0.113.9")]
    for client in ("172.18.0.1", "192.168.16.1", "198.51.100.7"):
        scope = {"type": "http", "scheme": "http", "client": (client, 1), "headers": headers}
        await ProxyHeadersMiddleware(app, believed)(scope, None, None)  # type: ignore[arg-type]
    assert seen == ["203.0.113.9", "203.0.113.9", "198.51.100.7"]


@pytest.mark.parametrize("script", sorted((ROOT / "ops").rglob("*.sh")), ids=lambda script: script.name)
def test_job_scripts_are_valid_shell(script: Path) -> None:
    subprocess.run(["sh", "-n", str(script)], check=True, env={"PATH": os.environ["PATH"]})


def test_namespace_job_registers_every_search_attribute() -> None:
    lines = (OPS / "search_attributes.txt").read_text().splitlines()
    assert dict(line.split() for line in lines) == SEARCH_ATTRIBUTES


def test_namespace_job_finds_the_search_attributes_beside_it(compose: dict[str, Any]) -> None:
    mounts = [mount.split(":")[1] for mount in compose["services"]["temporal-namespace"]["volumes"]]
    assert {"/ops/namespace.sh", "/ops/search_attributes.txt"} <= set(mounts)
    assert '"$(dirname "$0")/search_attributes.txt"' in (OPS / "namespace.sh").read_text()


def test_dynamic_configuration_has_the_shape_the_server_reads() -> None:
    for key, values in YAML(typ="safe").load((OPS / "dynamicconfig.yaml").read_text()).items():
        assert re.fullmatch(r"[a-z]+\.\w+", key), key
        for value in values:
            assert set(value) <= {"value", "constraints"}, key
