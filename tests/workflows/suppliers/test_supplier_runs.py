"""Runs of a supplier's journey that follow each other, end, or fail at once; steps that give up."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer

from activities.suppliers.journey import record_id
from gateways.database import ledger
from gateways.database.tables.steps import effects
from lifecycle.suppliers.state import UnitStage
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.workflows.returns.play import called_for
from tests.workflows.suppliers.play import SupplierPlay
from workers.converter import CONVERTER
from workers.deployment.workflow_code import SANDBOX
from workflows.suppliers.workflow import LONG_HISTORY, SupplierReturnWorkflow

#: Units in a batch, by the policy's default.
BATCH = 10


@pytest.fixture(scope="session")
async def client(ready: Ready) -> Client:
    """A client as production has it, that knows nothing of time skipping."""
    return await Client.connect(ready.temporal, data_converter=CONVERTER)


@pytest.fixture
def acme(stage: Stage, client: Client) -> SupplierPlay:
    """A supplier of this test's own."""
    return SupplierPlay(stage, client)


async def replay(client: Client, acme: SupplierPlay, run_id: str | None) -> None:
    """One run's history goes the same way again."""
    history = await client.get_workflow_handle(acme.handle.id, run_id=run_id).fetch_history()
    replayer = Replayer(workflows=[SupplierReturnWorkflow], data_converter=CONVERTER, workflow_runner=SANDBOX)
    await replayer.replay_workflow(history)


@pytest.mark.long
async def test_nothing_is_lost_when_runs_follow_each_other_under_load(acme: SupplierPlay, client: Client) -> None:
    """Signals and updates keep coming while the journey goes on as a new run, several times."""
    await acme.send(0)
    first_run = (await acme.handle.describe()).run_id
    count = LONG_HISTORY
    # Temporal takes ten updates of one workflow at once, and refuses what comes beside them.
    some, updates = asyncio.Semaphore(25), asyncio.Semaphore(8)

    async def send(number: int) -> None:
        async with some:
            await acme.send(number)
            if number % 10 == 0:
                async with updates:
                    await acme.authorise(acme.unit(number), key=f"RMA-{number}")

    await asyncio.gather(*(send(number) for number in range(count)))
    summary = await acme.ship()
    assert sum(summary.units.values()) == count
    assert summary.units[UnitStage.SHIPPED] == len(range(0, count, 10))
    assert set(await acme.stages()) == set(acme.units(*range(count)))
    assert (await acme.handle.describe()).run_id != first_run
    await acme.until(acme.stages, lambda stages: list(stages.values()).count("gathered") < BATCH)
    await acme.until(acme.mails, lambda mails: len(mails) > 1)
    await replay(client, acme, first_run)
    asked = [name for mail in await acme.mails() for name in acme.units(*range(count)) if f"{name} " in mail["text"]]
    assert len(asked) == len(set(asked))


async def test_what_waits_goes_on_waiting_in_the_new_run(acme: SupplierPlay) -> None:
    units = await acme.shipped()
    await acme.days(10)
    await acme.next_run()
    assert list((await acme.stages()).values()) == ["shipped"] * 3
    await acme.days(3.9)
    assert await acme.mails() == []
    await acme.days(0.2)
    await acme.until_mails("supplier_waits")
    before = await acme.view()
    await acme.authorise(*units)
    await acme.ship()
    assert (await acme.view()).units == before.units
    summary = await acme.credit(*units)
    assert (summary.units[UnitStage.CREDITED], summary.credited) == (3, {"USD": 500})


async def test_a_mail_that_cannot_be_written_is_tried_again_every_day(acme: SupplierPlay, stage: Stage) -> None:
    """Its key is taken by something else, as after a mistake of somebody's in the database."""
    taken = ledger.Effect(record_id(acme.supplier_id), "ask-1", {"something": "else"})
    await ledger.once(stage.db, taken, lambda _: {}, datetime.now(UTC))
    await asyncio.gather(*(acme.send(number) for number in range(BATCH)))
    await acme.until(acme.view, lambda view: view.attention is not None)
    view = await acme.view()
    assert view.attention is not None
    assert (view.attention.step, view.totals.attention) == ("ask-1", "ask-1")
    assert "another content" in view.attention.error
    await acme.until(lambda: called_for(stage.db, "supplier/ask"), bool)
    await acme.authorise(acme.unit(0))
    mistake = delete(effects).where(effects.c.key == taken.key)
    await stage.db.write(lambda connection: connection.execute(mistake))
    await acme.days(1.01)
    await acme.until_mails("supplier_ask")
    view = await acme.view()
    assert view.attention is None
    assert {"attention", "attention_resolved"} <= set(await acme.events())


async def test_a_cancel_request_ends_it_once_no_unit_is_open(acme: SupplierPlay) -> None:
    units = await acme.shipped()
    await acme.handle.cancel()
    await acme.until(acme.events, lambda events: "ending" in events)
    await acme.credit(units[0])
    assert await acme.stages() == dict(zip(units, ["credited", "shipped", "shipped"], strict=True))
    await acme.credit(*units[1:], key="C-2")
    ended = await asyncio.wait_for(acme.handle.result(), 30)
    assert (ended["units"]["credited"], ended["credited"]) == (3, {"USD": 1000})
    await acme.send(9)
    assert list(await acme.stages()) == [acme.unit(9)]


@pytest.mark.parametrize(
    ("workflow_id", "given", "field"),
    [
        ("acme", None, "supplier_id"),
        ("supplier-", None, "supplier_id"),
        ("supplier-bad-1", {"supplier_id": "other"}, "supplier_id"),
        ("supplier-bad-2", {"units": 5}, "units"),
        ("supplier-bad-3", "nonsense", "body"),
    ],
)
async def test_started_with_something_wrong_it_fails_at_once(
    client: Client, workflow_id: str, given: object, field: str
) -> None:
    handle = await client.start_workflow("SupplierReturnWorkflow", given, id=workflow_id, task_queue="returns")
    with pytest.raises(WorkflowFailureError) as caught:
        await asyncio.wait_for(handle.result(), 30)
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "InvalidRequest"
    assert field in cause.message
