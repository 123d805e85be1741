"""`homeward reconcile` names what does not agree between books, partners and Temporal, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import Executable, delete, insert, update
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from activities.reconciliation.reconciler import Reconciler
from client.names import return_workflow_id
from gateways.database.stock.inventory import reserve
from gateways.database.tables.returns import claims, returns
from gateways.database.tables.steps import effects
from gateways.database.tables.stock import reservations
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.payment import SandboxPayments
from gateways.sandbox.tables import sandbox_holds, sandbox_refunds, sandbox_shipments
from lifecycle.contract.messages import Release
from lifecycle.contract.statuses import Status
from starter.cli.main import main
from starter.demo.stories import STORIES
from starter.demo.story import Stage, read_example
from starter.local.up import Ready
from tests.orphans.conftest import LOSSES, terminate
from tests.reconciliation.conftest import Found
from tests.workflows.returns.play import Play

ROOT = Path(__file__).parent.parent.parent
Plays = Callable[..., Play]
New = Callable[[], Awaitable[Found]]


async def _received_and_graded(story: Play) -> None:
    await story.start()
    await story.receive()
    await story.inspect()


async def _refunded(story: Play) -> None:
    await _received_and_graded(story)
    await story.closed()


async def _do(stage: Stage, *statements: Executable) -> None:
    for statement in statements:
        await stage.db.write(lambda connection, one=statement: connection.execute(one))  # type: ignore[misc]


@pytest.mark.long
async def test_where_all_went_well_there_is_nothing(stage: Stage, new: New) -> None:
    plays = {name: Play(stage, read_example(ROOT / "examples" / f"{name}.json")) for name in STORIES}
    await asyncio.gather(*(STORIES[name](play) for name, play in plays.items()))
    assert await new() == set()


@pytest.mark.parametrize("loss", LOSSES)
async def test_a_return_that_lost_its_workflow(loss: str, play: Plays, new: New, stage: Stage) -> None:
    story = play()
    await story.start()
    await LOSSES[loss](story)
    assert await new() == {("orphaned", story.return_id)}
    await stage.homeward.revive(story.return_id)
    assert await new() == set()


async def task_before_the_receipt(story: Play) -> int:
    """The event that ended the last task before somebody recorded a receipt."""
    events = (await story.handle.fetch_history()).events
    accepted = [
        one.event_id for one in events if one.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    ]
    done = [one.event_id for one in events if one.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED]
    return max(number for number in done if number < accepted[1] - 1)


async def test_a_closed_return_that_was_reset(play: Plays, new: New, stage: Stage) -> None:
    story = play()
    await _refunded(story)
    client, workflow_id = stage.clock.client, return_workflow_id(story.return_id)
    request = ResetWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=workflow_id),
        reason="a test",
        workflow_task_finish_event_id=await task_before_the_receipt(story),
        request_id=uuid4().hex,
        reset_reapply_exclude_types=[
            ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL,
            ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
        ],
    )
    await client.workflow_service.reset_workflow_execution(request)
    assert await new() == {("runs_after_close", story.return_id)}
    await story.handle.terminate()
    assert await new() == set()


async def test_an_end_that_was_not_booked(play: Plays, new: New, stage: Stage) -> None:
    story = play()
    await _refunded(story)
    mine = returns.c.return_id == story.return_id
    await _do(
        stage,
        update(returns).where(mine).values(closed_at=None, view=None),
        delete(effects).where(effects.c.key == f"return-{story.return_id}/close"),
    )
    assert await new() == {("open_after_end", story.return_id)}
    await stage.homeward.revive(story.return_id)
    await story.closed()
    assert await new() == set()


async def test_a_refund_that_somebody_made_at_the_provider(play: Plays, new: New, stage: Stage) -> None:
    story = play()
    await _refunded(story)
    tender = story.request.order.tenders[0]
    row = {"reference": f"re_{uuid4().hex}", "key": uuid4().hex, "charge": tender.reference, "fingerprint": ""}
    await _do(stage, insert(sandbox_refunds).values(row | {"amount": 4000, "status": "succeeded"}))
    assert await new() == {("refund_by_hand", story.return_id)}


async def test_a_refund_by_hand_that_finance_has_told_the_return_of(play: Plays, new: New, stage: Stage) -> None:
    story = play(tender=f"pi_{uuid4().hex} fault:refused")
    await _received_and_graded(story)
    await story.attention("refund")
    row = {"reference": f"re_{uuid4().hex}", "key": uuid4().hex, "charge": story.request.order.tenders[0].reference}
    await _do(stage, insert(sandbox_refunds).values(row | {"fingerprint": "", "amount": 4000, "status": "succeeded"}))
    assert await new() == {("refund_by_hand", story.return_id)}
    await story.mark_done(row["reference"] or "")
    await story.closed()
    assert await new() == set()


async def test_a_refund_without_its_row_and_a_row_without_its_refund(play: Plays, new: New, stage: Stage) -> None:
    unbooked, unpaid, other = play(), play(), play()
    for story in (unbooked, unpaid, other):
        await _refunded(story)
    key = "return-{}/refund-t1".format
    await _do(
        stage,
        delete(effects).where(effects.c.key == key(unbooked.return_id)),
        delete(sandbox_refunds).where(sandbox_refunds.c.key == key(unpaid.return_id)),
        update(sandbox_refunds).where(sandbox_refunds.c.key == key(other.return_id)).values(amount=1),
    )
    assert await new() == {
        ("refund_not_booked", unbooked.return_id),
        ("refund_missing", unpaid.return_id),
        ("refund_differs", other.return_id),
    }


async def test_more_than_is_owed(play: Plays, new: New, stage: Stage) -> None:
    story = play()
    await _refunded(story)
    twice = {"reference": f"re_{uuid4().hex}", "key": f"return-{story.return_id}/refund-t1-2", "fingerprint": ""}
    booked = {"key": twice["key"], "return_id": story.return_id, "step": "refund-t1-2", "fingerprint": ""}
    result = {"reference": twice["reference"], "amount": 4000}
    charge = story.request.order.tenders[0].reference
    await _do(
        stage,
        insert(sandbox_refunds).values(twice | {"charge": charge, "amount": 4000, "status": "succeeded"}),
        insert(effects).values(booked | {"result": result, "at": datetime.now(UTC), "state": "done"}),
    )
    assert await new() == {("overpaid", story.return_id)}


async def test_what_a_released_return_leaves_behind(play: Plays, new: New, stage: Stage) -> None:
    story = play()
    await story.start()
    hold = {"reference": f"ho_{uuid4().hex}", "key": f"return-{story.return_id}/place_hold", "tender": "t1"}
    more = {"fingerprint": "", "amount": 9, "currency": "USD", "state": "held"}
    ends = datetime.now(UTC) + timedelta(days=9)
    await _do(stage, insert(sandbox_holds).values(hold | more | {"expires_at": ends}))
    assert await new() == {("hold_not_booked", story.return_id)}
    await terminate(story)
    await stage.homeward.release(story.return_id, Release(by="ops", why="a test"))
    assert await new() == {("hold_open", story.return_id), ("label_usable", story.return_id)}
    await _do(
        stage,
        update(sandbox_holds).where(sandbox_holds.c.key == hold["key"]).values(state="released"),
        update(sandbox_shipments).where(sandbox_shipments.c.return_id == story.return_id).values(state="voided"),
    )
    assert await new() == set()


async def test_what_stays_reserved_and_claimed(play: Plays, new: New, stage: Stage, ready: Ready) -> None:
    story = play()
    await story.start()
    await story.cancel()
    await stage.clock.fast_forward(story.handle, timedelta(days=31))
    await story.closed()
    await story.in_stock(1)
    key, sku = f"return-{story.return_id}/reserve/1", story.request.order.lines[0].sku
    given: dict[str, Any] = {"key": key, "at": datetime.now(UTC), "return_id": story.return_id}
    await stage.db.write(lambda connection: reserve(connection, [(sku, 1)], **given))
    claim = {"order_id": story.request.order.order_id, "unit_id": "1-1", "return_id": story.return_id}
    await _do(stage, insert(claims).values(claim | {"sellers_fault": False}))
    assert await new() == {("reservation_open", story.return_id), ("claim_left", story.return_id)}

    run = CliRunner(env={"HOMEWARD_DATABASE_URL": ready.database, "TEMPORAL_ADDRESS": ready.temporal}).invoke
    for command in (
        ["inventory", "release", key],
        ["release", story.return_id, "--by", "ops", "--why", "a test"],
    ):
        assert (await asyncio.to_thread(run, main, command)).exit_code == 0
    assert await new() == set()


async def test_an_open_return_keeps_its_reservation(play: Plays, stage: Stage, ready: Ready) -> None:
    story = play()
    await story.start()
    row = {"key": f"return-{story.return_id}/reserve/1", "sku": "S", "location": "main", "grade": "A", "quantity": 1}
    more = {"return_id": story.return_id, "state": "open", "at": datetime.now(UTC)}
    await _do(stage, insert(reservations).values(row | more))
    run = CliRunner(env={"HOMEWARD_DATABASE_URL": ready.database}).invoke
    result = await asyncio.to_thread(run, main, ["inventory", "release", str(row["key"])])
    assert (result.exit_code, "is open, and needs it" in result.stderr) == (1, True)
    await _do(stage, delete(reservations).where(reservations.c.key == row["key"]))


async def test_a_return_that_waits_for_its_label_since_yesterday(play: Plays, stage: Stage) -> None:
    story = play(line2="fault:down")
    await story.start(until=Status.REQUESTED)
    db = stage.db
    looking = Reconciler(stage.clock.client, db, SandboxPayments(db), SandboxCarrier(db))
    now = datetime.now(UTC)
    for later, expected in ((timedelta(hours=23), []), (timedelta(hours=25), ["requested_long"])):
        found = await looking.findings(now, now + later)
        assert [one.kind for one in found if one.return_id == story.return_id] == expected
        looking._scratch.close()
        looking = Reconciler(stage.clock.client, db, SandboxPayments(db), SandboxCarrier(db))
    looking.close()


@pytest.mark.parametrize("since", ["yesterday", "2999-01-01"])
def test_a_day_that_is_none(since: str) -> None:
    result = CliRunner().invoke(main, ["reconcile", "--since", since])
    assert (result.exit_code, result.stderr.startswith("Error: --since: expected a day")) == (2, True)
