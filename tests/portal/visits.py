"""Customers of their own orders, in a browser tab or by plain HTTP."""

import asyncio
import itertools
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import quote

import httpx

from gateways.database.messages.outbox import latest_mails
from gateways.database.messages.signed_links import sign_in_link
from gateways.orders.database import keep_orders
from gateways.orders.protocol import FoundOrder, read_order
from lifecycle.contract.request import Order
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.portal.browsing import Tab
from tests.workflows.returns.play import Play, make_body

PHONE_LINE = {"line_id": "1", "sku": "PHONE-X", "title": "Phone", "quantity": 1, "unit_price": 30_000}


async def keep_order(stage: Stage, email: str = "customer@example.com", **changes: Any) -> Order:
    """An order of its own in the database; ``changes`` as for ``make_body``, or of the order's own fields."""
    own = {name: changes.pop(name) for name in list(changes) if name in ("delivered_at", "placed_at")}
    exchanges = changes.pop("exchanges", None)
    raw = make_body(**changes)["order"] | own
    raw["customer"] = raw["customer"] | {"email": email}
    if exchanges:
        raw["lines"][0]["exchanges"] = exchanges
    found = read_order(raw, datetime.now(UTC))
    await keep_orders(stage.db, [found])
    return found.order


async def sign_in_path(stage: Stage, order_id: str) -> str:
    """The path of a link that was mailed."""
    return await sign_in_link(stage.db, "", order_id)


async def sign_in(tab: Tab, stage: Stage, order_id: str) -> None:
    """Follow the link and press its button."""
    await tab.go(await sign_in_path(stage, order_id))
    await tab.press(tab.page.locator("main form button"))


async def mail_to(stage: Stage, address: str) -> Mapping[str, Any]:
    """The one mail to this address, once it is written."""
    for _ in range(600):
        found = await latest_mails(stage.db, address, 5)
        if found:
            assert len(found) == 1
            return found[0]
        await asyncio.sleep(0.05)
    raise TimeoutError(f"no mail to {address}")


async def follow(tab: Tab, stage: Stage, story: Play) -> None:
    """Sign in as the customer of a return that is played, and open its page."""
    await keep_orders(stage.db, [FoundOrder(story.request.order)])
    await sign_in(tab, stage, story.request.order.order_id)
    assert await tab.go(f"/returns/{story.return_id}") == 200


class Caller:
    """Somebody who speaks HTTP themselves, with cookies of their own."""

    def __init__(self, home: str) -> None:
        self.http = httpx.AsyncClient(base_url=home, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def csrf(self, path: str = "/") -> str:
        """The token of a page's forms."""
        return hidden(await self.text(path), "csrf")

    async def text(self, path: str) -> str:
        """A page's HTML, whatever its status."""
        return (await self.http.get(path)).text

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form with the token that the visitor was given."""
        return await self.http.post(path, data={"csrf": await self.csrf(), **fields})

    async def sign_in(self, stage: Stage, order_id: str) -> None:
        """Follow the link and press its button."""
        path = await sign_in_path(stage, order_id)
        answer = await self.post("/sign-in", token=path.partition("=")[2])
        assert answer.headers["location"] == f"/orders/{quote(order_id, safe='')}"

    async def offer(self, order_id: str, *, reason: str = "unwanted", quantity: int = 1) -> dict[str, str]:
        """All fields of the form that begins a return of the order's first line."""
        query = {"item": "0", "quantity-0": str(quantity), "reason-0": reason}
        page = (await self.http.get(f"/orders/{quote(order_id, safe='')}/return", params=query)).text
        chosen = {"resolution": "refund", "method": "mail"}
        return query | chosen | {name: hidden(page, name) for name in ("csrf", "sealed")}

    async def begin(self, order_id: str, **changes: str) -> str:
        """Begin a return of the order's first line; gives its id."""
        fields = await self.offer(order_id, reason=changes.pop("reason", "unwanted"))
        answer = await self.http.post(f"/orders/{quote(order_id, safe='')}/return", data=fields | changes)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].rpartition("/")[2]


def hidden(page: str, name: str) -> str:
    """A hidden field's value."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


_numbers = itertools.count()


def somewhere() -> str:
    """An address that no other test comes from: a server counts what each network asks, whatever test asks."""
    number = next(_numbers)
    return f"198.18.{number // 250}.{number % 250 + 1}"


def visitor(ready: Ready, address: str | None = None) -> Caller:
    """Somebody elsewhere, as the proxy before the pages says."""
    caller = Caller(ready.api)
    caller.http.headers["X-Forwarded-For"] = address or somewhere()
    return caller


class CountedOrders:
    """A shop of one order that counts how often it is asked."""

    def __init__(self, order: Order) -> None:
        self.times = 0
        self._order = order

    async def find(self, order_id: str) -> FoundOrder | None:
        """See the protocol."""
        self.times += 1
        return FoundOrder(self._order) if order_id == self._order.order_id else None

    async def close(self) -> None:
        """See the protocol."""
