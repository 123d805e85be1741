"""Records the histories of new paths for the release that pyproject names: ``python -m tests.histories.record``.

Of every demonstration story; of several returns of one order, of repairs, of goods to suppliers and of support cases
by themselves, of returns that lost their workflow, and of those that are told to a subscriber, in folders of their own.
What is there already is never written again: later versions are replayed against what each release wrote. Repairs under
their ids of before are in ``earlier_ids``. What a machine leaves behind (worker identities) is taken out.
"""

import asyncio
from contextlib import suppress

from temporalio.client import WorkflowFailureError

from client.names import repair_id
from lifecycle.contract.grades import Disposition
from starter.demo.stories import STORIES
from starter.demo.story import Stage, Story, read_example
from tests.histories import record_orders, record_repairs, record_revived, record_suppliers, record_support, record_told
from tests.histories.recording import EXAMPLES, RELEASE, keep_sums, recording_stage, write_history
from workers.telemetry import configure_logging


async def record() -> None:
    """Play every path and write its history."""
    async with recording_stage() as stage:
        await asyncio.gather(*(_record(stage, name) for name in STORIES))
        await _record_refused(stage)
        await record_orders.record(stage)
        await record_repairs.record(stage)
        await record_suppliers.record(stage)
        await record_support.record(stage)
        await record_revived.record(stage)
    await record_told.record()
    keep_sums()


async def _record(stage: Stage, name: str) -> None:
    story = Story(stage, read_example(EXAMPLES / f"{name}.json"))
    await STORIES[name](story)
    await write_history(RELEASE / f"{name}.json", story.handle)
    client = stage.clock.client
    for unit in (await story.view()).units:
        if unit.repair is not None:
            handle = client.get_workflow_handle(repair_id(story.return_id, unit.unit_id))
            await write_history(RELEASE / f"{name}.bench.json", handle)
        if unit.disposition is Disposition.RETURN_TO_SUPPLIER:
            supplier_id = story.request.order.line(unit.line_id).supplier_id
            handle = client.get_workflow_handle(f"supplier-{supplier_id}")
            await write_history(RELEASE / f"{name}.journey.json", handle)


async def _record_refused(stage: Stage) -> None:
    """A start by name with a text that the opening step refuses."""
    body = read_example(EXAMPLES / "refund.json").model_dump(mode="json") | {"return_id": "R-refused"}
    body["order"]["customer"]["email"] = "john,doe@example.com"
    client = stage.clock.client
    handle = await client.start_workflow("ReturnWorkflow", body, id="return-R-refused", task_queue="returns")
    with suppress(WorkflowFailureError):
        await handle.result()
    await write_history(RELEASE / "refused.json", handle)


if __name__ == "__main__":
    configure_logging("ERROR")
    asyncio.run(record())
