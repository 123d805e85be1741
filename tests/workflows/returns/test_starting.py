"""Starting: by the client, by name, twice, and with what is wrong."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WithStartWorkflowOperation, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.common import RawValue, WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError

from client.errors import NotAllowed, UnknownReturn
from client.list_rows import Listed, ListFilter
from client.search_attributes import ORDER, STATUS
from gateways.database.returns.records import get_return
from lifecycle.contract.messages import ChangeRequest
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.workflows.returns.play import Play, make_body


async def by_name(stage: Stage, body: Any, workflow_id: str) -> Any:
    client = stage.clock.client
    return await client.execute_workflow("ReturnWorkflow", body, id=workflow_id, task_queue="returns")


def without(body: dict[str, Any], *path: str) -> dict[str, Any]:
    inner = body
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return body


def order_with(**changes: Any) -> dict[str, Any]:
    body = make_body()
    body["order"] |= changes
    return body


TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
ITEM = {"line_id": "1", "quantity": 1, "reason": "other"}
CARD = {"tender_id": "t", "kind": "card", "captured": 8000}
TWO_MAILBOXES = make_body()["order"]["customer"] | {"email": "john,doe@example.com"}
LINE = {"line_id": "1", "sku": "A", "quantity": 2, "unit_price": 4000}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param(without(make_body(), "order"), "order", id="no order"),
        pytest.param(without(make_body(), "order", "currency"), "order.currency", id="no currency"),
        pytest.param(make_body() | {"items": []}, "items", id="no items"),
        pytest.param(make_body(items=[ITEM | {"line_id": "9"}]), "items.0.line_id", id="unknown line"),
        pytest.param(make_body(items=[ITEM | {"quantity": 3}]), "items.0.quantity", id="too many"),
        pytest.param(order_with(currency="XYZ"), "order.currency", id="unknown currency"),
        pytest.param(order_with(delivered_at=TOMORROW), "order.delivered_at", id="delivered tomorrow"),
        pytest.param(order_with(lines=[LINE | {"unit_price": -1}]), "order.lines.0.unit_price", id="negative money"),
        pytest.param(order_with(lines=[LINE | {"unit_price": 40.5}]), "order.lines.0.unit_price", id="float money"),
        pytest.param(order_with(tenders=[CARD | {"captured": 7999}]), "order.tenders", id="not covered"),
        pytest.param(make_body(order_id="SO\r1"), "order.order_id", id="a carriage return"),
        pytest.param(make_body(order_id="SO\u20281"), "order.order_id", id="a line separator"),
        pytest.param(make_body(name="Ann\x85Bcc: x"), "order.customer.name", id="a next line"),
        pytest.param(order_with(customer=TWO_MAILBOXES), "order.customer.email", id="two addresses"),
        pytest.param([1, 2], "body", id="a list"),
        pytest.param("nonsense", "body", id="a text"),
        pytest.param(None, "body", id="nothing"),
    ],
)  # fmt: skip
async def test_a_bad_start_fails_at_once_and_names_the_field(stage: Stage, body: Any, field: str) -> None:
    named = body.get("return_id") if isinstance(body, dict) else None
    workflow_id = f"return-{named or 'bad-' + str(id(body))}"
    with pytest.raises(WorkflowFailureError) as failure:
        await by_name(stage, body, workflow_id)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "InvalidRequest"
    assert f"{field}: " in cause.message
    assert await get_return(stage.db, workflow_id.removeprefix("return-")) is None


@pytest.mark.parametrize("arguments", [[], [{}, {}], [make_body(), None, 3]])
async def test_none_or_more_than_one_argument_fails_at_once(stage: Stage, arguments: list[Any]) -> None:
    client = stage.clock.client
    with pytest.raises(WorkflowFailureError) as failure:
        await client.execute_workflow(
            "ReturnWorkflow", args=arguments, id=f"return-{uuid4().hex}", task_queue="returns"
        )
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "InvalidRequest"


async def test_a_signal_that_comes_with_a_bad_start_changes_nothing_of_that(stage: Stage) -> None:
    client = stage.clock.client
    handle = await client.start_workflow(
        "ReturnWorkflow",
        {},
        id=f"return-{uuid4().hex}",
        task_queue="returns",
        start_signal="tracking_event",
        start_signal_args=[{"event_id": "e"}],
    )
    with pytest.raises(WorkflowFailureError) as failure:
        await asyncio.wait_for(handle.result(), 10)
    assert "order: " in str(failure.value.cause)


async def test_the_workflow_id_has_to_carry_the_return_id(stage: Stage) -> None:
    with pytest.raises(WorkflowFailureError) as failure:
        await by_name(stage, make_body(), "return-somebody-else")
    assert "return_id: " in str(failure.value.cause)


async def test_a_decision_asked_of_a_bad_start_names_the_field(stage: Stage) -> None:
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        "ReturnWorkflow",
        {"return_id": "R-bad"},
        id="return-R-bad",
        task_queue="returns",
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await stage.clock.client.execute_update_with_start_workflow("decision", start_workflow_operation=start)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "InvalidRequest"
    assert "order: " in cause.message


async def test_a_return_id_left_out_is_the_workflow_ids(stage: Stage) -> None:
    body = make_body()
    return_id = body.pop("return_id")
    client = stage.clock.client
    await client.start_workflow("ReturnWorkflow", body, id=f"return-{return_id}", task_queue="returns")
    view = await client.get_workflow_handle(f"return-{return_id}").query("view")
    assert view["return_id"] == return_id


async def test_unknown_fields_of_a_start_change_nothing_and_are_named(stage: Stage) -> None:
    body = make_body() | {"added_in_2030": {"x": 1}}
    body["order"]["lines"][0]["descount_total"] = 1
    client = stage.clock.client
    handle = await client.start_workflow("ReturnWorkflow", body, id=f"return-{body['return_id']}", task_queue="returns")
    answer = await handle.execute_update("decision", id="decision")
    assert (answer["amount"], answer["ignored"]) == (4000, ["order.lines.0.descount_total", "added_in_2030"])


async def test_ten_starts_at_once_are_one_return(play: Callable[..., Play], stage: Stage) -> None:
    story = play()
    answers = await asyncio.gather(*(stage.homeward.start(story.request) for _ in range(10)))
    assert len({answer.summary.return_id for answer in answers}) == 1
    await story.until(Status.LABEL_SENT)
    assert (await story.effects()).count("buy_return_label") == 1


async def test_a_known_return_is_answered_even_after_it_closed(play: Callable[..., Play], stage: Stage) -> None:
    story = play(lines=[{"line_id": "1", "sku": "GIFT", "quantity": 1, "unit_price": 900, "final_sale": True}])
    await story.start(until=None)
    await story.closed()
    again = await stage.homeward.start(story.request)
    assert (again.created, again.summary.status) == (False, "declined")


async def test_the_same_id_with_another_request_is_refused(play: Callable[..., Play], stage: Stage) -> None:
    story = play()
    await story.start()
    other = story.request.model_copy(update={"channel": "phone"})
    with pytest.raises(NotAllowed, match="another request"):
        await stage.homeward.start(other)


async def test_two_returns_of_one_order_never_hold_the_same_unit(play: Callable[..., Play]) -> None:
    first = play(items=[{"line_id": "1", "quantity": 2, "reason": "unwanted"}])
    order_id = first.request.order.order_id
    second = play(items=[{"line_id": "1", "quantity": 2, "reason": "unwanted"}], order_id=order_id)
    await asyncio.gather(first.start(until=None), second.start(until=None))
    outcomes = sorted([(await first.view()).status, (await second.view()).status])
    assert "declined" in outcomes
    loser = first if (await first.view()).status == "declined" else second
    decision = (await loser.view()).decision
    assert decision
    assert {rule.rule for rule in decision.rules} == {"already_returned"}


async def test_a_closed_return_started_again_by_name_is_answered(play: Callable[..., Play], stage: Stage) -> None:
    story = play()
    await story.start()
    await story.receive()
    await story.inspect()
    await story.closed()
    body = story.request.model_dump(mode="json")
    again = await by_name(stage, body, f"return-{story.return_id}")
    assert (again["status"], again["amount"]) == ("refunded", 4000)
    assert (await story.effects()).count("buy_return_label") == 1
    with pytest.raises(WorkflowFailureError) as failure:
        await by_name(stage, body | {"channel": "phone"}, f"return-{story.return_id}")
    assert "return_id: " in str(failure.value.cause)


@pytest.mark.parametrize("data", [b'{"return_id": "\\ud800"}', b"{not json"])
async def test_what_cannot_be_read_fails_at_once(stage: Stage, data: bytes) -> None:
    payload = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=data))
    with pytest.raises(WorkflowFailureError) as failure:
        await by_name(stage, payload, f"return-{uuid4().hex}")
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "InvalidRequest"


async def test_a_message_by_name_is_judged_by_its_texts(play: Callable[..., Play], stage: Stage) -> None:
    story = play()
    await story.start()
    for name, message, field in (
        ("cancel", {"by": "al\u2028ex"}, "by"),
        ("record_receipt", {"receipt_id": "R\r1"}, "receipt_id"),
        ("override", {"by": "alex", "why": "\x1b[2J", "field": "amount", "value": 1}, "why"),
    ):
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await story.handle.execute_update(name, message)
        assert isinstance(refused.value.cause, ApplicationError)
        assert (refused.value.cause.type, refused.value.cause.message.partition(":")[0]) == ("InvalidRequest", field)
    assert (await story.view()).status is Status.LABEL_SENT


async def _asked_by_name(stage: Stage, body: dict[str, Any], update_id: str, *given: Any) -> Any:
    """Start by name and ask for the decision, as a caller in another language does."""
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        "ReturnWorkflow",
        body,
        id=f"return-{body['return_id']}",
        task_queue="returns",
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    return await stage.clock.client.execute_update_with_start_workflow(
        "decision", *given, start_workflow_operation=start, id=update_id
    )


async def test_a_start_by_name_with_another_body_under_an_open_id_is_refused(stage: Stage) -> None:
    body = make_body()
    first = await _asked_by_name(stage, body, "decision", body)
    assert first["amount"] == 4000
    other = body | {"items": [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]}
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await _asked_by_name(stage, other, "decision:other", other)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.message) == ("InvalidRequest", "return_id: expected one that no other request has used")
    again = await _asked_by_name(stage, body, "decision:again", body | {"added_in_2030": 1})
    assert again["amount"] == 4000
    assert (await _asked_by_name(stage, body, "decision:bare"))["amount"] == 4000
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await _asked_by_name(stage, body, "decision:bad", {"return_id": body["return_id"]})
    assert "order: " in str(failure.value.cause)


async def test_a_changed_return_still_answers_for_the_request_it_began_with(
    play: Callable[..., Play], stage: Stage
) -> None:
    story = play()
    await story.start()
    await stage.homeward.change_request(
        story.return_id, ChangeRequest(by="customer", resolution=Resolution.STORE_CREDIT)
    )
    body = story.request.model_dump(mode="json")
    assert (await _asked_by_name(stage, body, "decision:again", body))["return_id"] == story.return_id
    assert not (await stage.homeward.start(story.request)).created


async def _listed(stage: Stage, return_id: str, **wanted: Any) -> list[Listed]:
    await asyncio.sleep(0.5)  # lists lag
    return [row for row in await stage.homeward.list(ListFilter(**wanted), 1000) if row.return_id == return_id]


async def test_a_start_by_name_repeated_after_the_end_leaves_the_list_as_it_was(
    play: Callable[..., Play], stage: Stage
) -> None:
    story = play()
    await story.start()
    await story.receive()
    await story.inspect()
    await story.closed()
    before = await _listed(stage, story.return_id)
    body = story.request.model_dump(mode="json")
    await by_name(stage, body, f"return-{story.return_id}")
    with pytest.raises(WorkflowFailureError):
        await by_name(stage, body | {"channel": "phone"}, f"return-{story.return_id}")
    assert await _listed(stage, story.return_id) == before
    assert before[0].status is Status.REFUNDED
    assert await _listed(stage, story.return_id, statuses=(Status.REQUESTED,)) == []
    assert len(await _listed(stage, story.return_id, statuses=(Status.REFUNDED,))) == 1


async def test_the_repeats_own_columns_say_how_it_ended(play: Callable[..., Play], stage: Stage) -> None:
    story = play()
    await story.start()
    await story.receive()
    await story.inspect()
    await story.closed()
    await by_name(stage, story.request.model_dump(mode="json"), f"return-{story.return_id}")
    shown = (await story.handle.describe()).typed_search_attributes
    assert (shown.get(STATUS), shown.get(ORDER)) == ("refunded", story.request.order.order_id)


async def test_a_bad_start_leaves_no_row_and_its_id_free(stage: Stage) -> None:
    body = make_body()
    bad, mine = body | {"items": []}, body["return_id"]
    with pytest.raises(WorkflowFailureError):
        await by_name(stage, bad, f"return-{mine}")
    with pytest.raises(WorkflowFailureError):
        await by_name(stage, make_body(), f"my-own-{mine}")
    assert await _listed(stage, mine) == []
    assert await _listed(stage, f"my-own-{mine}") == []
    with pytest.raises(UnknownReturn):
        await stage.homeward.view(mine)
    client = stage.clock.client
    never_begun = await client.start_workflow(
        "ReturnWorkflow", body, id=f"return-{mine}", task_queue="returns", start_delay=timedelta(hours=1)
    )
    await never_begun.terminate()
    with pytest.raises(UnknownReturn):
        await stage.homeward.view(mine)
    started = await stage.homeward.start(ReturnRequest.model_validate(body))
    assert (started.created, started.summary.amount) == (True, 4000)
    assert len(await _listed(stage, mine)) == 1
