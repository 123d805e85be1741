"""What staff meet behind each sample: the warehouse's pages and the API, at an address of their own."""

import httpx

from tests.portal.desk import Desk
from tests.proxy.conftest import CALLS, KEY
from tests.proxy.fronts import REFUSED, STAFF, Front, Proxy, sent

KEYED = {"Authorization": f"Bearer {KEY}"}


async def test_staff_sign_in_at_the_warehouse_and_call_the_api(before: Front) -> None:
    async with before.colleague() as client:
        desk = Desk(client)
        await desk.sign_in(key=KEY)
        assert desk.answer.headers["set-cookie"].startswith("__Host-homeward=")
        assert (await client.get("/warehouse")).status_code == 200
        assert (await client.get("/v1/returns", headers=KEYED)).status_code == 200
        assert (await client.get("/v1/returns")).status_code == 401
        for path in ("/docs", "/openapi.json", "/readyz"):
            assert (await client.get(path)).status_code == 200


async def test_the_address_of_the_staff_is_not_the_visitors(before: Front) -> None:
    async with before.visitor() as client:
        for path in ("/warehouse", "/v1/returns"):
            try:
                answer = await client.get(path, headers=KEYED | {"Host": STAFF})
            except httpx.TransportError:
                continue
            assert "x-request-id" not in answer.headers


async def test_callers_are_counted_by_where_they_come_from(before: Front, proxy: Proxy) -> None:
    here, there = ("127.0.3.1", "127.0.3.2") if proxy == "nginx" else ("127.0.4.1", "127.0.4.2")
    async with before.colleague(here) as one, before.colleague(there) as other:
        assert (await one.get("/v1/returns")).status_code == 401
        for number in range(CALLS):
            told = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "Forwarded"), f"203.0.113.{number}")
            answer = await one.get("/v1/returns", headers=told)
        assert answer.status_code == 429
        assert (await other.get("/v1/returns")).status_code == 401


async def test_a_body_that_is_too_large_is_refused(before: Front, proxy: Proxy) -> None:
    async with before.colleague() as client:
        headers = KEYED | {"Content-Type": "application/json"}
        assert await sent(client, "/v1/quotes", 1_100_000, **headers) in REFUSED[proxy]
