import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from click.testing import CliRunner

from starter.cli.main import main
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, Ready, running
from tests.workflows.partners.shop import MANY, OVER, Command, Crowded
from workers.setting_values import Role
from workers.settings import Settings


@pytest.fixture(scope="package")
def easypost_server() -> Iterator[Crowded]:
    stand_in = Crowded()
    with stand_in.running():
        yield stand_in


@pytest.fixture
def easypost(easypost_server: Crowded) -> Crowded:
    """EasyPost, well."""
    easypost_server.faults.clear()
    easypost_server.refused = easypost_server.crowd = None
    return easypost_server


@pytest.fixture(scope="package")
async def shop(easypost_server: Crowded, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """`homeward up` with EasyPost's stand-in."""
    place = Place(tmp_path_factory.mktemp("partners"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(
        data_dir=Path(place.data_dir),
        easypost_key="EZTK1",
        easypost_url=f"{easypost_server.url}/v2",
        worker_steps_by_role={Role.CARRIER: MANY},
    )
    # Else into what a command prints meanwhile.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))
    async with running(settings, place) as ready:
        yield ready
    structlog.reset_defaults()


@pytest.fixture
async def stage(shop: Ready) -> AsyncIterator[Stage]:
    async with stage_at(shop) as stage:
        yield stage


@pytest.fixture
async def api(shop: Ready) -> AsyncIterator[httpx.AsyncClient]:
    """Whatever a test changes is reset after it."""
    async with httpx.AsyncClient(base_url=shop.api, timeout=30) as client:
        yield client
        assert (await client.post("/v1/partners/carrier/retries/reset", json=OVER)).status_code == 200


@pytest.fixture
def command(shop: Ready, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The commands of an operator."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", shop.temporal)
    monkeypatch.setenv("HOMEWARD_DATABASE_URL", shop.database)

    async def run(*arguments: str) -> Any:
        result = await asyncio.to_thread(CliRunner().invoke, main, [*arguments, "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run
