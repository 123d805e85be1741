"""Bookings of stock and store credit are told in the transaction that makes them: once, counted without a gap."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import Connection, insert

from gateways.database import store_credit
from gateways.database.engine import Database
from gateways.database.messages import deliveries, events, subscriptions
from gateways.database.stock import inventory
from gateways.database.stock.stock_change import StockChange
from gateways.database.tables.returns import returns
from gateways.subscribers.envelope import cloud_event, data_schema
from lifecycle.contract.events.data import EventFacts
from tests.gateways.partner_requests import NOW
from tests.gateways.test_event_delivery import news
from workers.relay_keeper import relays_kept
from workers.setting_values import Subscriber
from workers.settings import Settings

#: An SKU as long as the books take it.
LONG = "S" * 100
SUBSCRIBER = Subscriber.model_validate({"url": "https://till.example", "secret": "whsec_" + "QUJD" * 10})


@pytest.fixture
async def listening(database: Database) -> Database:
    """A database that somebody polls."""
    await subscriptions.create(database, None, [], NOW, "till")
    return database


@pytest.fixture
async def by_settings(url: str) -> AsyncIterator[Database]:
    """The way of a process whose settings name a subscriber."""
    made = Database(url, subscribed=True)
    yield made
    await made.dispose()


async def told(database: Database) -> list[dict[str, Any]]:
    """Every event, as it is sent, each as its schema says."""
    await deliveries.fan_out(database, [], NOW)
    found = [cloud_event(event, "https://shop.example") for _, event in await events.after(database, 0, 500)]
    for event in found:
        assert not list(Draft202012Validator(data_schema(event["type"])).iter_errors(event["data"]))
    return found


def brief(event: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return (event["type"].removeprefix("homeward."), event["data"]["number"], *(event["data"][name] for name in names))


async def book(database: Database, key: str, *changes: StockChange) -> None:
    books = inventory.Inventory()
    await database.write(lambda connection: books.book(connection, changes, key=key, at=NOW))


async def test_stock_is_told_by_sku_with_what_lies_there_then(listening: Database) -> None:
    def act(connection: Connection) -> None:
        inventory.reserve(connection, [("SHOE", 2)], key="k1", at=NOW, return_id="R-1")
        inventory.reserve(connection, [("SHOE", 1)], key="k2", at=NOW, return_id="R-2")
        inventory.ship_reserved(connection, "k1", NOW)
        inventory.release(connection, "k2", NOW)
        inventory.release(connection, "k2", NOW)

    await inventory.add_stock(listening, "SHOE", 3)
    await listening.write(act)
    found = await told(listening)
    assert [brief(event, "balances") for event in found] == [
        (f"stock.{name}", number, [{"location": "main", "grade": "A", "on_hand": on_hand, "reserved": reserved}])
        for number, (name, on_hand, reserved) in enumerate(
            [("added", 3, 0), ("reserved", 3, 2), ("reserved", 3, 3), ("shipped", 1, 1), ("released", 1, 0)], start=1
        )
    ]
    assert {event["subject"] for event in found} == {"SHOE"}
    assert found[3]["data"]["return_id"] == "R-1"
    assert found[3]["data"]["moves"] == [{"location": "main", "grade": "A", "quantity": -2, "reserved": -2}]


async def test_a_booking_of_several_units_is_one_event_for_each_sku_and_kind(listening: Database) -> None:
    def change(kind: str, sku: str, grade: str, quantity: int, unit: str) -> StockChange:
        return StockChange(kind, sku, "main", grade, quantity, "serial 7", "R-1", unit)

    await book(
        listening,
        "k",
        *(
            change("restock", LONG, grade, quantity, unit)
            for unit in ("1-1", "1-2")
            for grade, quantity in (("", -1), ("A", 1))
        ),
        change("donate", LONG, "C", 1, "1-3"),
        change("restock", "BOX", "B", 1, "2-1"),
    )
    found = {(event["subject"], event["type"]): event["data"] for event in await told(listening)}
    assert set(found) == {
        (LONG, "homeward.stock.restocked"), (LONG, "homeward.stock.moved"), ("BOX", "homeward.stock.restocked")
    }  # fmt: skip
    together = found[LONG, "homeward.stock.restocked"]
    assert together["unit_ids"] == ["1-1", "1-2"]
    assert [(moved["grade"], moved["quantity"]) for moved in together["moves"]] == [("", -2), ("A", 2)]
    assert "serial 7" not in str(found)


async def test_what_is_booked_at_once_is_counted_without_a_gap(listening: Database, other: Database) -> None:
    async def add(database: Database, shelf: int) -> None:
        await book(database, f"k{shelf}", StockChange("add", "SHOE", f"shelf {shelf % 3}", "A", 1))

    await asyncio.gather(*(add((listening, other)[number % 2], number) for number in range(12)))
    assert sorted(event["data"]["number"] for event in await told(listening)) == list(range(1, 13))


async def test_store_credit_is_told_by_credit_and_a_repeat_only_once(listening: Database) -> None:
    ends = NOW + timedelta(days=30)
    given: dict[str, Any] = {"customer_id": "guest:nora@example.com", "currency": "USD", "at": NOW}

    def issue(connection: Connection) -> str:
        return store_credit.issue(
            connection, key="k1", amount=4000, bonus=400, return_id="R-1", expires_at=ends, **given
        )

    def take_back(connection: Connection) -> int:
        return store_credit.take_back(connection, key="k3", credit_id=credit_id, amount=9000, at=NOW)

    credit_id = await listening.write(issue)
    for _ in range(2):
        await listening.write(issue)
        await store_credit.spend(listening, key="k2", amount=1500, order_id="SO-2", **given)
    for _ in range(2):
        await store_credit.give_back(listening, customer_id=given["customer_id"], spend_key="k2", at=NOW)
        await listening.write(take_back)
    found = await told(listening)
    assert [brief(event, "amount", "remaining") for event in found] == [
        ("credit.issued", 1, 4400, 4400),
        ("credit.spent", 2, -1500, 2900),
        ("credit.given_back", 3, 1500, 4400),
        ("credit.taken_back", 4, -4400, 0),
    ]
    assert {event["subject"] for event in found} == {credit_id}
    assert (found[0]["data"]["bonus"], found[0]["data"]["return_id"]) == (400, "R-1")
    assert found[1]["data"]["order_id"] == "SO-2"
    assert "nora" not in str(found)


async def test_what_is_taken_back_is_not_told(listening: Database) -> None:
    def book_and_fail(connection: Connection) -> None:
        inventory.Inventory().book(connection, [StockChange("add", "SHOE", "main", "A", 1)], key="k", at=NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await listening.write(book_and_fail)
    await inventory.add_stock(listening, "SHOE", 1)
    assert [brief(event) for event in await told(listening)] == [("stock.added", 1)]


async def test_nothing_is_kept_until_somebody_subscribes(database: Database, by_settings: Database) -> None:
    await inventory.add_stock(database, "SHOE", 1)
    assert await told(database) == []
    await inventory.add_stock(by_settings, "SHOE", 1)
    assert [brief(event) for event in await told(database)] == [("stock.added", 1)]


async def test_a_process_without_the_setting_keeps_what_subscribers_of_the_settings_want(database: Database) -> None:
    """As the API's beside workers that have it: asked of the database, in the same transaction."""
    for _ in range(2):
        await relays_kept(Settings(subscribers=[SUBSCRIBER]), database)
    await inventory.add_stock(database, "SHOE", 1)
    assert [brief(event) for event in await told(database)] == [("stock.added", 1)]
    assert await deliveries.silent(database) == set()
    await relays_kept(Settings(), database)
    await inventory.add_stock(database, "SHOE", 1)
    assert len(await told(database)) == 1


