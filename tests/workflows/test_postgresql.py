"""A plain return where PostgreSQL keeps everything."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from gateways.database.engine import Database
from lifecycle.messages import Grade, TrackingStatus
from starter.client import Homeward
from starter.demo.story import Stage
from starter.local import Place, Ready, up
from tests.gateways import postgresql
from tests.workflows.returns import Play, make_request
from workers.converter import CONVERTER
from workers.settings import Settings


@pytest.mark.parametrize("kind", postgresql.KINDS[1:])
async def test_a_return_comes_home(kind: str, tmp_path: Path) -> None:
    if not postgresql.present():
        pytest.fail(f"CI is set, and {', '.join(postgresql.BINARIES)} are not on PATH")
    with postgresql.cluster() as address:
        stop, announced = asyncio.Event(), asyncio.get_running_loop().create_future()
        settings = Settings(
            data_dir=tmp_path,
            database_url=f"{address}/postgres",
            policy=None,
            smtp_url=None,
            workflow_sandbox=True,
        )
        running = asyncio.create_task(
            up(settings, Place(tmp_path, temporal_port=0, ui_port=0, api_port=0), stop, announced.set_result)
        )
        await asyncio.wait({running, announced}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        try:
            await _plain_return(announced.result())
        finally:
            stop.set()
            await running


async def _plain_return(ready: Ready) -> None:
    client = await Client.connect(ready.temporal, data_converter=CONVERTER)
    database = Database(ready.database)
    clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    try:
        story = Play(Stage(Homeward(clock.client, database), clock, database), make_request())
        await story.start()
        await story.days(1)
        await story.scan(TrackingStatus.ACCEPTED)
        await story.receive()
        await story.inspect(Grade.A)
        await story.closed()
        await story.until_mails_are("sent")
        view = await story.view()
        assert (view.status, view.settlement.amount, view.settlement.paid[0].state) == ("refunded", 4000, "succeeded")
        assert await story.mails() == ["label_sent", "refunded"]
        assert await story.stock() == {("main", "A"): 1}
    finally:
        await database.dispose()
