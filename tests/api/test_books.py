"""Store credit and stock over HTTP: the same books as the commands', once for each call, with who did it."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from gateways.database import store_credit
from gateways.database.stock import inventory
from starter.demo.story import Stage
from tests.api.conftest import Serve

KEYS = {scope: f"the-{scope}-key-of-the-books" for scope in ("credit", "operate", "warehouse")}
NOW = datetime.now(UTC)


@pytest.fixture
def books(serve: Serve) -> httpx.AsyncClient:
    return serve(api_keys=[{"key": key, "scopes": [scope], "name": scope} for scope, key in KEYS.items()])


def of(scope: str, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {KEYS[scope]}"} | headers


async def given(stage: Stage, amount: int = 4000) -> tuple[str, str]:
    """A customer with so much credit, and its id."""
    customer = f"C-{uuid4().hex[:8]}"
    credit = await stage.db.write(
        lambda connection: store_credit.issue(
            connection,
            key=uuid4().hex,
            customer_id=customer,
            currency="USD",
            amount=amount,
            bonus=0,
            return_id="R-1",
            at=NOW,
            expires_at=NOW + timedelta(days=9),
        )
    )
    return customer, credit


async def test_a_checkout_pays_once_and_puts_it_back_once(books: httpx.AsyncClient, stage: Stage) -> None:
    customer, _ = await given(stage)
    order = {"by": "checkout", "customer_id": customer, "order_id": f"SO-{customer}"}
    asked = order | {"amount": 1400, "currency": "USD"}
    spent = await asyncio.gather(
        *(books.post("/v1/store-credit/spend", json=asked, headers=of("credit")) for _ in range(5))
    )
    assert {(one.status_code, one.json()["balance"][0]["amount"]) for one in spent} == {(200, 2600)}
    other = await books.post("/v1/store-credit/spend", json=asked | {"amount": 1}, headers=of("credit"))
    assert (other.status_code, other.json()["type"]) == (409, "/docs#not-allowed")
    for _ in range(2):
        back = await books.post("/v1/store-credit/give-back", json=order, headers=of("credit"))
        assert back.json()["balance"][0]["amount"] == 4000
    shown = await books.get("/v1/store-credit", params={"customer_id": customer}, headers=of("credit"))
    assert [(one["kind"], one["amount"], one["by"]) for one in shown.json()["entries"]] == [
        ("issue", 4000, None),
        ("spend", -1400, "checkout (key credit)"),
        ("give_back", 1400, "checkout (key credit)"),
    ]


async def test_an_order_is_paid_once_however_it_is_spelt(books: httpx.AsyncClient, stage: Stage) -> None:
    customer, _ = await given(stage)
    before = f"SO-{customer}-old"
    key = f"order-{before}/store_credit"
    await store_credit.spend(
        stage.db, key=key, customer_id=customer, currency="USD", amount=100, at=NOW, order_id=before
    )
    body = {"by": "checkout", "customer_id": customer}
    paid = {"amount": 100, "currency": "USD"}
    order_id = f"SO-{customer}"
    for spelt, left in ((before, 3900), (order_id, 3800), (order_id.lower(), 3800), (f"#{order_id}", 3800)):
        spent = await books.post("/v1/store-credit/spend", json=body | paid | {"order_id": spelt}, headers=of("credit"))
        assert (spent.status_code, spent.json()["balance"][0]["amount"]) == (200, left), spelt
    for spelt, left in ((order_id.lower(), 3900), (f"#{order_id}", 3900), (before, 4000)):
        back = await books.post("/v1/store-credit/give-back", json=body | {"order_id": spelt}, headers=of("credit"))
        assert (back.status_code, back.json()["balance"][0]["amount"]) == (200, left), spelt


async def test_what_the_ledger_refuses_says_so_and_changes_nothing(books: httpx.AsyncClient, stage: Stage) -> None:
    customer, _ = await given(stage)
    order = {"by": "checkout", "customer_id": customer, "order_id": "SO-1"}
    for path, body, status, told in (
        ("spend", order | {"amount": 4001, "currency": "USD"}, 409, "insufficient-credit"),
        ("spend", order | {"amount": 0, "currency": "USD"}, 422, "amount"),
        ("spend", order | {"amount": 10, "currency": "usd"}, 422, "currency"),
        ("give-back", order | {"order_id": "SO-none"}, 404, "not-found"),
    ):
        answer = await books.post(f"/v1/store-credit/{path}", json=body, headers=of("credit"))
        assert (answer.status_code, told in answer.text) == (status, True), answer.text
    shown = await books.get("/v1/store-credit", params={"customer_id": customer}, headers=of("credit"))
    assert shown.json()["balance"][0]["amount"] == 4000


async def test_what_was_given_in_error_is_taken_back_once_by_its_key(books: httpx.AsyncClient, stage: Stage) -> None:
    customer, credit = await given(stage)
    asked = {"by": "alex", "why": "given twice", "customer_id": customer, "credit_id": credit, "amount": 500}
    headers = of("operate", **{"Idempotency-Key": uuid4().hex})
    for _ in range(2):
        taken = await books.post("/v1/store-credit/take-back", json=asked, headers=headers)
        assert taken.json()["balance"][0]["amount"] == 3500
    assert taken.json()["entries"][-1] | {"at": ""} == {
        "at": "", "kind": "take_back", "currency": "USD", "amount": -500, "credit_id": credit, "return_id": None,
        "order_id": None, "expires_at": taken.json()["balance"][0]["expires_at"],
        "by": "alex (key operate)", "why": "given twice",
    }  # fmt: skip
    reused = await books.post("/v1/store-credit/take-back", json=asked | {"amount": 1}, headers=headers)
    assert (reused.status_code, reused.json()["type"]) == (422, "/docs#key-reused")
    others = await books.post("/v1/store-credit/take-back", json=asked | {"customer_id": "C-1"}, headers=of("operate"))
    assert others.json()["errors"][0]["field"] == "credit_id"


async def test_a_delivery_is_put_on_the_shelf_once_by_its_key(books: httpx.AsyncClient, stage: Stage) -> None:
    sku, key = f"SKU-{uuid4().hex[:8]}", uuid4().hex
    asked, headers = {"by": "goods in", "sku": sku, "quantity": 10}, of("warehouse", **{"Idempotency-Key": key})
    added = await asyncio.gather(*(books.post("/v1/stock/add", json=asked, headers=headers) for _ in range(5)))
    assert {(one.status_code, one.json()["stock"][0]["on_hand"]) for one in added} == {(200, 10)}
    shelf = {"sku": sku, "location": "main", "grade": "A", "on_hand": 10, "reserved": 0}
    assert added[0].json() == {"stock": [shelf], "next_cursor": None}
    assert await inventory.check(stage.db) == []


async def test_stock_is_paged_by_article(books: httpx.AsyncClient, stage: Stage) -> None:
    mark = f"SKU-{uuid4().hex[:8]}"
    for sku, location in (("a", "main"), ("a", "shelf-2"), ("b", "main"), ("c", "main")):
        await inventory.add_stock(stage.db, f"{mark}-{sku}", 1, location)
    first = (await books.get("/v1/stock", params={"cursor": mark, "limit": 2}, headers=of("warehouse"))).json()
    assert [row["sku"][-1] for row in first["stock"]] == ["a", "a", "b"]
    asked = {"cursor": first["next_cursor"], "limit": 1}
    assert (await books.get("/v1/stock", params=asked, headers=of("warehouse"))).json()["stock"][0]["sku"][-1] == "c"


async def test_a_reservation_left_behind_is_released_with_who_did_it(books: httpx.AsyncClient, stage: Stage) -> None:
    sku = f"SKU-{uuid4().hex[:8]}"
    await inventory.add_stock(stage.db, sku, 2)
    await stage.db.write(
        lambda connection: inventory.reserve(connection, [(sku, 1)], key=sku, at=NOW, return_id=f"R-{sku}")
    )
    for _ in range(2):
        answer = await books.post("/v1/stock/release", json={"by": "alex", "key": sku}, headers=of("operate"))
        assert answer.json() == {"by": "alex (key operate)", "key": sku}
    [shelf] = await inventory.balances(stage.db, sku)
    assert (shelf["on_hand"], shelf["reserved"]) == (2, 0)
    none = await books.post("/v1/stock/release", json={"by": "alex", "key": "none"}, headers=of("operate"))
    assert (none.status_code, none.json()["detail"]) == (404, "there is no reservation none")
