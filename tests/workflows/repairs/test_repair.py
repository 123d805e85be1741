"""The repair bench on the real server: each path, both sides of its clock, parts that are not there."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError

from client.errors import InvalidInput, NotAllowed, UnknownRepair
from client.names import REPAIR, repair_id
from starter.demo.story import Stage
from tests.workflows.repairs.play import UNIT, RepairStory
from tests.workflows.returns.play import called_for

SECOND = timedelta(seconds=1)


@pytest.fixture
def new_repair(stage: Stage) -> Callable[..., RepairStory]:
    """Make a repair of its own; keywords change what it starts with."""

    def make(**facts: object) -> RepairStory:
        return RepairStory(stage, **facts)

    return make


async def test_in_warranty(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair(in_warranty=True)
    await story.start()
    await story.stock(3)
    assert (await story.diagnose()).estimate is None
    assert (await story.work(parts=True)).state == "checking"
    assert (await story.check(passed=True)).state == "done"
    assert await story.result() == {"unit_id": UNIT, "outcome": "repaired", "estimate": None}
    assert await story.on_hand() == 1
    assert await story.steps() == [f"repair-{UNIT}/take_parts"]
    assert await story.mails() == []
    assert (await story.view()).closed


async def test_out_of_warranty_accepted(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair()
    await story.start()
    summary = await story.diagnose(estimate=5000)
    assert (summary.state, summary.estimate) == ("awaiting_customer", 5000)
    await story.until_mail("repair_estimate")
    assert (await story.answer(accepted=True)).state == "repairing"
    await story.work()
    await story.check(passed=True)
    assert await story.result() == {"unit_id": UNIT, "outcome": "repaired", "estimate": 5000}


async def test_refused(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair()
    await story.start()
    await story.diagnose()
    assert (await story.answer(accepted=False)).state == "refused"
    assert (await story.result())["outcome"] == "refused"


@pytest.mark.parametrize("outcome", ["no_fault", "unrepairable"])
async def test_a_diagnosis_that_ends_it(new_repair: Callable[..., RepairStory], outcome: str) -> None:
    story = new_repair()
    await story.start()
    await story.diagnose(outcome, estimate=None)
    assert await story.result() == {"unit_id": UNIT, "outcome": outcome, "estimate": None}


async def test_an_answer_in_the_last_minute_of_the_fourteenth_day_counts(
    new_repair: Callable[..., RepairStory],
) -> None:
    story = new_repair()
    await story.start()
    answer_by = (await story.diagnose()).answer_by
    assert answer_by
    await story.until_mail("repair_estimate")
    await story.pass_time(answer_by - timedelta(minutes=1) - await story.now())
    await story.until_mail("repair_reminder")
    assert (await story.answer(accepted=True)).state == "repairing"


async def test_silence_ends_it_with_the_fourteenth_day(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair()
    await story.start()
    answer_by = (await story.diagnose()).answer_by
    assert answer_by
    await story.until_mail("repair_estimate")
    await story.pass_time(answer_by + SECOND - await story.now())
    assert await story.result() == {"unit_id": UNIT, "outcome": "silent", "estimate": 5000}
    assert (await story.view()).state == "refused"
    assert await story.mails() == ["repair_estimate", "repair_reminder"]
    with pytest.raises(NotAllowed, match=r"the repair is over \(silent\)"):
        await story.answer(accepted=True)


async def test_the_second_round_succeeds(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair(in_warranty=True)
    await story.start()
    await story.stock(4)
    await story.diagnose()
    await story.work(parts=True)
    assert (await story.check(passed=False)).state == "repairing"
    await story.work(parts=True)
    await story.check(passed=True)
    assert (await story.result())["outcome"] == "repaired"
    assert await story.on_hand() == 0
    assert await story.steps() == [f"repair-{UNIT}/take_parts", f"repair-{UNIT}/take_parts-2"]


async def test_a_second_failed_check_ends_it(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair(in_warranty=True)
    await story.start()
    await story.diagnose()
    for _ in range(2):
        await story.work()
        await story.check(passed=False)
    assert (await story.result())["outcome"] == "unrepairable"


async def test_missing_parts_wait_for_an_operator_and_are_taken_once_they_are_there(
    new_repair: Callable[..., RepairStory], stage: Stage
) -> None:
    story = new_repair(in_warranty=True)
    await story.start()
    await story.stock(1)
    await story.diagnose()
    await story.work(parts=True)
    await story.until_attention("parts")
    await story.order.until_effect(f"repair-{UNIT}/call_operations")
    assert await called_for(stage.db, "repair/parts")
    view = await story.view()
    assert view.attention
    assert view.attention.error == f"stock does not have 2 x {story.part.sku}"
    assert (await story.check(passed=True)).state == "done"
    await story.stock(1)
    await story.resolve("retry")
    assert (await story.result())["outcome"] == "repaired"
    assert await story.on_hand() == 0


@pytest.mark.parametrize("action", ["mark_done", "skip"])
async def test_missing_parts_may_be_passed_over(new_repair: Callable[..., RepairStory], action: str) -> None:
    story = new_repair(in_warranty=True)
    await story.start()
    await story.diagnose()
    await story.work(parts=True)
    await story.until_attention("parts")
    await story.resolve(action)
    await story.check(passed=True)
    assert (await story.result())["outcome"] == "repaired"
    assert "attention_resolved" in await story.events()


@pytest.mark.parametrize("fault", ["before:1", "after:1"])
async def test_parts_are_taken_once_however_often_the_step_fails(
    new_repair: Callable[..., RepairStory], fault: str
) -> None:
    story = new_repair(in_warranty=True, title=f"Phone fault:{fault}")
    await story.start()
    await story.stock(2)
    await story.diagnose()
    await story.work(parts=True)
    await story.check(passed=True)
    assert (await story.result())["outcome"] == "repaired"
    assert await story.on_hand() == 0


async def test_operations_are_mailed_of_a_bench_that_says_nothing(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair()
    await story.start()
    begun = await story.now()
    due = story.given.calendar.business_deadline(begun, 2)
    await story.pass_time(due - timedelta(minutes=1) - begun)
    assert await story.mails() == []
    await story.pass_time(timedelta(minutes=2))
    await story.until_mail("repair_waits")
    assert (await story.events())[-1] == "reminded"


async def test_repeats_are_answered_as_the_first_time(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair(in_warranty=True)
    await story.start()
    await story.stock(4)
    first = await story.diagnose(name="d")
    assert await story.diagnose("unrepairable", name="d") == first
    worked = await story.work(parts=True, name="d")
    assert await story.work(parts=True, name="d") == worked
    failed = await story.check(passed=False, name="d")
    assert await story.check(passed=True, name="d") == failed
    await story.work(name="e")
    await story.check(passed=True, name="e")
    await story.result()
    assert await story.on_hand() == 2
    assert await story.diagnose(name="d") == first


async def test_a_repeat_by_another_update_id_is_dropped_by_the_messages_own(
    new_repair: Callable[..., RepairStory],
) -> None:
    story = new_repair(in_warranty=True)
    await story.start()
    await story.diagnose()
    for number in range(2):
        message = {"repair_id": "r", "by": "bench", "parts": []}
        await story.handle.execute_update("record_repair", message, id=f"other-{number}")
    assert (await story.events()).count("repaired") == 1


async def test_what_is_not_allowed_leaves_nothing_in_history(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair()
    await story.start()
    await story.view()
    before = await story.settled_length()
    with pytest.raises(NotAllowed, match="the repair is diagnosing, not repairing"):
        await story.work()
    with pytest.raises(NotAllowed, match="the repair is diagnosing, not checking"):
        await story.check(passed=True)
    with pytest.raises(NotAllowed, match="the repair is diagnosing, not awaiting_customer"):
        await story.answer(accepted=True)
    with pytest.raises(NotAllowed, match="estimate: expected the price"):
        await story.diagnose(estimate=None)
    with pytest.raises(NotAllowed, match="no step waits"):
        await story.resolve("retry")
    with pytest.raises(InvalidInput, match="diagnosis_id"):
        await story.repairs._update(story.return_id, UNIT, "record_diagnosis", story.given, "x")
    assert await story.history_length() == before


async def test_it_is_in_the_queue_until_it_is_done(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair(in_warranty=True, location="bench-2")
    await story.start()
    await story.diagnose()
    await story.work(parts=True)
    await story.until_attention("parts")

    async def row() -> Any:
        rows = await story.repairs.queue(attention=True, limit=1000)
        return next((row for row in rows if row.return_id == story.return_id), None)

    async def waits_for_parts() -> bool:
        found = await row()
        return found is not None and (found.state, found.attention) == ("checking", "parts")

    async def is_gone() -> bool:
        return await row() is None

    await story.until(waits_for_parts, "not in the queue")
    found = await row()
    assert (found.unit_id, found.sku, found.location) == (UNIT, "PHONE", "bench-2")
    await story.resolve("skip")
    await story.until(is_gone, "still waits for an operator")
    assert story.return_id in [row.return_id for row in await story.repairs.queue(limit=1000)]


async def test_a_cancel_request_calls_it_off(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair(in_warranty=True)
    await story.start()
    await story.diagnose()
    await story.work(parts=True)
    await story.until_attention("parts")
    await story.handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await story.result()
    assert (await story.handle.describe()).status is WorkflowExecutionStatus.CANCELED
    view = await story.view()
    assert (view.state, view.outcome, view.attention, view.closed) == ("checking", None, None, True)
    with pytest.raises(NotAllowed, match="called off"):
        await story.check(passed=True)


async def test_a_bad_start_fails_at_once_and_names_the_field(stage: Stage) -> None:
    client, name = stage.clock.client, f"R-{uuid4().hex[:8]}"
    for raw in ({"return_id": name}, None, {"unit_id": 7}):
        handle = await client.start_workflow(REPAIR, raw, id=f"{repair_id(name, UNIT)}", task_queue="returns")
        with pytest.raises(WorkflowFailureError) as failure:
            await asyncio.wait_for(handle.result(), 30)
        assert "title" in str(failure.value.cause) or "body" in str(failure.value.cause)


async def test_the_workflow_id_has_to_be_the_units(new_repair: Callable[..., RepairStory], stage: Stage) -> None:
    given = new_repair().given.model_dump(mode="json")
    handle = await stage.clock.client.start_workflow(REPAIR, given, id=f"repair-{uuid4().hex}", task_queue="returns")
    with pytest.raises(WorkflowFailureError) as failure:
        await asyncio.wait_for(handle.result(), 30)
    assert "expected the workflow id" in str(failure.value.cause)


async def test_an_unknown_repair_differs_from_one_that_is_over(new_repair: Callable[..., RepairStory]) -> None:
    story = new_repair()
    with pytest.raises(UnknownRepair):
        await story.view()
    with pytest.raises(UnknownRepair):
        await story.diagnose()
