"""What the return of a unit on the bench hears: every change, once, in order."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from client.names import repair_id
from starter.demo.story import Stage
from tests.workflows.repairs.listener import Listener
from tests.workflows.repairs.play import UNIT, RepairStory

QUEUE = f"listeners-{uuid4().hex[:6]}"


@pytest.fixture(scope="module")
async def listening(stage: Stage) -> AsyncIterator[Stage]:
    client = stage.clock.client
    async with Worker(client, task_queue=QUEUE, workflows=[Listener], workflow_runner=UnsandboxedWorkflowRunner()):
        yield stage


class RecordedRepair(RepairStory):
    """A repair with a parent that listens."""

    async def start(self, task_timeout: timedelta | None = None) -> None:
        await self.order.start(until=None)
        name = repair_id(self.return_id, UNIT)
        await self._stage.clock.client.start_workflow(
            Listener.run,
            args=[name, self.given.model_dump(mode="json")],
            id=f"listener-{self.return_id}",
            task_queue=QUEUE,
            task_timeout=task_timeout,
        )

        async def begun() -> bool:
            return await self.heard() == ["diagnosing"]

        await self.until(begun, "the parent hears nothing")

    @property
    def parent(self) -> WorkflowHandle[Any, Any]:
        """The workflow that listens."""
        return self._stage.clock.client.get_workflow_handle(f"listener-{self.return_id}")

    async def heard(self) -> list[str]:
        """The states that the parent has heard of."""
        return [event["state"] for event in await self.parent.query("heard")]


@pytest.fixture
def new_repair(listening: Stage) -> Callable[..., RecordedRepair]:
    def make(**facts: object) -> RecordedRepair:
        return RecordedRepair(listening, **facts)

    return make


async def test_every_change_is_reported_once_in_order_and_then_the_result(
    new_repair: Callable[..., RecordedRepair],
) -> None:
    story = new_repair()
    await story.start()
    await story.diagnose(estimate=5000)
    await story.answer(accepted=True)
    await story.work()
    await story.check(passed=True)
    *news, result = await story.parent.result()
    states = ["diagnosing", "awaiting_customer", "repairing", "checking", "done"]
    assert [event["state"] for event in news] == states
    assert [event["estimate"] for event in news] == [None, 5000, 5000, 5000, 5000]
    assert [event["outcome"] for event in news] == [None, None, None, None, "repaired"]
    assert result == {"unit_id": UNIT, "outcome": "repaired", "estimate": 5000}


async def test_silence_is_reported_after_fourteen_days(new_repair: Callable[..., RecordedRepair]) -> None:
    story = new_repair()
    await story.start()
    answer_by = (await story.diagnose()).answer_by
    assert answer_by
    await story.until_mail("repair_estimate")
    await story.pass_time(answer_by + timedelta(seconds=1) - await story.now())
    *news, result = await story.parent.result()
    assert (news[-1]["state"], result["outcome"]) == ("refused", "silent")


async def test_parts_that_wait_for_an_operator_do_not_keep_the_end_from_being_reported(
    new_repair: Callable[..., RecordedRepair],
) -> None:
    story = new_repair(in_warranty=True)
    await story.start()
    await story.diagnose()
    await story.work(parts=True)
    await story.until_attention("parts")
    await story.check(passed=True)

    async def done() -> bool:
        return (await story.heard())[-1] == "done"

    await story.until(done, "the end is not heard")
    await story.resolve("skip")
    assert (await story.parent.result())[-1]["outcome"] == "repaired"


async def test_a_return_that_has_closed_is_no_error(new_repair: Callable[..., RecordedRepair]) -> None:
    story = new_repair(in_warranty=True)
    await story.start()
    await story.parent.signal("leave")
    await story.parent.result()
    await story.diagnose()
    await story.work()
    await story.check(passed=True)
    assert (await story.result())["outcome"] == "repaired"


async def test_a_repair_called_off_is_reported_as_cancelled(new_repair: Callable[..., RecordedRepair]) -> None:
    story = new_repair(in_warranty=True)
    await story.start()
    await story.diagnose()
    await story.handle.cancel()
    assert (await story.parent.result())[-1] == "CancelledError"
