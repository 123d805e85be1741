"""Large orders over HTTP: nobody else waits for what they cost, and each key pays for its own."""

import asyncio
from threading import Event
from typing import Any

import httpx

from starter.shared.aside import FEW, aside
from tests.api.conftest import Serve
from tests.workflows.returns.play import make_body

KEY = {"key": "reads-and-vouches-0123456789", "scopes": ["read", "vouch"]}
BEARER = {"Authorization": f"Bearer {KEY['key']}"}


def bring_back(lines: int, units: int) -> dict[str, Any]:
    """A request for all of an order of its own."""
    named = range(1, lines + 1)
    return make_body(
        lines=[{"line_id": str(line), "sku": f"S-{line}", "quantity": units, "unit_price": 100} for line in named],
        items=[{"line_id": str(line), "quantity": units, "reason": "unwanted"} for line in named],
    )


async def test_nobody_waits_for_the_quote_of_a_large_return(api: httpx.AsyncClient) -> None:
    held = Event()
    busy = asyncio.create_task(aside(FEW + 1, held.wait))
    large = asyncio.create_task(api.post("/v1/quotes", json=bring_back(2, 900)))
    try:
        others = [await api.post("/v1/quotes", json=make_body()) for _ in range(20)]
        assert not large.done()
    finally:
        held.set()
    assert {answer.status_code for answer in others} == {200}
    assert (await large).json()["amount"] == 180_000
    await busy


async def test_more_units_than_one_return_carries_are_refused_by_field(api: httpx.AsyncClient) -> None:
    for call in ("/v1/quotes", "/v1/returns"):
        answer = await api.post(call, json=bring_back(5, 500))
        assert answer.status_code == 422
        assert [wrong["field"] for wrong in answer.json()["errors"]] == ["items"]


async def test_deciding_on_many_units_counts_as_many_calls(serve: Serve) -> None:
    api = serve(api_keys=[KEY], api_calls_per_minute=30)
    first = await api.post("/v1/quotes", json=bring_back(1, 1000), headers=BEARER)
    second = await api.post("/v1/quotes", json=bring_back(1, 1000), headers=BEARER)
    start = await api.post("/v1/returns", json=bring_back(1, 1000), headers=BEARER)
    small = [await api.post("/v1/quotes", json=make_body(), headers=BEARER) for _ in range(7)]

    assert [first.status_code, second.status_code, start.status_code] == [200, 429, 429]
    assert 1 <= int(second.headers["Retry-After"]) <= 60
    assert [answer.status_code for answer in small] == [200] * 7


async def test_a_return_too_large_for_a_minutes_calls_goes_through_alone(serve: Serve) -> None:
    api = serve(api_keys=[KEY], api_calls_per_minute=5)
    assert (await api.post("/v1/quotes", json=bring_back(1, 1000), headers=BEARER)).status_code == 200
    assert (await api.post("/v1/quotes", json=make_body(), headers=BEARER)).status_code == 429