async def test_a_returns_events_have_what_its_order_carries(listening: Database) -> None:
    line = {"line_id": "1", "category": "shoes", "tags": ["sale"], "image_url": "https://shop.example/1.png"}
    taxes = [{"title": "VAT", "rate_percent": "20", "amount": 800}]
    order = {"locale": "de-DE", "tags": ["vip"], "lines": [line | {"tax_lines": taxes, "title": "Shoe"}]}
    kept = {"return_id": "R-1", "order_id": "SO-1", "customer_id": "C-1", "request": {"order": order}, "opened_at": NOW}
    unit = {"line_id": "1", "sku": "SHOE", "quantity": 1, "unit_ids": ["1-1"], "reception": "received"}
    batch = news("R-1", 1, 2)
    for entry, event in zip(batch.happened, ("received", "closed"), strict=True):
        entry.event, entry.facts = event, EventFacts.model_validate({"units": [unit | {"acceptance": "pending"}]})
    await listening.write(lambda connection: connection.execute(insert(returns), kept | {"status": "received"}))
    await listening.write(lambda connection: events.write(connection, batch, NOW))
    received, closed = await told(listening)
    assert received["data"]["units"][0].items() >= (line | {"tax_lines": taxes}).items()
    assert "title" not in received["data"]["units"][0]
    assert "order" not in received["data"]
    assert closed["data"]["order"] == {"locale": "de-DE", "tags": ["vip"]}
