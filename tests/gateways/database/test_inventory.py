"""A balance is the sum of its movements."""

import asyncio
import random
from collections import Counter

import pytest

from gateways.database.engine import Database
from gateways.database.stock import inventory
from gateways.database.stock.inventory import Inventory
from gateways.database.stock.stock_change import StockChange
from gateways.errors import Unavailable
from gateways.sandbox.inventory import SandboxInventory
from tests.gateways.partner_requests import NOW


async def _book(database: Database, key: str, *changes: StockChange) -> None:
    stock = Inventory()
    await database.write(lambda connection: stock.book(connection, changes, key=key, at=NOW))


def _random_changes(luck: random.Random) -> list[StockChange]:
    return [
        StockChange(
            kind="adjust",
            sku=luck.choice(["SHOE", "LAMP"]),
            location=luck.choice(["main", "north"]),
            grade=luck.choice(["", "A", "C"]),
            quantity=luck.randint(-3, 9),
            return_id="R-1",
        )
        for _ in range(luck.randint(0, 6))
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_balances_are_the_sums_of_the_movements(database: Database, other: Database, seed: int) -> None:
    luck = random.Random(seed)  # noqa: S311  the same numbers every time
    bookings = [_random_changes(luck) for _ in range(20)]
    # One after another on each database, both at the same time.
    lanes = [(database, bookings[::2]), (other, bookings[1::2])]

    async def run(number: int) -> None:
        where, lane = lanes[number]
        for position, changes in enumerate(lane):
            await _book(where, f"k{number}-{position}", *changes)

    await asyncio.gather(run(0), run(1))
    expected: Counter[tuple[str, str, str]] = Counter()
    moved: Counter[tuple[str, str, str]] = Counter()
    for change in (change for changes in bookings for change in changes):
        expected[change.sku, change.location, change.grade] += change.quantity
    for row in await inventory.movements_of(database, "R-1"):
        moved[row["sku"], row["location"], row["grade"]] += row["quantity"]
    held = {(row["sku"], row["location"], row["grade"]): row["on_hand"] for row in await inventory.balances(database)}
    assert held == dict(expected) == dict(moved)


async def test_balances_of_one_sku_and_of_none(database: Database) -> None:
    await inventory.add_stock(database, "SHOE", 5)
    await inventory.add_stock(database, "SHOE", 2)
    await inventory.add_stock(database, "LAMP", 1, location="north", grade="B")
    shoe = {"sku": "SHOE", "location": "main", "grade": "A", "on_hand": 7, "reserved": 0}
    lamp = {"sku": "LAMP", "location": "north", "grade": "B", "on_hand": 1, "reserved": 0}
    assert await inventory.balances(database) == [lamp, shoe]
    assert await inventory.balances(database, "SHOE") == [shoe]
    assert await inventory.balances(database, "HAT") == []


async def test_movements_name_return_and_unit(database: Database) -> None:
    change = StockChange("receive", "SHOE", "main", "", 1, serial_number="S-1", return_id="R-1", unit_id="1-1")
    await _book(database, "k1", change)
    assert await inventory.movements_of(database, "R-1") == [
        {
            "at": NOW,
            "kind": "receive",
            "sku": "SHOE",
            "location": "main",
            "grade": "",
            "quantity": 1,
            "reserved": 0,
            "serial_number": "S-1",
            "unit_id": "1-1",
        }
    ]


async def test_a_fault_word_in_a_title_fails_after_the_booking(database: Database) -> None:
    stock = SandboxInventory(database)
    with pytest.raises(Unavailable):
        async with stock.attempt("k1", ["Trail shoe", "Lamp fault:after:1"]):
            await inventory.add_stock(database, "LAMP", 1)
    assert (await inventory.balances(database, "LAMP"))[0]["on_hand"] == 1
    async with stock.attempt("k1", ["Trail shoe", "Lamp fault:after:1"]):
        pass
