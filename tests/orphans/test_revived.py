"""A return that lost its workflow goes on from what is known of it, once, whoever has it go on and how often."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from client.errors import Closed, NotAllowed, UnknownReturn
from client.orphans.revival import last_task
from gateways.database.returns.records import get_return
from gateways.database.tables.returns import claims
from gateways.sandbox.tables import sandbox_refunds, sandbox_shipments
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Cancel, Release, TrackingStatus
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.repairs.messages import DiagnosisOutcome
from starter.demo.story import Stage
from tests.orphans.conftest import LOSSES, Invoke, delete, json_of, terminate, until_known
from tests.workflows.returns.play import Play, make_request

Plays = Callable[..., Play]


async def _refunds(stage: Stage, story: Play) -> list[int]:
    """What the provider has paid back."""
    table = sandbox_refunds
    mine = select(table.c.amount).where(table.c.key.startswith(f"return-{story.return_id}/"))
    return await stage.db.read(lambda connection: list(connection.execute(mine).scalars()))


async def _labels(stage: Stage, story: Play) -> int:
    table = sandbox_shipments
    mine = select(func.count()).where(table.c.return_id == story.return_id)
    return await stage.db.read(lambda connection: int(connection.execute(mine).scalar_one()))


async def _once(stage: Stage, story: Play, amount: int) -> None:
    """It came home, and everything happened once."""
    await story.closed()
    view = await story.view()
    assert (view.status, view.closed, view.attention) == (Status.REFUNDED, True, None)
    assert [paid.amount for paid in view.settlement.paid] == [amount]
    assert await _refunds(stage, story) == [amount]
    assert await _labels(stage, story) == 1
    assert await story.stock() == {("main", "A"): 1}
    mails = await story.mails()
    assert (mails.count("label_sent"), mails.count("refunded")) == (1, 1)


@pytest.mark.parametrize("loss", LOSSES)
async def test_it_goes_on_after_the_label(loss: str, play: Plays, stage: Stage, call: Invoke) -> None:
    story = play()
    await story.start()
    code, by = (await story.view()).handover.tracking_code, (await story.view()).deadlines.ship_by
    await LOSSES[loss](story)
    await until_known(stage, story.return_id)
    assert json_of(await call("revive", story.return_id, "--json"))["attention"] is None
    view = await story.until(Status.LABEL_SENT)
    assert (view.handover.tracking_code, view.deadlines.ship_by) == (code, by)
    await until_known(stage, story.return_id, there=False)
    await story.receive()
    await story.inspect()
    await _once(stage, story, 4000)


@pytest.mark.parametrize("loss", LOSSES)
async def test_a_receipt_is_not_lost(loss: str, play: Plays, stage: Stage, api: httpx.AsyncClient) -> None:
    story = play()
    await story.start()
    await story.receive()
    await story.until_effect("receive")
    before = await story.view()
    await LOSSES[loss](story)
    revived = await api.post(f"/v1/returns/{story.return_id}/revive")
    assert revived.status_code == 200
    await story.until(Status.RECEIVED)
    view = await story.view()
    assert (view.deadlines.target, view.deadlines.limit) == (before.deadlines.target, before.deadlines.limit)
    assert view.units == before.units
    await story.inspect()
    await _once(stage, story, 4000)


@pytest.mark.parametrize("loss", LOSSES)
async def test_a_verdict_is_not_lost(loss: str, play: Plays, stage: Stage) -> None:
    story = play(tender=f"pi_{id(loss)}{loss} fault:down", items=[{"line_id": "1", "quantity": 2, "reason": "other"}])
    await story.start()
    await story.receive()
    await story.inspect(Grade.C, Grade.D)
    await story.attention("refund")
    await story.until_effect("restock")
    before = await story.view()
    await LOSSES[loss](story)
    await stage.homeward.revive(story.return_id)
    view = await story.attention("refund")
    assert [(unit.grade, unit.disposition) for unit in view.units] == [("C", "refurbish"), ("D", "recycle")]
    assert view.settlement.amount == before.settlement.amount
    await story.mark_done("by hand")
    await story.closed()
    assert (await story.view()).status is Status.REFUNDED


@pytest.mark.parametrize("loss", LOSSES)
async def test_what_was_paid_is_not_paid_again(loss: str, play: Plays, stage: Stage) -> None:
    story = play(tender=f"pi_{id(loss)}{loss} fault:pending")
    await story.start()
    await story.receive()
    await story.inspect()
    await story.until_paid("pending")
    await story.until_effect("restock")
    await LOSSES[loss](story)
    await stage.homeward.revive(story.return_id)
    await story.until_paid("pending")
    assert await _refunds(stage, story) == [4000]
    assert len((await story.view()).settlement.paid) == 1


@pytest.mark.parametrize("loss", LOSSES)
async def test_a_change_an_approval_and_a_partial_receipt_are_not_lost(loss: str, play: Plays, stage: Stage) -> None:
    lines = [{"line_id": "1", "sku": f"BIG-{loss}", "quantity": 2, "unit_price": 40_000}]
    story = play(lines=lines, items=[{"line_id": "1", "quantity": 2, "reason": "unwanted"}])
    await story.start(until=Status.IN_REVIEW)
    await story.approve()
    await story.until(Status.LABEL_SENT)
    await story.change(resolution=Resolution.STORE_CREDIT)
    await story.approve()
    await story.receive(1, complete=False)
    await story.until_effect("receive")
    await LOSSES[loss](story)
    await stage.homeward.revive(story.return_id)
    view = await story.until(Status.PARTIALLY_RECEIVED)
    assert view.settlement.resolution is Resolution.STORE_CREDIT
    assert [unit.reception.value for unit in view.units].count("received") == 1


@pytest.mark.parametrize("loss", LOSSES)
async def test_two_operators_at_once_and_again_later_revive_it_once(loss: str, play: Plays, stage: Stage) -> None:
    story = play()
    await story.start()
    await LOSSES[loss](story)
    answers = await asyncio.gather(*(stage.homeward.revive(story.return_id) for _ in range(4)))
    assert {answer.return_id for answer in answers} == {story.return_id}
    run = (await story.handle.describe()).run_id
    await stage.homeward.revive(story.return_id)
    assert (await story.handle.describe()).run_id == run
    await story.receive()
    await story.inspect()
    await _once(stage, story, 4000)
    assert (await stage.homeward.revive(story.return_id)).status is Status.REFUNDED


async def test_lost_twice_it_is_revived_twice(play: Plays, stage: Stage) -> None:
    story = play()
    await story.start()
    await terminate(story)
    await stage.homeward.revive(story.return_id)
    await story.receive()
    await story.until_effect("receive")
    await delete(story)
    await stage.homeward.revive(story.return_id)
    await story.until(Status.RECEIVED)
    await story.inspect()
    await _once(stage, story, 4000)


async def test_one_in_review_is_revived_again_and_again(play: Plays, stage: Stage) -> None:
    dear = [{"line_id": "1", "sku": "WATCH", "quantity": 1, "unit_price": 900000}]
    stories = [play(lines=dear) for _ in range(4)]
    for story in stories:
        await story.start(Status.IN_REVIEW)
        for _ in range(3):
            await terminate(story)
            await stage.homeward.revive(story.return_id)
            await story.until(Status.IN_REVIEW)
        await story.approve()
        await story.until(Status.LABEL_SENT)


TASK = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
ACCEPTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
ANSWERED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED


@pytest.mark.parametrize(
    ("history", "task"),
    [
        ([(4, TASK), (5, ACCEPTED), (6, ANSWERED, 5), (9, TASK)], 9),
        ([(4, TASK), (5, ACCEPTED), (9, TASK), (10, ANSWERED, 5)], 4),
        ([(4, TASK), (5, ACCEPTED), (9, TASK), (10, ANSWERED, 5), (14, TASK)], 14),
        ([(4, TASK), (5, ACCEPTED), (9, TASK), (12, TASK)], 4),
        ([(4, TASK), (5, ACCEPTED), (6, ACCEPTED), (9, TASK), (10, ANSWERED, 6), (12, TASK), (13, ANSWERED, 5)], 4),
        ([(1, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)], None),
    ],
)
def test_it_goes_on_from_no_task_amid_an_update(history: list[tuple[int, ...]], task: int | None) -> None:
    events = [HistoryEvent(event_id=number, event_type=kind) for number, kind, *_ in history]  # type: ignore[arg-type]
    for event, (_, _, *of) in zip(events, history, strict=True):
        if of:
            event.workflow_execution_update_completed_event_attributes.accepted_event_id = of[0]
    assert last_task(reversed(events)) == task


async def test_a_unit_on_the_bench_stays_there(play: Plays, stage: Stage) -> None:
    story = play(items=[{"line_id": "1", "quantity": 1, "reason": "defective"}], resolution="repair")
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.on_bench("1-1")
    await terminate(story)
    await stage.homeward.revive(story.return_id)
    await story.diagnose("1-1", DiagnosisOutcome.REPAIRABLE)
    await story.repair("1-1")
    await story.until(Status.REPAIRED)
    assert (await story.view()).attention is None


async def test_what_nobody_knows_is_not_revived(stage: Stage, call: Invoke) -> None:
    with pytest.raises(UnknownReturn):
        await stage.homeward.revive("R-nobody")
    assert (await call("revive", "R-nobody")).exit_code == 1
    assert (await call("release", "R-nobody", "--by", "me", "--why", "so")).exit_code == 1
    assert (await call("release", "R-nobody")).exit_code == 2


# Releasing

BY = Release(by="operations", why="lost, and paid by hand")


async def _claimed(stage: Stage, story: Play) -> int:
    mine = select(func.count()).where(claims.c.return_id == story.return_id)
    return await stage.db.read(lambda connection: int(connection.execute(mine).scalar_one()))


@pytest.mark.parametrize("loss", LOSSES)
async def test_it_can_be_ended_and_its_units_asked_for_again(
    loss: str, play: Plays, stage: Stage, call: Invoke
) -> None:
    story = play(items=[{"line_id": "1", "quantity": 2, "reason": "other"}])
    await story.start()
    await LOSSES[loss](story)
    await until_known(stage, story.return_id)
    ended = json_of(await call("release", story.return_id, "--by", "me", "--why", "gone", "--json"))
    assert (ended["status"], ended["amount"], ended["attention"]) == ("cancelled", 0, None)
    view = await story.view()
    assert (view.closed, view.timeline[-1].event, view.timeline[-1].detail) == (True, "released", "gone")
    assert await _claimed(stage, story) == 0
    await until_known(stage, story.return_id, there=False)
    again = Play(stage, make_request(items=[{"line_id": "1", "quantity": 2, "reason": "other"}], order_id=None))
    order = story.request.order
    again.request = again.request.model_copy(update={"order": order})
    await again.start()
    assert [unit.reception.value for unit in (await again.view()).units] == ["awaiting", "awaiting"]
    with pytest.raises(Closed):
        await stage.homeward.cancel(story.return_id, Cancel(by="x"))


@pytest.mark.parametrize("loss", LOSSES)
async def test_what_it_held_of_the_orders_money_is_free(loss: str, play: Plays, stage: Stage) -> None:
    """Two units at 4000 of which 4000 is left: the first return would take it all, the second gets it."""
    card = {"tender_id": "t1", "kind": "card", "captured": 8000, "refunded": 4000, "reference": f"pi_{uuid4().hex}"}
    story = play(tenders=[card])
    await story.start()
    await LOSSES[loss](story)
    await stage.homeward.release(story.return_id, BY)
    again = Play(stage, story.request.model_copy(update={"return_id": f"{story.return_id}-2"}))
    await again.start()
    assert (await again.view()).settlement.amount == 4000
    await again.receive()
    await again.inspect()
    await again.until(Status.REFUNDED)
    assert await _refunds(stage, again) == [4000]


async def test_two_operators_may_end_it(play: Plays, stage: Stage, api: httpx.AsyncClient) -> None:
    story = play()
    await story.start()
    await delete(story)
    path, body = f"/v1/returns/{story.return_id}/release", BY.model_dump()
    answers = await asyncio.gather(*(api.post(path, json=body) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert (await api.post(path, json={"by": "x"})).status_code == 422
    assert [entry.event for entry in (await story.view()).timeline].count("released") == 1
    assert (await stage.homeward.revive(story.return_id)).status is Status.CANCELLED


async def test_what_was_given_stays_claimed(play: Plays, stage: Stage) -> None:
    story = play(tender=f"pi_{uuid4().hex} fault:pending")
    await story.start()
    await story.receive()
    await story.inspect()
    await story.until_paid("pending")
    await terminate(story)
    summary = await stage.homeward.release(story.return_id, BY)
    assert (summary.status, summary.amount) == (Status.REFUNDED, 4000)
    assert await _claimed(stage, story) == 1


async def test_what_is_carried_is_not_ended(play: Plays, stage: Stage, call: Invoke) -> None:
    story = play()
    await story.start()
    with pytest.raises(NotAllowed, match="carried by its workflow"):
        await stage.homeward.release(story.return_id, BY)
    assert (await call("release", story.return_id, "--by", "me", "--why", "so")).exit_code == 1
    assert (await story.view()).status is Status.LABEL_SENT


async def test_ended_and_revived_at_once_it_is_one_of_both(play: Plays, stage: Stage) -> None:
    story = play()
    await story.start()
    await terminate(story)
    await asyncio.gather(
        stage.homeward.release(story.return_id, BY), stage.homeward.revive(story.return_id), return_exceptions=True
    )
    row = await get_return(stage.db, story.return_id)
    assert row
    status = (await story.handle.describe()).status
    assert (row.closed_at is not None) == (status is not None and status.name != "RUNNING")
    assert (await _claimed(stage, story) == 0) == (row.closed_at is not None)
    await asyncio.sleep(timedelta(seconds=0.5).total_seconds())
