"""No id that a caller gives becomes a link, an image or HTML in Temporal's UI, which renders Markdown."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

from markdown_it import MarkdownIt
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowHandle

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import ReceiptUnits, TrackingStatus
from starter.demo.story import Stage
from tests.workflows.repairs.play import RepairStory
from tests.workflows.returns.play import Play
from workers.converter import CONVERTER

LINK = "[Session expired, sign in](https://evil.example/login)"
IMAGE = "<img src=https://evil.example/x>"
#: Made a link even without brackets.
ADDRESS = "https://evil.example/"


def inert(markdown: str) -> bool:
    """Whether all that came from outside stands in code spans."""
    spans = [span for block in MarkdownIt("js-default").parse(markdown) for span in block.children or ()]
    kinds = {span.type for span in spans}
    shown = "".join(span.content for span in spans if span.type != "code_inline")
    return "evil.example" not in shown and not {"link_open", "image", "html_inline"} & kinds


async def summaries(handle: WorkflowHandle[Any, Any]) -> AsyncIterator[str]:
    """The workflow's own, its details, and those of its steps and timers."""
    yield await (await handle.describe()).static_summary() or ""
    metadata: WorkflowMetadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    yield metadata.current_details
    async for event in handle.fetch_history_events():
        if event.user_metadata.summary.data:
            [summary] = await CONVERTER.decode([event.user_metadata.summary])
            yield summary


async def test_of_a_return(play: Callable[..., Play]) -> None:
    card = {"tender_id": ADDRESS, "kind": "card", "captured": 8000, "reference": f"pi_{uuid4().hex} fault:refused"}
    # Stock fails twice, so that booking the receipt becomes a step with a summary.
    shoe = {"line_id": "1", "sku": "SHOE", "title": "Shoe fault:down:2", "quantity": 2, "unit_price": 4000}
    story = play(order_id=f"{LINK} {uuid4().hex}", tenders=[card], lines=[shoe])
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receipt(ReceiptUnits(line_id="1", quantity=1), receipt_id=f"{IMAGE} {uuid4().hex}")
    await story.inspect(Grade.A)
    await story.until_event("attention")
    told = [summary async for summary in summaries(story.handle)]
    assert all(any(part in summary for summary in told) for part in (LINK, IMAGE, ADDRESS))
    assert [summary for summary in told if not inert(summary)] == []


async def test_of_a_repair(stage: Stage) -> None:
    repair = RepairStory(stage, sku=LINK)
    await repair.start()
    told = [summary async for summary in summaries(repair.handle)]
    assert any(LINK in summary for summary in told)
    assert [summary for summary in told if not inert(summary)] == []
