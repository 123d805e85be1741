"""A return's life over HTTP, as a backend service sees it."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from itsdangerous import Signer

from client.answers import Source
from client.errors import InvalidInput
from client.http import HttpHomeward
from client.list_rows import ListFilter
from client.workflow_query import query_of
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import (
    Approve,
    Cancel,
    ChangeRequest,
    Decline,
    InspectedUnit,
    Inspection,
    Override,
    Receipt,
    ReceiptUnits,
)
from lifecycle.contract.statuses import Status
from lifecycle.repairs.messages import Diagnosis, DiagnosisOutcome, EstimateAnswer, RepairCheck, RepairWork
from lifecycle.shared.listing import Sort
from lifecycle.shared.repair_messages import RepairState
from tests.workflows.returns.play import Play, make_body, make_request

UNIT = ReceiptUnits(line_id="1")
GRADED = Inspection(inspection_id="I1", units=[InspectedUnit(unit_id="1-1", grade=Grade.A)])


async def test_a_plain_return_from_start_to_refund(over_http: HttpHomeward, play: Callable[..., Play]) -> None:
    story = play()
    return_id = story.return_id
    started = await over_http.start(story.request)
    assert (started.created, started.summary.status, started.summary.amount) == (True, "requested", 4000)
    await story.until(Status.LABEL_SENT)
    kind, label = await over_http.label(return_id)
    assert (kind, label[:4]) == ("application/pdf", b"%PDF")
    received = await over_http.record_receipt(return_id, Receipt(receipt_id="R1", complete=True, units=[UNIT]))
    assert received.status is Status.RECEIVED
    await over_http.record_inspection(return_id, GRADED)
    await story.closed()
    seen = await over_http.sourced_view(return_id)
    assert (seen.source, seen.view.status, seen.view.closed) == (Source.CLOSED, Status.REFUNDED, True)
    assert [(paid.amount, paid.state) for paid in seen.view.settlement.paid] == [(4000, "succeeded")]
    again = await over_http.start(story.request)
    assert (again.created, again.summary.status) == (False, "refunded")


async def test_a_start_says_where_the_return_is(api: httpx.AsyncClient) -> None:
    body = make_body()
    answer = await api.post("/v1/returns", json=body)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/returns/{body['return_id']}")
    view = await api.get(answer.headers["Location"])
    assert (view.status_code, view.headers["Homeward-View"]) == (200, "live")
    assert view.json()["order_id"] == body["order"]["order_id"]


async def test_a_view_has_all_that_a_backend_needs(api: httpx.AsyncClient, play: Callable[..., Play]) -> None:
    noted = {"line_id": "1", "quantity": 1, "reason": "defective", "note": "the sole is off"}
    story = play(items=[noted])
    await story.start()
    await story.change(method="drop_off")
    await story.until_it(lambda view: view.handover.drop_off is not None and bool(view.handover.drop_off.code), "coded")
    path = f"/v1/returns/{story.return_id}"
    seen = (await api.get(path)).json()
    assert (seen["asked_for"]["items"], seen["asked_for"]["method"]) == ([noted], "drop_off")
    customer = story.request.order.customer
    assert (seen["customer"]["customer_id"], seen["customer"]["email"]) == (customer.customer_id, customer.email)
    label, code = seen["parcels"]
    assert (label["direction"], label["voided"], code["voided"]) == ("to_shop", True, False)
    assert code["tracking_code"] == seen["handover"]["tracking_code"]
    await story.hand_in()
    await story.inspect()
    await story.closed()
    [tender] = (await api.get(path)).json()["tenders"]
    [bought] = story.request.order.tenders
    assert (tender["kind"], tender["reference"]) == ("card", bought.reference)
    assert (tender["given_back"], tender["pending"]) == (4000, 0)


async def test_a_review_is_answered(over_http: HttpHomeward) -> None:
    dear: dict[str, Any] = {"lines": [{"line_id": "1", "sku": "S", "quantity": 1, "unit_price": 60_000}]}
    let, turned_down = make_request(**dear), make_request(**dear)
    assert (await over_http.start(let)).summary.status is Status.IN_REVIEW
    assert (await over_http.approve(let.return_id or "", Approve(by="reviewer"))).status is Status.REQUESTED
    await over_http.start(turned_down)
    said = Decline(by="reviewer", reason="worn")
    assert (await over_http.decline(turned_down.return_id or "", said)).status is Status.DECLINED


async def test_another_way_home_is_chosen_and_the_return_called_off(
    over_http: HttpHomeward, play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    slots = (await over_http.pickup_slots(story.return_id)).slots
    points = (await over_http.drop_off_points(story.return_id)).points
    assert len(slots) >= 4
    assert len(points) >= 3
    await over_http.change_request(story.return_id, ChangeRequest.model_validate({"by": "c", "method": "drop_off"}))
    await story.until_it(lambda view: view.handover.drop_off is not None and bool(view.handover.drop_off.code), "coded")
    assert (await over_http.drop_off_points(story.return_id)).code
    assert (await over_http.label(story.return_id))[0] == "image/png"
    amount = Override(by="support", why="agreed", field="amount", value=3000)
    with pytest.raises(InvalidInput, match="value: expected minor units"):
        await over_http.override(story.return_id, amount.model_copy(update={"value": -1}))
    assert (await over_http.override(story.return_id, amount)).amount == 3000
    assert (await over_http.cancel(story.return_id, Cancel(by="customer"))).status is Status.CANCELLED


async def test_a_label_that_a_changed_way_made_void_is_not_given(
    over_http: HttpHomeward, api: httpx.AsyncClient, play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    await over_http.change_request(story.return_id, ChangeRequest.model_validate({"by": "c", "method": "pickup"}))
    answer = await api.get(f"/v1/returns/{story.return_id}/label")
    assert (answer.status_code, answer.json()["type"]) == (409, "/docs#not-allowed")


async def test_a_label_that_a_review_made_void_is_not_given(
    over_http: HttpHomeward, api: httpx.AsyncClient, play: Callable[..., Play]
) -> None:
    line = {"line_id": "1", "sku": "TV", "title": "Screen", "quantity": 2, "unit_price": 30000}
    story = play(lines=[line])
    await story.start()
    both = {"by": "c", "items": [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]}
    summary = await over_http.change_request(story.return_id, ChangeRequest.model_validate(both))
    assert summary.status is Status.IN_REVIEW
    answer = await api.get(f"/v1/returns/{story.return_id}/label")
    assert (answer.status_code, answer.json()["type"]) == (409, "/docs#not-allowed")


async def test_a_unit_goes_over_the_bench(over_http: HttpHomeward, play: Callable[..., Play]) -> None:
    story = play(resolution="repair", items=[{"line_id": "1", "quantity": 1, "reason": "other"}])
    await story.hand_in()
    await story.on_bench("1-1")
    repairs, where = over_http.repairs, (story.return_id, "1-1")
    found = Diagnosis(diagnosis_id="D1", outcome=DiagnosisOutcome.REPAIRABLE, estimate=2500)
    assert (await repairs.diagnose(*where, found)).state is RepairState.AWAITING_CUSTOMER
    await repairs.answer_estimate(*where, EstimateAnswer(by="customer", accepted=True))
    await repairs.record_repair(*where, RepairWork(repair_id="W1"))
    assert (await repairs.record_check(*where, RepairCheck(check_id="C1", passed=True))).state is RepairState.DONE
    await story.until(Status.REPAIRED)


async def test_a_quote_counts_what_other_returns_hold(over_http: HttpHomeward, play: Callable[..., Play]) -> None:
    line = {"line_id": "1", "sku": "S", "quantity": 2, "unit_price": 4000}
    body = make_body(lines=[line], items=[{"line_id": "1", "quantity": 2, "reason": "unwanted"}])
    alone = await over_http.quote(body)
    assert (alone.amount, alone.decision.outcome) == (8000, "allowed")
    other = play(lines=[line], order_id=body["order"]["order_id"])
    await other.start()
    beside = await over_http.quote(body)
    assert (beside.amount, beside.decision.outcome) == (4000, "partial")
    own = await over_http.quote(body | {"return_id": other.return_id})
    assert own.amount == 8000


async def test_a_list_is_paged_and_filtered(api: httpx.AsyncClient, over_http: HttpHomeward) -> None:
    order = {"lines": [{"line_id": "1", "sku": "GIFT", "quantity": 1, "unit_price": 900, "final_sale": True}]}
    started = [make_request(**order) for _ in range(3)]
    for request in started:
        await over_http.start(request)
    newest = [request.return_id for request in reversed(started)]
    for _ in range(100):  # a moment behind
        rows = await over_http.list(ListFilter(statuses=(Status.DECLINED,)), limit=3)
        if [row.return_id for row in rows] == newest:
            break
        await asyncio.sleep(0.1)
    assert [row.return_id for row in rows] == newest
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None and len(found) < 3:
        query = {"status": "declined", "limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/v1/returns", params=query)).json()
        found += [row["return_id"] for row in page["returns"]]
        cursor = page["next_cursor"]
    assert found == newest
    elsewhere = await api.get("/v1/returns", params={"status": "refunded", "cursor": cursor or "x"})
    assert (elsewhere.status_code, elsewhere.json()["errors"][0]["field"]) == (422, "cursor")


async def test_returns_are_found_by_what_somebody_has_of_them(
    api: httpx.AsyncClient, over_http: HttpHomeward, play: Callable[..., Play]
) -> None:
    story = play(name="Ximena Quispe")
    await story.start()
    for text in ("quispe", "Ximenna", "ximena quispe", story.return_id):
        rows = await over_http.list(ListFilter(text=text, sort=Sort.OLDEST))
        assert [row.return_id for row in rows] == [story.return_id]
    both = {"q": "quispe", "status": "label_sent", "limit": "1"}
    for _ in range(100):  # a moment behind
        if (await api.get("/v1/returns", params=both)).json()["returns"]:
            break
        await asyncio.sleep(0.1)
    page = (await api.get("/v1/returns", params=both)).json()
    assert [row["return_id"] for row in page["returns"]] == [story.return_id]
    after = (await api.get("/v1/returns", params={**both, "cursor": page["next_cursor"]})).json()
    assert (after["returns"], after["next_cursor"]) == ([], None)
    for nothing in ({"status": "received"}, {"reason": "style"}, {"country": "CA"}, {"resolution": "repair"}):
        assert (await api.get("/v1/returns", params={**both, **nothing})).json()["returns"] == []
    elsewhere = await api.get("/v1/returns", params={"q": "ximena", "cursor": page["next_cursor"]})
    assert (elsewhere.status_code, elsewhere.json()["errors"][0]["field"]) == (422, "cursor")


async def test_who_follows_returns_asks_for_what_has_changed(
    api: httpx.AsyncClient, over_http: HttpHomeward, play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    order = (await story.view()).order_id

    async def rows(**wanted: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await api.get("/v1/returns", params=wanted)).json()["returns"]
        return found

    [row] = await rows(order_id=f"# {order.lower()}")
    assert (row["return_id"], row["amount"], row["value"], row["currency"]) == (story.return_id, 4000, 4000, "USD")
    assert (row["method"], row["resolution"], row["closed_at"]) == ("mail", "refund", None)
    since = datetime.fromisoformat(row["updated_at"]) + timedelta(microseconds=1)
    assert story.return_id not in {seen.return_id for seen in await over_http.list(ListFilter(updated_since=since))}
    await over_http.cancel(story.return_id, Cancel(by="customer"))
    await story.until_no_label_is_left()
    changed = await over_http.list(ListFilter(updated_since=since))
    assert story.return_id in {seen.return_id for seen in changed}
    assert [seen.updated_at for seen in changed] == sorted(seen.updated_at for seen in changed if seen.updated_at)
    mine = {"customer_id": story.request.order.customer.customer_id}
    for _ in range(100):  # a moment behind
        if found := await rows(status=["received", "cancelled"], **mine):
            break
        await asyncio.sleep(0.1)
    assert [seen["return_id"] for seen in found] == [story.return_id]
    assert await rows(status=["received", "settling"], **mine) == []


@pytest.mark.parametrize("token", [b"t:made up", b"t:\x00", b"t:" + b"\xff" * 200, b"made up", b"o:"])
async def test_a_cursor_that_somebody_made_up_is_named(api: httpx.AsyncClient, token: bytes) -> None:
    """It never reaches Temporal, which would be asked for ten seconds."""
    signed = Signer("a guess", salt=f"cursor {query_of(ListFilter())}").sign(urlsafe_b64encode(token)).decode()
    for cursor in (signed, urlsafe_b64encode(sha256(token).digest()[:8] + token).decode()):
        answer = await api.get("/v1/returns", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")
