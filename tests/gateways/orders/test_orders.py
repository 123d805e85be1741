"""Orders: kept in the database, or asked for at the shop's own service."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateways.database.engine import Database
from gateways.errors import Busy, Declined, Unavailable
from gateways.orders.database import DatabaseOrders, keep_orders, list_orders
from gateways.orders.http import HttpOrders
from gateways.orders.protocol import OrderRefused, read_order, search
from lifecycle.contract.errors import InvalidRequest
from tests.gateways.orders.order_service import OrderService, order
from tests.gateways.stand_ins import IMPATIENCE, Fault, FaultKind, Json
from workers.partner_table import orders_of
from workers.settings import Settings
from workers.telemetry import only_ids

NOW = datetime.now(UTC)


async def test_an_order_is_found_with_what_it_can_be_exchanged_for(database: Database) -> None:
    await keep_orders(database, [read_order(order("SO-1"), NOW), read_order(order("SO-2"), NOW)])
    found = await DatabaseOrders(database).find("SO-1")
    assert found is not None
    assert found.order.order_id == "SO-1"
    assert [other.sku for other in found.alternatives["1"]] == ["SHOE-43"]
    for unknown in ("SO-3", "", "%", "SO-_"):
        assert await DatabaseOrders(database).find(unknown) is None


async def test_an_order_that_is_kept_again_replaces_the_first(database: Database) -> None:
    for email in ("Old@example.com", "New@example.com"):
        raw = order("SO-1")
        raw["customer"] |= {"email": email}
        assert await keep_orders(database, [read_order(raw, NOW)])
    assert [row["email"] for row in await list_orders(database)] == ["new@example.com"]
    assert await list_orders(database, "old@example.com") == []
    assert not await keep_orders(database, [read_order(order("SO-2"), NOW)], if_empty=True)
    assert [row["order_id"] for row in await list_orders(database, "NEW@example.com")] == ["SO-1"]


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (str, "body"),
        (lambda raw: raw | {"lines": "none"}, "lines"),
        (lambda raw: raw | {"lines": [7]}, "lines.0"),
        (
            lambda raw: raw | {"lines": [raw["lines"][0] | {"exchanges": [{"sku": "x"}]}]},
            "lines.0.exchanges.0.unit_price",
        ),
        (lambda raw: raw | {"surprise": 1}, "surprise"),
        (lambda raw: raw | {"delivered_at": "2999-01-01T00:00:00Z"}, "delivered_at"),
    ],
)
def test_a_wrong_order_is_refused_with_the_field_named(spoil: Callable[[Json], Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_order(spoil(order("SO-1")), NOW, forbid_unknown=True)
    assert field in dict(refused.value.problems)


@pytest.fixture
def service() -> Iterator[OrderService]:
    """It runs."""
    stand_in = OrderService()
    with stand_in.running():
        yield stand_in


@pytest.fixture
async def orders(service: OrderService) -> AsyncIterator[HttpOrders]:
    """The gateway to it."""
    made = HttpOrders(f"{service.url}/shop", "key-1")
    yield made
    await made.close()


@pytest.mark.parametrize("order_id", ["SO-1", "A/1 #2?x=%2F&ü", "..x"])
async def test_the_service_is_asked_by_id_with_the_key(
    service: OrderService, orders: HttpOrders, order_id: str
) -> None:
    service.orders[order_id] = order(order_id) | {"a_field_of_tomorrow": 1}
    found = await orders.find(order_id)
    assert found is not None
    assert (found.order.order_id, found.alternatives["1"][0].unit_price) == (order_id, 4500)


async def test_what_the_service_does_not_know_is_not_there(service: OrderService, orders: HttpOrders) -> None:
    assert [await orders.find(name) for name in ("SO-0", ".", "..")] == [None, None, None]
    assert [request.path for request in service.requests] == ["/shop/orders/SO-0"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [("busy", Busy), ("down", Unavailable), ("broken", Unavailable), ("before", Unavailable), ("conflict", Declined)],
)
async def test_how_the_service_fails_is_reported(
    service: OrderService, orders: HttpOrders, kind: FaultKind, error: type[Exception]
) -> None:
    service.orders["SO-1"] = order("SO-1")
    service.faults.append(Fault("GET", kind, {"Retry-After": "7"}))
    with pytest.raises(error) as failed:
        await orders.find("SO-1")
    assert not isinstance(failed.value, Busy) or failed.value.retry_after
    assert await orders.find("SO-1")


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"lines": [], "lines": []}',
        b'{"lines": []}',
        b"\xff",
        b"[" * 100_000,
        b"1" * 3_000_000,
    ],
)
async def test_nonsense_is_refused(service: OrderService, orders: HttpOrders, says: bytes) -> None:
    service.says = says
    with pytest.raises(Declined):
        await orders.find("SO-1")


async def test_what_the_service_answers_is_the_id(service: OrderService, orders: HttpOrders) -> None:
    service.orders |= {"web-77": order("WEB-77"), "WEB-77": order("WEB-77"), "#1071": order("#1071")}
    found = await orders.find("web-77")
    assert found is not None
    assert found.order.order_id == "WEB-77"
    assert [found.order.order_id async for found in search(orders, " #web-77")] == ["WEB-77"]
    assert [found.order.order_id async for found in search(orders, "1071")] == ["#1071"]
    assert [found.order.order_id async for found in search(orders, " # ")] == []


async def test_one_spelling_that_is_refused_hides_no_other(service: OrderService, orders: HttpOrders) -> None:
    service.orders |= {"1071": order("1071"), "#1071": order("#1071", currency="?"), "bad-2": order("bad-2", lines=[])}
    assert (await anext(search(orders, "#1071"))).order.order_id == "1071"
    with pytest.raises(OrderRefused) as refused:
        await anext(search(orders, "bad-2"))
    assert refused.value.facts == {"order_id": "bad-2", "fields": ["lines"]}
    logged = only_ids(None, "", {"event": "sign_in_dropped", **refused.value.facts})
    assert logged == {"event": "sign_in_dropped", **refused.value.facts}


@pytest.mark.parametrize("typed", ["me@example.com", "Sample Customer 7", "Miller", "7" * 61])
async def test_what_was_typed_in_the_place_of_an_id_is_not_told(typed: str) -> None:
    assert OrderRefused("refused", "orders_refused", typed).facts == {}
    assert OrderRefused("refused", "orders_refused", " #1071").facts == {"order_id": "1071"}


async def test_a_wrong_key_and_a_service_that_is_silent_or_gone_are_reported(service: OrderService) -> None:
    stranger = HttpOrders(f"{service.url}/shop", None)
    with pytest.raises(Declined, match="401"):
        await stranger.find("SO-1")
    await stranger.close()
    hasty = HttpOrders(f"{service.url}/shop", "key-1", timeout=IMPATIENCE / 4)
    service.faults.append(Fault("GET", "late"))
    with pytest.raises(Unavailable, match="did not answer within"):
        await hasty.find("SO-1")
    await hasty.close()
    nobody = HttpOrders("http://127.0.0.1:1", "key-1")
    with pytest.raises(Unavailable, match="ConnectError"):
        await nobody.find("SO-1")
    await nobody.close()


async def _send(kind: str, writer: asyncio.StreamWriter) -> None:
    """An answer that has no end, or becomes 64 MB."""
    if kind == "squeezed":
        content = gzip.compress(bytes(64_000_000))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(content))
        writer.write(content)
        await writer.drain()
        return
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n")
    while True:
        writer.write(b" " * (1 if kind == "dripping" else 65_536))
        await writer.drain()
        await asyncio.sleep(0.02 if kind == "dripping" else 0)


@pytest.mark.parametrize(
    ("kind", "error", "told"),
    [
        ("dripping", Unavailable, "did not answer within"),
        ("endless", Declined, "too large"),
        ("squeezed", Declined, "compressed"),
    ],
)
async def test_an_answer_is_bounded_in_time_and_size(kind: str, error: type[Exception], told: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            await _send(kind, writer)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    orders = HttpOrders(f"http://127.0.0.1:{port}", None, timeout=0.5 if kind == "dripping" else 60)
    try:
        async with asyncio.timeout(30):
            with pytest.raises(error, match=told):
                await orders.find("SO-1")
    finally:
        await orders.close()
        server.close()


async def test_the_setting_chooses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    assert isinstance(orders_of(Settings(), db), DatabaseOrders)
    monkeypatch.setenv("HOMEWARD_ORDERS_URL", "https://shop.example/api/")
    chosen = orders_of(Settings(), db)
    assert isinstance(chosen, HttpOrders)
    await chosen.close()
