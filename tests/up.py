"""One real server, one database, real workers, for all tests that need them; time passes per return."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from gateways.database.engine import Database
from starter.client import Homeward
from starter.demo.story import Stage
from starter.local import Place, Ready, up
from starter.web import doors
from tests.workflows.returns import Play, make_request
from workers.converter import CONVERTER
from workers.settings import Settings

#: An answer may take longer than callers usually wait: the machine is shared with other servers, and browsers.
PATIENCE: Final = timedelta(seconds=60)


@pytest.fixture(scope="session")
async def ready(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """`homeward up`, in this process; steps give up after a few seconds."""
    place = Place(tmp_path_factory.mktemp("up"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(
        data_dir=Path(place.data_dir),
        database_url=None,
        policy=Path(__file__).parent.parent / "examples" / "policy.toml",
        smtp_url=None,
        give_up_after_seconds=3,
        workflow_sandbox=True,
    )
    stop, announced = asyncio.Event(), asyncio.get_running_loop().create_future()
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(doors, "PATIENCE", PATIENCE)
        running = asyncio.create_task(up(settings, place, stop, announced.set_result))
        await asyncio.wait({running, announced}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    yield announced.result()
    stop.set()
    await running


@pytest.fixture(scope="session")
async def stage(ready: Ready) -> AsyncIterator[Stage]:
    """The client, the clock and the database."""
    client = await Client.connect(ready.temporal, data_converter=CONVERTER)
    database = Database(ready.database)
    clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    yield Stage(Homeward(clock.client, database, PATIENCE), clock, database)
    await database.dispose()


@pytest.fixture
def play(stage: Stage) -> Callable[..., Play]:
    """Make a return of its own; keywords change its request, see ``make_request``."""

    def make(**changes: object) -> Play:
        return Play(stage, make_request(**changes))

    return make
