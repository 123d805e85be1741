"""Pages of orders of thousands of units: a number for each line, quick, and nobody else waits for them."""

import asyncio
import re
from threading import Event
from typing import Any

import pytest
from limits import RateLimitItemPerMinute

from lifecycle.contract.policy import Policy
from lifecycle.returns.eligibility import Facts
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.portal.customer.begin_return.offers import returnable_lines
from starter.portal.shared import page_budget
from starter.shared.aside import FEW, aside
from tests.lifecycle.returns.test_many_units import calls_of
from tests.portal.test_offers import NOW
from tests.portal.visits import Caller, keep_order
from tests.workflows.returns.play import make_request


def lines_of(lines: int, units: int) -> list[dict[str, Any]]:
    named = range(1, lines + 1)
    return [
        {"line_id": str(line), "sku": f"S-{line}", "title": f"Thing {line}", "quantity": units, "unit_price": 100}
        for line in named
    ]


def choosing(*quantities: int) -> dict[str, Any]:
    """The order page's form: so many of each line."""
    chosen = dict(enumerate(quantities))
    numbers = {f"quantity-{line}": str(quantity) for line, quantity in chosen.items()}
    return {"item": [str(line) for line in chosen]} | numbers | {f"reason-{line}": "unwanted" for line in chosen}


@pytest.mark.parametrize(("lines", "units"), [(5, 1000), (100, 50)])
def test_each_line_is_looked_at_once_for_each_way_however_many_units_it_has(lines: int, units: int) -> None:
    order = make_request(lines=lines_of(lines, units)).order
    calls = calls_of(lambda: returnable_lines(order, Policy(), Facts(), NOW))
    ways = 2 * len(Policy().eligibility.resolutions) + 1
    assert calls["window_ends"] <= 2 * ways * lines


async def test_a_large_order_is_chosen_by_a_number_for_each_line(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage, lines=lines_of(5, 1000))
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        page = await caller.text(f"/orders/{order.order_id}")
        offer = await caller.http.get(f"/orders/{order.order_id}/return", params=choosing(700, 9))
    assert page.count('<input type="number"') == 5
    assert page.count('max="1000"') == 5
    assert re.findall(r"<strong>(\d+) . (Thing \d)</strong>", offer.text) == [("700", "Thing 1"), ("9", "Thing 2")]


async def test_more_than_one_return_carries_is_said_and_begins_nothing(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage, lines=lines_of(5, 1000))
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        answer = await caller.http.get(f"/orders/{order.order_id}/return", params=choosing(*[1000] * 5))
    assert answer.status_code == 422
    assert "for one return. The others can come back with another one." in answer.text


async def test_nobody_waits_for_the_pages_of_a_large_order(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage, lines=lines_of(FEW + 1, 10))
    held = Event()
    async with Caller(ready.api) as caller, Caller(ready.api) as other:
        await caller.sign_in(stage, order.order_id)
        busy = asyncio.create_task(aside(FEW + 1, held.wait))
        pages = [
            asyncio.create_task(caller.http.get(f"/orders/{order.order_id}")),
            asyncio.create_task(caller.http.get(f"/orders/{order.order_id}/return", params=choosing(10, 10))),
        ]
        try:
            others = [await other.http.get("/") for _ in range(20)]
            assert not any(page.done() for page in pages)
        finally:
            held.set()
        assert {answer.status_code for answer in others} == {200}
        assert [(await page).status_code for page in pages] == [200, 200]
        await busy


async def test_a_session_that_asks_for_too_much_has_to_wait_alone(
    ready: Ready, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_budget, "A_MINUTE", RateLimitItemPerMinute(100))
    order = await keep_order(stage, lines=lines_of(4, 2))
    async with Caller(ready.api) as caller, Caller(ready.api) as other:
        await caller.sign_in(stage, order.order_id)
        await other.sign_in(stage, order.order_id)
        answers = [await caller.http.get(f"/orders/{order.order_id}") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        assert (await other.http.get(f"/orders/{order.order_id}")).status_code == 200
