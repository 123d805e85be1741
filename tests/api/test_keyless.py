"""Without keys it is for this machine alone, and nobody gets there unawares."""

import asyncio
from pathlib import Path

import httpx
import pytest
import structlog
from click.testing import CliRunner

from gateways.database.engine import Database
from starter.cli.main import main
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.portal.shared.texts import t
from starter.shared.services import services_of
from starter.web.server import WebServer
from tests.api.conftest import Serve, settings_of

KEYS = '[{"key": "a-key-of-the-tests", "scopes": ["operate"]}]'
PAGES = ("/", "/help", "/nothing", "/warehouse/sign-in")


@pytest.mark.parametrize("command", [("up",), ("api", "--without-keys")])
@pytest.mark.parametrize("address", ["https://returns.shop.example", "http://192.168.1.7:8000"])
def test_a_public_address_needs_keys(
    command: tuple[str, ...], address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOMEWARD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HOMEWARD_PUBLIC_URL", address)
    monkeypatch.setenv("HOMEWARD_SANDBOX", "1")
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "HOMEWARD_API_KEYS: expected keys, as HOMEWARD_PUBLIC_URL is a public address" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_worker_needs_none_to_write_public_links(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOMEWARD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HOMEWARD_PUBLIC_URL", "https://returns.shop.example")
    monkeypatch.setenv("HOMEWARD_SANDBOX", "1")
    result = CliRunner().invoke(main, ["worker"])
    assert result.exit_code == 1
    assert "run `homeward db upgrade`" in result.stderr


@pytest.mark.parametrize(
    ("keys", "options", "told"),
    [
        ("", (), "HOMEWARD_API_KEYS: expected keys, or the option --without-keys"),
        (KEYS, ("--without-keys",), "HOMEWARD_API_KEYS: expected none beside --without-keys"),
    ],
)
def test_the_api_asks_for_keys_or_for_the_word(
    keys: str, options: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOMEWARD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HOMEWARD_API_KEYS", keys)
    result = CliRunner().invoke(main, ["api", *options])
    assert result.exit_code == 2
    assert told in result.stderr


async def test_a_server_without_keys_says_so_in_its_log(ready: Ready, stage: Stage) -> None:
    database, stop = Database(ready.database), asyncio.Event()
    stop.set()
    for keys, said in (([], 1), ([{"key": "a-key-of-the-tests", "scopes": ["read"]}], 0)):
        web = WebServer("127.0.0.1", 0)
        with structlog.testing.capture_logs() as lines:
            await web.serve(services_of(settings_of(api_keys=keys), stage.clock.client, database), stop)
        web.close()
        assert [line["log_level"] for line in lines if "no API keys are set" in line["event"]] == ["warning"] * said
    await database.dispose()


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_says_so_at_its_foot(serve: Serve, path: str) -> None:
    assert t("base.keyless") in (await serve().get(path)).text
    with_keys = serve(api_keys=[{"key": "a-key-of-the-tests", "scopes": ["operate"]}])
    assert t("base.keyless") not in (await with_keys.get(path)).text


@pytest.mark.parametrize("header", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"])
async def test_what_a_proxy_says_that_it_passed_on_is_not_taken(api: httpx.AsyncClient, header: str) -> None:
    for path in ("/v1/returns", "/warehouse/sign-in"):
        assert (await api.get(path, headers={header: "1.1 shop"})).status_code in (401, 403)


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:9999", 200),
        ("http://localhost", 200),
        ("http://[::1]:8000", 200),
        ("https://evil.example", 401),
        ("http://localhost.evil.example", 401),
        ("http://localhost:evil.example", 401),
        ("null", 401),
        ("", 401),
    ],
)
async def test_a_page_of_another_site_calls_nothing(api: httpx.AsyncClient, origin: str, status: int) -> None:
    assert (await api.get("/v1/returns", headers={"Origin": origin})).status_code == status


@pytest.mark.parametrize("host", ["localhost:evil", "127.0.0.1:", "localhost:80.evil.example", "[::1]:x"])
async def test_a_loopback_name_with_something_behind_it_is_none(api: httpx.AsyncClient, host: str) -> None:
    assert (await api.get("/v1/returns", headers={"Host": host})).status_code in (400, 401)
