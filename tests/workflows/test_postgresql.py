"""A plain return where PostgreSQL keeps everything."""

from pathlib import Path

import pytest

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, running
from tests.gateways import postgresql
from tests.workflows.returns.play import Play, make_request
from workers.settings import Settings


@pytest.mark.parametrize("kind", postgresql.KINDS[1:])
async def test_a_return_comes_home(kind: str, tmp_path: Path) -> None:
    if not postgresql.present():
        pytest.fail(f"CI is set, and {', '.join(postgresql.BINARIES)} are not on PATH")
    with postgresql.cluster() as address:
        settings = Settings(
            data_dir=tmp_path,
            database_url=f"{address}/postgres",
            policy=None,
            smtp_url=None,
            workflow_sandbox=True,
        )
        place = Place(tmp_path, temporal_port=0, ui_port=0, api_port=0)
        async with running(settings, place) as ready, stage_at(ready) as stage:
            await _plain_return(stage)


async def _plain_return(stage: Stage) -> None:
    story = Play(stage, make_request())
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
