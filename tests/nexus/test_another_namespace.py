"""A shop's own workflow calls Homeward across namespaces, through an endpoint on the real server."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from client.names import RETURNS_QUEUE, SETTLEMENT, settlement_id
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from starter.local.temporal_server import NAMESPACE as HOMEWARDS
from starter.local.up import Ready
from tests.nexus.shop import ENDPOINT, NAMESPACE, DecidedWorkflow, OrderWorkflow
from tests.workflows.returns.play import Play


@pytest.fixture(scope="module")
async def shop(ready: Ready, stage: Stage) -> Client:
    """The shop's client, of a namespace that an operator has let in by an endpoint."""
    client = stage.clock.client
    kept = Duration()
    kept.FromTimedelta(timedelta(days=1))
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=NAMESPACE, workflow_execution_retention_period=kept)
    )
    target = EndpointTarget(worker=EndpointTarget.Worker(namespace=HOMEWARDS, task_queue=RETURNS_QUEUE))
    await client.operator_service.create_nexus_endpoint(
        CreateNexusEndpointRequest(spec=EndpointSpec(name=ENDPOINT, target=target))
    )
    return await Client.connect(ready.temporal, namespace=NAMESPACE)


async def test_a_shops_workflow_starts_a_return_and_awaits_its_settlement(
    shop: Client, play: Callable[..., Play]
) -> None:
    story = play()
    async with Worker(
        shop, task_queue="orders", workflows=[OrderWorkflow], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        body = story.request.model_dump(mode="json", exclude_unset=True)
        order = await shop.start_workflow(OrderWorkflow.run, body, id=f"order-{uuid4().hex}", task_queue="orders")
        await order.execute_update(OrderWorkflow.has_asked)
        await story.receive()
        await story.inspect()
        told = await asyncio.wait_for(order.result(), 60)
    assert told["started"]["return_id"] == story.return_id
    assert told["refused"][0] == "Refused"
    assert told["wrong"][0] == "InvalidRequest"
    assert told["wrong"][1].startswith("raison: ")
    assert told["unknown"] == ["UnknownReturn", "there is no return R-nobody"]
    assert told["settled"]["status"] == told["again"]["status"] == "refunded"
    assert (told["settled"]["amount"], (await story.effects()).count("refund-t1")) == (4000, 1)


async def test_a_shops_workflow_approves_one_return_and_cancels_another(
    shop: Client, play: Callable[..., Play]
) -> None:
    dear = {"line_id": "1", "sku": "TV", "quantity": 1, "unit_price": 60000}
    reviewed, called_off = play(lines=[dear]), play()
    workflows = [DecidedWorkflow]
    async with Worker(shop, task_queue="decided", workflows=workflows, workflow_runner=UnsandboxedWorkflowRunner()):

        async def decided(story: Play, *words: Any) -> Any:
            body = story.request.model_dump(mode="json", exclude_unset=True)
            order = await shop.start_workflow(
                DecidedWorkflow.run, args=[body, *words], id=f"order-{uuid4().hex}", task_queue="decided"
            )
            await order.execute_update(DecidedWorkflow.has_decided)
            return asyncio.create_task(asyncio.wait_for(order.result(), 60))

        approval = await decided(reviewed, "approve", {"by": "buyer", "note": "a good customer"})
        cancelling = await decided(called_off, "cancel", {"by": "customer", "reason": "changed my mind"})
        await reviewed.until(Status.LABEL_SENT)
        assert not approval.done()
        await reviewed.receive()
        await reviewed.inspect()
        approved, cancelled = await asyncio.gather(approval, cancelling)
    assert (approved["started"]["status"], approved["settled"]["status"]) == ("in_review", "refunded")
    assert approved["decided"]["status"] in ("requested", "label_sent")
    assert (approved["settled"]["amount"], (await reviewed.effects()).count("refund-t1")) == (60000, 1)
    assert cancelled["decided"]["status"] == cancelled["settled"]["status"] == "cancelled"
    told = {
        (entry.event, entry.by, entry.detail) for one in (reviewed, called_off) for entry in (await one.view()).timeline
    }
    assert {("approved", "buyer", "a good customer"), ("cancelled", "customer", "changed my mind")} <= told


async def test_a_wait_that_comes_after_the_end_is_answered_from_the_records(
    play: Callable[..., Play], stage: Stage
) -> None:
    story = play(lines=[{"line_id": "1", "sku": "GIFT", "quantity": 1, "unit_price": 900, "final_sale": True}])
    await story.start(until=None)
    await story.closed()
    assert (await _waited_for(stage, story.return_id))["status"] == "declined"
    with pytest.raises(WorkflowFailureError) as failure:
        await _waited_for(stage, "R-nobody")
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "Refused"


async def _waited_for(stage: Stage, return_id: str) -> dict[str, Any]:
    found: dict[str, Any] = await stage.clock.client.execute_workflow(
        SETTLEMENT, return_id, id=settlement_id(return_id, uuid4().hex), task_queue=RETURNS_QUEUE
    )
    return found
