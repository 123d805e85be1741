"""A proxy as it comes, before a Homeward without keys: what docs/api.md says of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from starter.cli.main import main
from starter.local.temporal_server import free_port
from starter.local.up import Ready
from tests.api.process import api_process
from tests.proxy.fronts import SHOP, Proxy, front, nginx, running

API_PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
#: What a keyless server cannot do, in the words of docs/api.md.
SAID = "That is no wall: a proxy that says nothing cannot be distinguished from a caller on this machine."
STOCK = "server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {homeward}; }} }}"


def test_the_docs_say_so() -> None:
    assert SAID in " ".join(API_PAGE.read_text().split())


@pytest.fixture(scope="module")
async def keyless(ready: Ready) -> AsyncIterator[str]:
    """Where a Homeward without keys listens."""
    async with api_process(ready, "--without-keys", HOMEWARD_API_KEYS="") as address:
        yield address


async def test_behind_a_stock_proxy_whoever_asks_is_taken_for_this_machine(keyless: str, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    port = free_port()
    command = nginx(tmp_path, STOCK.format(port=port, homeward=keyless))
    async with running(command, tmp_path, port), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        answer = await client.get("/v1/returns", headers={"Host": SHOP})
        assert answer.status_code == 200  # so it has to be asked for by name, below


async def test_behind_the_sample_nobody_is(keyless: str, proxy: Proxy, tmp_path: Path) -> None:
    async with front(proxy, tmp_path, keyless) as before, before.colleague() as client:
        assert (await client.get("/v1/returns")).status_code == 401
        assert (await client.get("/warehouse/sign-in")).status_code == 403


def test_without_keys_it_starts_only_when_that_is_typed_and_never_with_a_public_address() -> None:
    environment = {"HOMEWARD_API_KEYS": "", "HOMEWARD_SANDBOX": "1"}
    refused = CliRunner().invoke(main, ["api"], env=environment)
    assert refused.exit_code == 2
    assert "HOMEWARD_API_KEYS: expected keys, or the option --without-keys" in refused.stderr
    public = environment | {"HOMEWARD_PUBLIC_URL": f"https://{SHOP}"}
    refused = CliRunner().invoke(main, ["api", "--without-keys"], env=public)
    assert refused.exit_code == 2
    assert "HOMEWARD_API_KEYS: expected keys, as HOMEWARD_PUBLIC_URL is a public address" in refused.stderr
