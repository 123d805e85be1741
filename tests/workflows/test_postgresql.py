"""A plain return where PostgreSQL keeps everything."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from activities.reconciliation.reconciler import Reconciler
from gateways.database.tables.steps import effects
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.payment import SandboxPayments
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
            story = await _plain_return(stage)
            await _compared(stage, story.return_id)


async def _compared(stage: Stage, return_id: str) -> None:
    """With all that agrees there is nothing to find, and what does not is found."""
    db = stage.db
    refund = effects.c.key == f"return-{return_id}/refund-t1"
    for change, expected in ((None, []), (delete(effects).where(refund), ["refund_not_booked"])):
        if change is not None:
            await db.write(lambda connection, gone=change: connection.execute(gone))  # type: ignore[misc]
        with closing(Reconciler(stage.clock.client, db, SandboxPayments(db), SandboxCarrier(db))) as looking:
            found = await looking.findings(datetime.now(UTC) - timedelta(days=1), datetime.now(UTC))
        assert [(one.kind, one.return_id) for one in found] == [(kind, return_id) for kind in expected]


async def _plain_return(stage: Stage) -> Play:
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
    return story
