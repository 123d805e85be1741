"""What a visitor from outside meets behind each sample: the portal and the webhooks, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from starter.demo.story import Stage
from starter.shared.access_table import PARTS, TABLE
from tests.portal.visits import Caller, keep_order, sign_in_path
from tests.proxy.conftest import KEY
from tests.proxy.fronts import REFUSED, SHOP, Front, Proxy, sent
from tests.webhooks.partners import Door, Hook, receipt, refund

PUBLIC = (PARTS["portal"].keys() | PARTS["webhooks"].keys()) - {("GET", "/healthz"), ("GET", "/readyz")}


@pytest.fixture
async def visitor(before: Front) -> AsyncIterator[httpx.AsyncClient]:
    async with before.visitor() as client:
        yield client


@asynccontextmanager
async def calling(before: Front, source: str) -> AsyncIterator[Caller]:
    """Somebody who comes from this address and fills in forms."""
    async with before.visitor(source) as client:
        caller = Caller("")
        caller.http = client
        yield caller


@pytest.fixture
async def customer(before: Front) -> AsyncIterator[Caller]:
    async with calling(before, "127.0.0.1") as caller:
        yield caller


def by_homeward(answer: httpx.Response) -> bool:
    """Whether Homeward itself has answered: each of its answers has an id."""
    return "x-request-id" in answer.headers


async def test_a_return_begins_by_https_with_a_cookie_of_this_host_alone(customer: Caller, stage: Stage) -> None:
    order = await keep_order(stage)
    answer = await customer.http.get("/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-homeward=")
    assert {"secure", "path=/", "httponly"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "domain" not in cookie.lower()
    assert "strict-transport-security" in answer.headers
    style = answer.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert (await customer.http.get(style)).headers["content-type"].startswith("text/css")
    await customer.sign_in(stage, order.order_id)
    return_id = await customer.begin(order.order_id)
    assert return_id in await customer.text(f"/returns/{return_id}")


@pytest.mark.parametrize("order_id", ["A/7", "#7 ä%2F", "7?x=1"])
async def test_an_order_of_any_spelling_is_reached(customer: Caller, stage: Stage, order_id: str) -> None:
    order = await keep_order(stage, order_id=order_id)
    await customer.sign_in(stage, order.order_id)
    assert (await customer.begin(order.order_id)).startswith("R-")


@pytest.mark.parametrize("row", sorted(TABLE), ids=" ".join)
async def test_the_public_routes_are_reached_and_no_others(visitor: httpx.AsyncClient, row: tuple[str, str]) -> None:
    method, path = row[0], row[1].replace("{", "").replace("}", "").replace(":path", "")
    answer = await visitor.request(method, path, headers={"Authorization": f"Bearer {KEY}"})
    assert by_homeward(answer) is (row in PUBLIC), row
    if row not in PUBLIC:
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/warehouse/bench/R/../../../orders/x"),
        ("GET", "/warehouse/bench/R/%2e%2e/%2e%2e/%2e%2e/orders/x"),
        ("GET", "/orders/../warehouse/sign-in"),
        ("GET", "/orders/..%2fwarehouse%2fsign-in"),
        ("GET", "//v1/returns"),
        ("GET", "/v1/webhooks/../returns"),
        ("GET", "/static/../docs"),
        ("GET", "/V1/returns"),
        ("POST", "/v1/returns/R/repairs/../../../../orders/diagnosis"),
    ],
)
async def test_no_way_around_leads_to_the_rest(visitor: httpx.AsyncClient, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    answer = await visitor.request(method, "/", headers=headers, extensions={"target": path.encode()})
    # Where it is worked out it is a page of the customers: not signed in, or not for this method.
    assert answer.status_code in (401, 404, 405)
    assert "/orders/" in path or not by_homeward(answer)
    assert "warehouse" not in answer.text


@pytest.mark.parametrize("hook", [receipt("R-none"), refund("re_none", "failed")], ids=["warehouse", "stripe"])
async def test_a_signed_webhook_gets_through(visitor: httpx.AsyncClient, hook: Hook) -> None:
    door = Door(visitor)
    assert (await door.send(hook)).status_code in (200, 202)
    assert (await door.send(hook, headers={"content-type": "application/json"})).status_code == 401


@pytest.mark.parametrize(("path", "size"), [("/", 300_000), ("/v1/webhooks/stripe", 1_100_000)])
async def test_a_body_that_is_too_large_is_refused(
    visitor: httpx.AsyncClient, proxy: Proxy, path: str, size: int
) -> None:
    assert await sent(visitor, path, size) in REFUSED[proxy]


async def test_what_is_large_but_may_be_gets_through(visitor: httpx.AsyncClient) -> None:
    within = await visitor.post("/v1/webhooks/stripe", content=b"a" * 1_000_000)
    assert (within.status_code, by_homeward(within)) == (401, True)
    assert (await visitor.get("/help", params={"q": "\u9001" * 2000})).status_code == 200


async def test_headers_that_are_too_large_are_refused(visitor: httpx.AsyncClient) -> None:
    for headers in ({"X-Long": "a" * 100_000}, {f"X-{number}": "a" * 1000 for number in range(100)}):
        try:
            answer = await visitor.get("/", headers=headers)
        except httpx.TransportError:
            continue  # it hung up
        assert answer.status_code in (400, 431)
        assert not by_homeward(answer)


async def test_what_a_visitor_says_of_where_they_come_from_counts_for_nothing(before: Front, proxy: Proxy) -> None:
    here, there = ("127.0.1.1", "127.0.1.2") if proxy == "nginx" else ("127.0.2.1", "127.0.2.2")
    async with calling(before, here) as one, calling(before, there) as other:
        assert (await one.post("/", order="none", email="somebody@example.com")).status_code == 303
        csrf = await one.csrf()
        for number in range(200):
            told = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "Forwarded"), f"203.0.113.{number}")
            form = {"csrf": csrf, "order": "none", "email": f"somebody@shop-{number}.example"}
            answer = await one.http.post("/", data=form, headers=told)
            if answer.status_code == 429:
                break
        assert answer.status_code == 429
        assert (await other.post("/", order="none", email="somebody@example.com")).status_code == 303


async def test_the_id_in_the_log_is_not_the_visitors(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/", headers={"X-Request-Id": "mine"})).headers["x-request-id"] != "mine"


async def test_a_page_is_not_compressed(visitor: httpx.AsyncClient) -> None:
    assert "content-encoding" not in (await visitor.get("/", headers={"Accept-Encoding": "gzip"})).headers


async def test_plain_http_leads_to_https(before: Front) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{before.plain}") as client:
        answer = await client.get("/help?q=late", headers={"Host": SHOP})
    assert answer.status_code in (301, 308)
    assert answer.headers["location"] == f"https://{SHOP}/help?q=late"


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Host": "127.0.0.1"}])
async def test_another_name_is_not_answered(visitor: httpx.AsyncClient, headers: dict[str, str]) -> None:
    try:
        answer = await visitor.get("/", headers=headers)
    except httpx.TransportError:
        return
    assert not by_homeward(answer)
    assert answer.content == b""


async def test_no_token_gets_into_a_log(before: Front, visitor: httpx.AsyncClient, stage: Stage) -> None:
    order = await keep_order(stage)
    link = await sign_in_path(stage, order.order_id)
    token = link.partition("=")[2]
    for path in (link, f"/enter?token={token}", f"/help/case?token={token}", f"/help?q={token}"):
        assert (await visitor.get(path)).status_code in (200, 403)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{before.plain}") as client:
        await client.get(link, headers={"Host": SHOP})
    said = before.said()
    for path in ("/sign-in", "/enter", "/help/case", "/help"):
        assert f'"{path}"' in said
    assert token not in said
    assert order.order_id not in said.replace(f"/orders/{order.order_id}", "")
