"""The same call again, whenever and however often, does what it does once."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from tests.api.conftest import Serve
from tests.workflows.returns.play import Play, make_body


def without_id() -> dict[str, Any]:
    body = make_body()
    del body["return_id"]
    return body


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


async def starts_of(play: Callable[..., Play], order_id: str) -> int:
    story = play()
    query = f"WorkflowType = 'ReturnWorkflow' AND OrderId = '{order_id}'"
    return len([found async for found in story._stage.clock.client.list_workflows(query)])


async def test_ten_at_once_are_one_return(api: httpx.AsyncClient, play: Callable[..., Play]) -> None:
    body, headers = without_id(), key()
    answers = await asyncio.gather(*(api.post("/v1/returns", json=body, headers=headers) for _ in range(10)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["return_id"] for answer in answers}) == 1
    again = await api.post("/v1/returns", json=body, headers=headers)
    assert (again.status_code, again.json()["return_id"]) == (200, answers[0].json()["return_id"])
    await asyncio.sleep(0.3)  # a list is a moment behind
    assert await starts_of(play, body["order"]["order_id"]) == 1


async def test_another_process_gives_the_same_return(api: httpx.AsyncClient, serve: Serve) -> None:
    body, headers = without_id(), key()
    first = await api.post("/v1/returns", json=body, headers=headers)
    again = await serve().post("/v1/returns", json=body, headers=headers)
    assert (again.status_code, again.json()["return_id"]) == (200, first.json()["return_id"])


async def test_how_it_is_written_does_not_matter_but_what(api: httpx.AsyncClient) -> None:
    body, headers = without_id(), key()
    first = await api.post("/v1/returns", json=body, headers=headers)
    turned = dict(reversed(body.items())) | {"resolution": "refund"}
    assert (await api.post("/v1/returns", json=turned, headers=headers)).json()["return_id"] == first.json()[
        "return_id"
    ]
    other = await api.post("/v1/returns", json=body | {"channel": "phone"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/docs#key-reused")
    elsewhere = await api.post("/v1/returns/R-1/cancel", json={"by": "x"}, headers=headers)
    assert (elsewhere.status_code, elsewhere.json()["type"]) == (422, "/docs#key-reused")


async def test_the_same_return_id_with_another_body_is_refused(api: httpx.AsyncClient) -> None:
    body = make_body()
    assert (await api.post("/v1/returns", json=body)).status_code == 201
    assert (await api.post("/v1/returns", json=body)).status_code == 200
    other = await api.post("/v1/returns", json=body | {"channel": "phone"})
    assert (other.status_code, other.json()["type"]) == (409, "/docs#other-request")


async def test_a_key_of_a_wrong_body_can_be_used_for_the_right_one(api: httpx.AsyncClient) -> None:
    body, headers = without_id(), key()
    assert (await api.post("/v1/returns", json=body | {"items": []}, headers=headers)).status_code == 422
    assert (await api.post("/v1/returns", json=body, headers=headers)).status_code == 201


async def test_an_action_with_a_key_is_done_once(api: httpx.AsyncClient, play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    path, headers = f"/v1/returns/{story.return_id}/override", key()
    message = {"by": "support", "why": "agreed", "field": "amount", "value": 3000}
    answers = await asyncio.gather(*(api.post(path, json=message, headers=headers) for _ in range(5)))
    assert {(answer.status_code, answer.json()["amount"]) for answer in answers} == {(200, 3000)}
    assert (await story.events()).count("overridden") == 1
    other = await api.post(path, json=message | {"value": 1}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/docs#key-reused")
    await api.post(path, json=message, headers=key())
    assert (await story.events()).count("overridden") == 2


async def test_the_same_document_again_changes_nothing(api: httpx.AsyncClient, play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    path, receipt = f"/v1/returns/{story.return_id}/receipts", {"receipt_id": "RC-1", "units": [{"line_id": "1"}]}
    first, again = [await api.post(path, json=receipt) for _ in range(2)]
    assert first.json() == again.json()
    assert (await story.events()).count("received") == 1


async def test_a_line_that_the_order_does_not_have_is_refused_by_its_field(
    api: httpx.AsyncClient, play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    path = f"/v1/returns/{story.return_id}/receipts"
    refused = await api.post(path, json={"receipt_id": "RC-9", "complete": True, "units": [{"line_id": "9"}]})
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("units.0.line_id: the order has no line 9")
    unnamed = await api.post(path, json={"receipt_id": "RC-9", "units": [{"quantity": 1}]})
    assert (unnamed.status_code, unnamed.json()["errors"][0]["field"]) == (422, "units.0")
    extra = {"receipt_id": "RC-9", "units": [{"line_id": None, "sku": "MUG"}], "note": "in a shoe box"}
    assert (await api.post(path, json=extra)).json()["attention"] == "empty_parcel"
    assert (await story.view()).settlement.state == "pending"


async def test_a_key_that_no_header_should_hold_is_refused(api: httpx.AsyncClient) -> None:
    for wrong in ("", "a b", "x" * 256):
        answer = await api.post("/v1/returns", json=without_id(), headers={"Idempotency-Key": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key"), wrong
