"""However an order's id is spelt, its units are claimed once; the shop's orders tell two apart that are two."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from gateways.database.engine import Database, _upgrade, rows_of
from gateways.database.orders import order_names
from gateways.database.returns import records
from gateways.database.tables.orders import orders
from gateways.database.tables.returns import claims
from gateways.errors import Declined, Unavailable
from gateways.orders.database import DatabaseOrders, keep_orders
from gateways.orders.identity import tell_apart
from gateways.orders.protocol import FoundOrder
from lifecycle.contract.statuses import Status
from lifecycle.returns.eligibility import Facts
from tests.gateways.partner_requests import NOW
from tests.lifecycle.orders import body, request


def _open(connection: Connection, return_id: str, order_id: str, *unit_ids: str) -> Facts:
    """As the opening step does."""
    facts = _facts(connection, return_id, order_id)
    asked = request(**body(order_id=order_id))
    records.insert_return(connection, return_id, asked, {}, Status.REQUESTED, NOW)
    records.claim_units(connection, order_id, return_id, dict.fromkeys(unit_ids, False))
    return facts


def _facts(connection: Connection, return_id: str, order_id: str) -> Facts:
    return records.facts(
        connection, order_id=order_id, customer_id="C-1", return_id=return_id, since=NOW - timedelta(days=90)
    )


class Shop:
    """An order service: what it answers to what is asked."""

    def __init__(self, **answers: str) -> None:
        self.answers: dict[str, str] = answers
        self.error: Exception | None = None
        self.asked: list[str] = []

    async def find(self, order_id: str) -> FoundOrder | None:
        """See the protocol."""
        self.asked.append(order_id)
        if self.error:
            raise self.error
        found = self.answers.get(order_id)
        return FoundOrder(request(**body(order_id=found)).order) if found else None

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize("other_id", ["ECHO-78", "#echo-78", "echo -78"])
async def test_another_spelling_finds_the_units_taken(database: Database, other_id: str) -> None:
    await database.write(lambda connection: _open(connection, "R-1", "echo-78", "1-1", "shipping"))
    facts = await database.read(lambda connection: _facts(connection, "R-2", other_id))
    assert (set(facts.claimed), facts.shipping_claimed) == ({"1-1"}, True)
    with pytest.raises(records.UnitsTaken):
        await database.write(lambda connection: _open(connection, "R-2", other_id, "1-1"))
    await database.write(lambda connection: _open(connection, "R-2", other_id, "1-2"))
    assert not await database.write(lambda connection: records.claim_shipping(connection, other_id, "R-2"))
    for order_id in ("echo-78", other_id, "Echo-78"):
        assert {row.return_id for row in await records.returns_of(database, order_id)} == {"R-1", "R-2"}
    kept = await records.get_return(database, "R-2")
    assert kept is not None
    assert kept.order_id == other_id  # as its caller gave it


async def test_both_spellings_at_once_take_a_unit_once(database: Database, other: Database) -> None:
    outcomes = await asyncio.gather(
        *(
            (database if number % 2 else other).write(
                lambda connection, number=number: _open(  # type: ignore[misc]
                    connection, f"R-{number}", "echo-78" if number % 2 else "ECHO-78", "1-1"
                )
            )
            for number in range(6)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Facts) for outcome in outcomes) == 1
    assert {type(outcome) for outcome in outcomes} == {Facts, records.UnitsTaken}


@pytest.mark.parametrize(
    ("answers", "apart"),
    [
        ({"ab1": "ab1", "AB1": "AB1"}, True),
        ({"ab1": "AB1", "AB1": "AB1"}, False),
        ({"ab1": "ab1", "AB1": "ab1"}, False),
        ({"AB1": "AB1"}, False),
        ({}, False),
    ],
)
async def test_the_service_tells_two_orders_apart(database: Database, answers: dict[str, str], *, apart: bool) -> None:
    shop = Shop(**answers)
    await tell_apart(database, shop, "ab1")
    await database.write(lambda connection: _open(connection, "R-1", "ab1", "1-1"))
    assert shop.asked == []  # nobody else was there
    await tell_apart(database, shop, "AB1")
    facts = await database.read(lambda connection: _facts(connection, "R-2", "AB1"))
    assert set(facts.claimed) == (set() if apart else {"1-1"})
    await database.write(lambda connection: _open(connection, "R-2", "AB1", "1-1" if apart else "1-2"))
    held = {row["order_id"] for row in await rows_of(database, select(claims))}
    assert held == ({"ab1", "AB1"} if apart else {"ab1"})
    asked = len(shop.asked)
    await tell_apart(database, shop, "AB1")
    assert len(shop.asked) == asked  # settled


async def test_a_service_that_says_nothing_leaves_it_one_order_and_one_out_of_reach_is_waited_for(
    database: Database,
) -> None:
    await database.write(lambda connection: _open(connection, "R-1", "ab1", "1-1"))
    shop = Shop()
    shop.error = Unavailable("down", "orders")
    with pytest.raises(Unavailable):
        await tell_apart(database, shop, "AB1")
    shop.error = Declined("no", "orders_refused")
    await tell_apart(database, shop, "AB1")
    assert await database.read(lambda connection: order_names.canonical(connection, "AB1")) == "ab1"


async def test_the_kept_orders_hold_one_of_all_spellings(database: Database) -> None:
    def of(order_id: str) -> FoundOrder:
        return FoundOrder(request(**body(order_id=order_id)).order)

    await keep_orders(database, [of("#1071"), of("echo-78")])
    await keep_orders(database, [of("ECHO-78")])
    for typed, answered in (("1071", "#1071"), ("# 1071", "#1071"), ("echo-78", "ECHO-78"), (" Echo-78", "ECHO-78")):
        found = await DatabaseOrders(database).find(typed)
        assert found is not None
        assert found.order.order_id == answered
    assert len(await rows_of(database, select(orders))) == 2


async def test_a_database_of_before_joins_spellings_that_hold_no_unit_twice(empty_url: str) -> None:
    database = Database(empty_url)
    if database.sqlite:
        Path(str(database.url.database)).parent.mkdir(parents=True)

    def old(connection: Connection) -> None:
        _upgrade(connection, "0003")
        held = [
            ("echo-78", "R-1", "1-1"),
            ("ECHO-78", "R-2", "1-2"),
            ("#echo-78", "R-3", "1-1"),
            ("SO-1", "R-4", "1-1"),
        ]
        for number, (order_id, return_id, unit_id) in enumerate(held):
            values: dict[str, Any] = {"o": order_id, "r": return_id, "u": unit_id}
            opened = f"""INSERT INTO returns (return_id, order_id, customer_id, request, status, opened_at)
                VALUES (:r, :o, 'C-1', :q, 'requested', '2026-11-2{number} 15:00:00')"""  # noqa: S608 - a number of our own
            request_of = {"q": '{"order": {}}', "r": return_id, "o": order_id}
            connection.execute(text(opened), request_of)
            claim = "INSERT INTO claims (order_id, unit_id, return_id, sellers_fault) VALUES (:o, :u, :r, false)"
            connection.execute(text(claim), values)
        kept = """INSERT INTO orders (order_id, email, placed_at, "order")
            VALUES ('#1071', 'c', '2026-11-24 15:00:00', '{}')"""
        connection.execute(text(kept))

    try:
        await database.write(old)
        await database.upgrade()
        held = {(row["order_id"], row["return_id"]) for row in await rows_of(database, select(claims))}
        # hold the same unit: they were two orders until now, and stay so.
        assert held == {("echo-78", "R-1"), ("echo-78", "R-2"), ("#echo-78", "R-3"), ("SO-1", "R-4")}
        assert [row["key"] for row in await rows_of(database, select(orders.c.key))] == ["1071"]
        names = {
            order_id: await database.read(lambda connection, given=order_id: order_names.canonical(connection, given))  # type: ignore[misc]
            for order_id in ("echo-78", "ECHO-78", "#echo-78", "SO-1", "so-1")
        }
        assert names == {
            "echo-78": "echo-78",
            "ECHO-78": "echo-78",
            "#echo-78": "#echo-78",
            "SO-1": "SO-1",
            "so-1": "SO-1",
        }
    finally:
        await database.dispose()
