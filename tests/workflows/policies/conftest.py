"""One more real server, whose policy file the tests change between the returns."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from gateways.database.engine import Database
from starter.client import Homeward
from starter.demo.story import Stage
from starter.local import Place, Ready, up
from tests.workflows.policies.shop import Shop
from workers.converter import CONVERTER
from workers.settings import Settings


@pytest.fixture(scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """`homeward up` with a policy file."""
    place = Place(tmp_path_factory.mktemp("shop"), temporal_port=0, ui_port=0, api_port=0)
    path = Path(place.data_dir) / "policy.toml"
    path.write_text("")
    settings = Settings(data_dir=Path(place.data_dir), policy=path, give_up_after_seconds=3, workflow_sandbox=True)
    stop, announced = asyncio.Event(), asyncio.get_running_loop().create_future()
    running = asyncio.create_task(up(settings, place, stop, announced.set_result))
    await asyncio.wait({running, announced}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    ready: Ready = announced.result()
    client = await Client.connect(ready.temporal, data_converter=CONVERTER)
    database = Database(ready.database)
    clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    yield Shop(Stage(Homeward(clock.client, database), clock, database), path)
    await database.dispose()
    stop.set()
    await running
