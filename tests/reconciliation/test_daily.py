"""The comparison that Temporal begins each night: what it finds is kept, told by the doctor, and mailed once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select
from temporalio.service import RPCError

from gateways.database.engine import rows_of
from gateways.database.reconciliation import findings
from gateways.database.tables.messages import outbox
from gateways.database.tables.steps import effects
from starter.demo.story import Stage
from starter.doctor.books import _compared
from tests.reconciliation.test_reconcile import Plays, _refunded
from workers.daily import RECONCILIATION, keep_scheduled


async def _made(stage: Stage) -> datetime:
    """Have the schedule begin one now, and wait for its end; when it was made."""
    before = (await findings.counted(stage.db))[1]
    schedule = stage.clock.client.get_schedule_handle(RECONCILIATION)
    for _ in range(300):
        if not (await schedule.describe()).info.running_actions:
            break
        await asyncio.sleep(0.1)  # one that still writes its mail has others left out
    await schedule.trigger()
    for _ in range(300):
        at = (await findings.counted(stage.db))[1]
        if at is not None and at != before:
            return at
        await asyncio.sleep(0.1)
    raise TimeoutError("the comparison was never made")


async def _mails(stage: Stage) -> list[str]:
    rows = await rows_of(stage.db, select(outbox.c.text).where(outbox.c.template == "reconciled"))
    return [row["text"] for row in rows]


async def test_what_is_found_is_kept_and_told_once(play: Plays, stage: Stage) -> None:
    await _made(stage)
    mails = len(await _mails(stage))
    story = play()
    await _refunded(story)
    gone = delete(effects).where(effects.c.key == f"return-{story.return_id}/refund-t1")
    await stage.db.write(lambda connection: connection.execute(gone))
    for _ in range(2):
        at = await _made(stage)
    kinds, _ = await findings.counted(stage.db)
    assert kinds["refund_not_booked"] >= 1
    new = (await _mails(stage))[mails:]
    assert len(new) == 1
    assert f"{story.return_id}, refund_not_booked" in new[0]
    told = await _compared(stage.db, at)
    assert (told.state, "refund_not_booked: " in told.text) == ("warning", True)


async def test_the_doctor_says_when_it_was_not_made(stage: Stage) -> None:
    await stage.db.write(lambda connection: findings.keep(connection, [], datetime.now(UTC)))
    now = datetime.now(UTC)
    assert (await _compared(stage.db, now)).state == "ok"
    assert (await _compared(stage.db, now + timedelta(hours=27))).state == "warning"


async def test_a_schedule_that_was_deleted_is_made_again_and_one_that_is_paused_stays_so(stage: Stage) -> None:
    client = stage.clock.client
    handle = client.get_schedule_handle(RECONCILIATION)
    await handle.pause()
    await keep_scheduled(client)
    assert (await handle.describe()).schedule.state.paused
    await handle.delete()
    with pytest.raises(RPCError):
        await handle.describe()
    await keep_scheduled(client)
    assert not (await handle.describe()).schedule.state.paused
