"""Links from the shop's own pages: whoever is signed in there sees their order at once, and nobody else does."""

import hmac
import time
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from gateways.database.engine import Database
from lifecycle.contract.request import Order
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.services import services_of
from tests.api.conftest import calling, settings_of
from tests.portal.visits import keep_order
from tests.workflows.returns.play import Play

SECRET = "what-the-shop-and-homeward-both-know"
SHOP = "https://shop.example"
MAIL = "customer@example.com"


@pytest.fixture
async def open_door(ready: Ready, stage: Stage) -> AsyncIterator[Callable[[], httpx.AsyncClient]]:
    """Visitors, each with cookies of their own, where the shop signs links and shows pages in a frame."""
    database = Database(ready.database)
    settings = settings_of(link_secret=SECRET, return_to=[SHOP], frame_ancestors=[SHOP])
    made: list[httpx.AsyncClient] = []

    def visit() -> httpx.AsyncClient:
        made.append(calling(services_of(settings, stage.clock.client, database)))
        return made[-1]

    yield visit
    for visitor in made:
        await visitor.aclose()
    await database.dispose()


async def linked(visitor: httpx.AsyncClient, order: Order, **asked: Any) -> str:
    """The path of a link that the API has made."""
    body = {"order_id": order.order_id, "customer": MAIL} | asked
    answer = await visitor.post("/v1/portal-links", json=body)
    assert answer.status_code == 200, answer.text
    url = httpx.URL(answer.json()["url"])
    return f"{url.path}?{url.query.decode()}"


def signed(order: Order, secret: str = SECRET, seconds: float = 300, **asked: Any) -> str:
    """The path of a link that the shop has signed."""
    fields = {"order_id": order.order_id, "customer": MAIL, "expires": int(time.time() + seconds)} | asked
    told = urlencode(fields)
    return f"/enter?{told}&signature={hmac.new(secret.encode(), told.encode(), sha256).hexdigest()}"


Door = Callable[[], httpx.AsyncClient]


async def test_a_link_opens_the_order_once_with_its_items_ticked(open_door: Door, stage: Stage) -> None:
    order = await keep_order(stage)
    visitor, thief = open_door(), open_door()
    path = await linked(visitor, order, items=["1"], return_to=f"{SHOP}/account")
    entered = await visitor.get(path)
    assert (entered.status_code, entered.headers["location"]) == (303, f"/orders/{order.order_id}?item=0")
    page = (await visitor.get(entered.headers["location"])).text
    assert " checked" in page
    assert f'<a href="{SHOP}/account">Back to the shop</a>' in page
    assert (await visitor.get(path)).status_code == 303
    assert (await thief.get(path)).status_code == 403
    assert (await thief.get(f"/orders/{order.order_id}")).status_code == 401


async def test_a_link_leads_to_the_latest_return_and_its_label(
    open_door: Door, stage: Stage, play: Callable[..., Play]
) -> None:
    order, visitor = await keep_order(stage), open_door()
    nowhere = await visitor.get(await linked(visitor, order, go="label"))
    assert nowhere.headers["location"] == f"/orders/{order.order_id}"
    story = play(order_id=order.order_id, lines=[line.model_dump(mode="json") for line in order.lines])
    await story.start(until=Status.LABEL_SENT)
    for go, path in (("status", ""), ("label", "/label")):
        entered = await visitor.get(await linked(visitor, order, go=go))
        assert entered.headers["location"] == f"/returns/{story.return_id}{path}"
        assert (await visitor.get(entered.headers["location"])).status_code == 200


async def test_a_link_for_somebody_else_is_refused_by_its_field(open_door: Door, stage: Stage) -> None:
    order, visitor = await keep_order(stage), open_door()
    asked = {"order_id": order.order_id, "customer": MAIL}
    for wrong, field in (
        ({"order_id": "SO-NOBODY"}, "order_id"),
        ({"customer": "else@example.com"}, "customer"),
        ({"items": ["1", "9"]}, "items.1"),
        ({"return_to": "https://shop.example.evil.example/"}, "return_to"),
        ({"go": "elsewhere"}, "go"),
    ):
        answer = await visitor.post("/v1/portal-links", json=asked | wrong)
        assert (answer.status_code, [problem["field"] for problem in answer.json()["errors"]]) == (422, [field])


async def test_a_link_that_the_shop_has_signed_opens_once_and_not_for_long(open_door: Door, stage: Stage) -> None:
    order, visitor, thief = await keep_order(stage), open_door(), open_door()
    path = signed(order, items="1", go="return")
    entered = await visitor.get(path)
    assert (entered.status_code, entered.headers["location"]) == (303, f"/orders/{order.order_id}?item=0")
    for refused in (
        path,
        signed(order, secret="somebody-elses-secret-of-some-length"),
        signed(order, seconds=-1),
        signed(order, seconds=3600),
        signed(order, customer="else@example.com"),
        signed(order).replace(order.order_id, "SO-1"),
        signed(order, surprise=1),
        signed(order).partition("&signature")[0],
        "/enter",
        "/enter?token=made-up",
    ):
        assert (await thief.get(refused)).status_code == 403, refused


async def test_the_shop_may_show_customers_pages_in_a_frame_and_staffs_never(open_door: Door) -> None:
    visitor = open_door()
    customers, staffs = await visitor.get("/"), await visitor.get("/warehouse/sign-in")
    assert f"frame-ancestors {SHOP}" in customers.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in customers.headers
    assert "frame-ancestors 'none'" in staffs.headers["Content-Security-Policy"]
    assert staffs.headers["X-Frame-Options"] == "DENY"
