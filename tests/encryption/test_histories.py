"""With encryption on every path goes its way, replays, and leaves nothing that can be read in Temporal."""

import asyncio
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import Replayer

from client.names import RETURN, RETURNS_QUEUE
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from starter.demo.stories import STORIES
from starter.demo.story import Stage, read_example
from starter.local.up import Ready
from tests.workflows.returns.play import Play, make_body
from workers.codec import ENCODING, PLAIN_START
from workers.deployment.workflow_code import SANDBOX
from workflows.repairs.workflow import RepairWorkflow
from workflows.returns.workflow import ReturnWorkflow
from workflows.suppliers.workflow import SupplierReturnWorkflow
from workflows.support.workflow import SupportCaseWorkflow

ROOT = Path(__file__).parent.parent.parent
WORKFLOWS = [ReturnWorkflow, RepairWorkflow, SupplierReturnWorkflow, SupportCaseWorkflow]
#: One of each kind of workflow that belongs to a return, one that fails, and one with an exchange.
PATHS = ("refund_by_hand", "repair", "exchange", "supplier")


@pytest.fixture(scope="module")
async def played(stage: Stage) -> dict[str, Play]:
    plays = {name: Play(stage, read_example(ROOT / "examples" / f"{name}.json")) for name in STORIES if name in PATHS}
    await asyncio.gather(*(STORIES[name](play) for name, play in plays.items()))
    return plays


async def _histories(client: Client) -> list[WorkflowHistory]:
    found = [each async for each in client.list_workflows()]
    return [await client.get_workflow_handle(each.id, run_id=each.run_id).fetch_history() for each in found]


def _personal(request: Any) -> set[str]:
    customer = request.order.customer
    address = customer.address
    return {customer.name, customer.email, address.line1, address.city}


async def test_nothing_personal_can_be_read_in_a_history(plain: Client, played: dict[str, Play]) -> None:
    texts = [history.to_json() for history in await _histories(plain)]
    assert len(texts) >= len(played)
    values = set().union(*(_personal(play.request) for play in played.values()))
    assert values
    words_of_a_failure = "the partner"
    assert [value for value in {*values, words_of_a_failure} for text in texts if value in text] == []
    for text in texts:
        for payload in _payloads(json.loads(text)):
            assert b64decode(payload["metadata"]["encoding"]) == ENCODING, payload


def _payloads(part: Any, within: str = "") -> list[dict[str, Any]]:
    """All payloads of a history but search attributes, and what the SDK writes of itself into a marker."""
    if isinstance(part, list):
        return [found for each in part for found in _payloads(each, within)]
    if not isinstance(part, dict):
        return []
    if "encoding" in part.get("metadata", {}):
        return [part]
    skipped = {"searchAttributes", "data", "patch-data"} if within == "details" else {"searchAttributes"}
    return [found for name, each in part.items() if name not in skipped for found in _payloads(each, name)]


async def test_the_id_of_a_request_comes_along_encrypted(
    encrypted: Ready, stage: Stage, plain: Client, converter: DataConverter
) -> None:
    body, request_id = make_body(), "mine-3"
    async with httpx.AsyncClient(base_url=encrypted.api, timeout=60) as api:
        await api.post("/v1/returns", json=body, headers={"X-Request-Id": request_id})
    story = Play(stage, ReturnRequest.model_validate(body))
    await story.until(Status.LABEL_SENT)
    history = await plain.get_workflow_handle(story.handle.id).fetch_history()
    [sent] = history.events[0].workflow_execution_started_event_attributes.header.fields.values()
    assert sent.metadata["encoding"] == ENCODING
    assert converter.payload_codec is not None
    [read] = await converter.payload_codec.decode([sent])
    assert json.loads(read.data) == request_id
    steps = [event for event in history.events if event.HasField("activity_task_scheduled_event_attributes")]
    given = [event.activity_task_scheduled_event_attributes.header.fields for event in steps]
    assert given
    assert {field.metadata["encoding"] for fields in given for field in fields.values()} == {ENCODING}


async def test_every_path_replays(plain: Client, played: dict[str, Play], converter: DataConverter) -> None:
    replayer = Replayer(workflows=WORKFLOWS, data_converter=converter, workflow_runner=SANDBOX)
    carried = [
        each for each in await _histories(plain) if each.workflow_id.startswith(("return-", "repair:", "supplier-"))
    ]
    assert len(carried) >= len(played)
    for history in carried:
        await replayer.replay_workflow(history)


async def test_a_raw_start_is_refused(plain: Client) -> None:
    body = make_body()
    handle = await plain.start_workflow(RETURN, body, id=f"return-{body['return_id']}", task_queue=RETURNS_QUEUE)
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    history = await handle.fetch_history()
    failure = history.events[-1].workflow_execution_failed_event_attributes.failure
    assert failure.application_failure_info.type == PLAIN_START
    assert caught.value.cause is not None
    assert not [event for event in history.events if event.HasField("activity_task_scheduled_event_attributes")]
