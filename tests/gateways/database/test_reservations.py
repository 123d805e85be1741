"""Units set aside: never more than there are, given back or shipped once, and all of it adds up."""

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, update

from gateways.database.engine import Database
from gateways.database.stock import inventory
from gateways.database.stock.stock_change import StockChange
from gateways.database.tables.stock import movements, reservations, stock
from gateways.errors import Declined
from tests.gateways.partner_requests import NOW
from tests.gateways.reserved import reservations_of

Items = list[tuple[str, int]]


async def _reserve(database: Database, key: str, items: Items, return_id: str = "R-1") -> bool:
    return await database.write(
        lambda connection: inventory.reserve(connection, items, key=key, at=NOW, return_id=return_id)
    )


async def _take(database: Database, key: str, items: Items) -> bool:
    return await database.write(
        lambda connection: inventory.take(connection, items, key=key, at=NOW, return_id="R-1", kind="part")
    )


async def _release(database: Database, key: str) -> None:
    await database.write(lambda connection: inventory.release(connection, key, NOW))


async def _ship(database: Database, key: str) -> None:
    await database.write(lambda connection: inventory.ship_reserved(connection, key, NOW))


async def _held(database: Database) -> dict[str, tuple[int, int]]:
    rows = await inventory.balances(database)
    assert await inventory.check(database) == []
    return {f"{row['sku']} {row['location']} {row['grade']}": (row["on_hand"], row["reserved"]) for row in rows}


@pytest.mark.parametrize(("asked", "given"), [(2, True), (3, True), (4, False)])
async def test_as_many_as_there_are_can_be_reserved(database: Database, asked: int, *, given: bool) -> None:
    await inventory.add_stock(database, "SHOE", 3)
    assert await _reserve(database, "k1", [("SHOE", asked)]) is given
    assert await _held(database) == {"SHOE main A": (3, asked if given else 0)}
    assert await _reserve(database, "k2", [("SHOE", 1)]) is (asked == 2 or not given)


async def test_all_or_nothing_is_reserved(database: Database) -> None:
    await inventory.add_stock(database, "SHOE", 2)
    await inventory.add_stock(database, "LAMP", 1)
    assert not await _reserve(database, "k1", [("SHOE", 1), ("LAMP", 2)])
    assert not await _reserve(database, "k1", [("SHOE", 1), ("HAT", 1)])
    # The same SKU twice is wanted twice.
    assert not await _reserve(database, "k1", [("SHOE", 1), ("SHOE", 2)])
    assert await reservations_of(database, "R-1") == []
    assert await _reserve(database, "k1", [("SHOE", 1), ("LAMP", 1), ("SHOE", 1)])
    assert await _held(database) == {"LAMP main A": (1, 1), "SHOE main A": (2, 2)}


async def test_only_what_is_as_new_is_reserved_the_main_shelf_first(database: Database) -> None:
    for location, grade in (("annex", "A"), ("main", "A"), ("main", "B"), ("main", "")):
        await inventory.add_stock(database, "SHOE", 2, location, grade)
    assert await _reserve(database, "k1", [("SHOE", 3)])
    assert not await _reserve(database, "k2", [("SHOE", 2)])
    held = await _held(database)
    assert (held["SHOE main A"], held["SHOE annex A"]) == ((2, 2), (2, 1))
    assert (held["SHOE main B"], held["SHOE main "]) == ((2, 0), (2, 0))


async def test_the_last_unit_is_reserved_once(database: Database, other: Database) -> None:
    await inventory.add_stock(database, "SHOE", 1)
    answers = await asyncio.gather(*(_reserve((database, other)[n % 2], f"k{n}", [("SHOE", 1)]) for n in range(8)))
    assert sorted(answers) == [False] * 7 + [True]
    assert await _held(database) == {"SHOE main A": (1, 1)}


async def test_a_repeat_by_the_key_reserves_once(database: Database, other: Database) -> None:
    await inventory.add_stock(database, "SHOE", 1)
    answers = await asyncio.gather(*(_reserve((database, other)[n % 2], "k1", [("SHOE", 1)]) for n in range(8)))
    assert answers == [True] * 8
    assert await _held(database) == {"SHOE main A": (1, 1)}
    await _ship(database, "k1")
    assert await _reserve(database, "k1", [("SHOE", 1)])
    assert await _held(database) == {"SHOE main A": (0, 0)}


async def test_crossing_wishes_do_not_wait_in_a_circle(database: Database, other: Database) -> None:
    for sku in ("SHOE", "lamp"):
        await inventory.add_stock(database, sku, 20)
    wishes: list[Items] = [[("SHOE", 1), ("lamp", 1)], [("lamp", 1), ("SHOE", 1)]]
    answers = await asyncio.gather(*(_reserve((database, other)[n % 2], f"k{n}", wishes[n % 2]) for n in range(20)))
    assert all(answers)
    ends: list[Callable[[Database, str], Any]] = [_ship, _release]
    await asyncio.gather(*(ends[n % 2]((database, other)[n % 2], f"k{n}") for n in range(20)))
    assert await _held(database) == {"SHOE main A": (10, 0), "lamp main A": (10, 0)}


async def test_a_reservation_is_given_back_once(database: Database, other: Database) -> None:
    await inventory.add_stock(database, "SHOE", 1)
    await _release(database, "k1")
    assert await _reserve(database, "k1", [("SHOE", 1)])
    await asyncio.gather(*(_release(db, "k1") for db in (database, other) * 3))
    assert await _held(database) == {"SHOE main A": (1, 0)}
    # A late repeat of what was given back gets nothing; a new key does.
    assert not await _reserve(database, "k1", [("SHOE", 1)])
    assert await _reserve(database, "k2", [("SHOE", 1)])


async def test_what_was_reserved_is_shipped_once(database: Database, other: Database) -> None:
    await inventory.add_stock(database, "SHOE", 3)
    assert await _reserve(database, "k1", [("SHOE", 2)])
    await asyncio.gather(*(_ship(db, "k1") for db in (database, other) * 3))
    await _release(database, "k1")
    assert await _held(database) == {"SHOE main A": (1, 0)}
    [kept] = await reservations_of(database, "R-1")
    assert kept == {
        "key": "k1",
        "sku": "SHOE",
        "location": "main",
        "grade": "A",
        "quantity": 2,
        "state": "shipped",
        "at": NOW,
    }
    moved = [(row["kind"], row["quantity"], row["reserved"]) for row in await inventory.movements_of(database, "R-1")]
    assert moved == [("reserve", 0, 2), ("ship", -2, -2)]


async def test_a_reservation_that_is_gone_is_not_shipped(database: Database) -> None:
    await inventory.add_stock(database, "SHOE", 1)
    assert await _reserve(database, "k1", [("SHOE", 1)])
    await _release(database, "k1")
    for key in ("k1", "never"):
        with pytest.raises(Declined) as refused:
            await _ship(database, key)
        assert refused.value.code == "reservation_gone"
    assert await _held(database) == {"SHOE main A": (1, 0)}


async def test_of_ship_and_release_at_once_one_has_its_way(database: Database, other: Database) -> None:
    await inventory.add_stock(database, "SHOE", 1)
    assert await _reserve(database, "k1", [("SHOE", 1)])
    shipped, released = await asyncio.gather(_ship(database, "k1"), _release(other, "k1"), return_exceptions=True)
    assert released is None
    assert await _held(database) == {"SHOE main A": (0 if shipped is None else 1, 0)}


@pytest.mark.parametrize(("asked", "taken"), [(2, True), (3, False)])
async def test_parts_are_taken_from_what_is_free(database: Database, asked: int, *, taken: bool) -> None:
    await inventory.add_stock(database, "PART", 3)
    assert await _reserve(database, "k1", [("PART", 1)])
    assert await _take(database, "t1", [("PART", asked)]) is taken
    assert await _take(database, "t1", [("PART", asked)]) is taken
    assert await _held(database) == {"PART main A": (3 - asked if taken else 3, 1)}


async def test_parts_are_taken_all_or_none_and_once(database: Database, other: Database) -> None:
    await inventory.add_stock(database, "PART", 5)
    assert not await _take(database, "t1", [("PART", 1), ("SCREW", 1)])
    answers = await asyncio.gather(*(_take((database, other)[n % 2], "t1", [("PART", 2)]) for n in range(6)))
    assert answers == [True] * 6
    answers = await asyncio.gather(*(_take((database, other)[n % 2], f"u{n}", [("PART", 2)]) for n in range(6)))
    assert sorted(answers) == [False] * 5 + [True]
    assert await _held(database) == {"PART main A": (1, 0)}
    assert [row["kind"] for row in await inventory.movements_of(database, "R-1")] == ["part", "part"]


async def test_reservations_are_listed_oldest_first(database: Database) -> None:
    await inventory.add_stock(database, "SHOE", 3)
    for number, key in enumerate(("z", "a")):
        at = NOW + timedelta(hours=number)
        await database.write(partial(inventory.reserve, items=[("SHOE", 1)], key=key, at=at, return_id="R-1"))
    assert [row["key"] for row in await reservations_of(database, "R-1")] == ["z", "a"]
    assert await reservations_of(database, "R-2") == []


def _cook(connection: Connection, how: str) -> None:
    if how == "balance":
        connection.execute(update(stock).values(on_hand=stock.c.on_hand + 1))
    elif how == "reserved":
        connection.execute(update(stock).values(reserved=stock.c.reserved + 1))
    elif how == "movement":
        connection.execute(delete(movements).where(movements.c.kind == "reserve"))
    elif how == "reservation":
        connection.execute(update(reservations).values(state="released"))
    else:
        row = {"sku": "HAT", "location": "main", "grade": "A", "on_hand": 1, "reserved": 0}
        connection.execute(insert(stock).values(row))


@pytest.mark.parametrize("how", ["balance", "reserved", "movement", "reservation", "appeared"])
async def test_what_does_not_add_up_is_found(database: Database, how: str) -> None:
    await inventory.add_stock(database, "SHOE", 3)
    assert await _reserve(database, "k1", [("SHOE", 1)])
    assert await inventory.check(database) == []
    await database.write(lambda connection: _cook(connection, how))
    [wrong] = await inventory.check(database)
    assert {"sku", "location", "grade", "on_hand", "moved", "reserved", "moved_reserved", "open"} == set(wrong)
    assert wrong["sku"] == ("HAT" if how == "appeared" else "SHOE")


_SKUS, _KEYS = st.sampled_from(["SHOE", "LAMP"]), st.sampled_from(["k1", "k2", "k3", "k4"])
_WISH = st.lists(st.tuples(_SKUS, st.integers(1, 4)), min_size=1, max_size=3)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), _SKUS, st.integers(1, 6), st.sampled_from(["annex", "main"])),
        st.tuples(st.just("reserve"), _KEYS, _WISH),
        st.tuples(st.just("release"), _KEYS),
        st.tuples(st.just("ship"), _KEYS),
        st.tuples(st.just("take"), st.sampled_from(["t1", "t2"]), _WISH),
    ),
    max_size=25,
)


def _step(connection: Connection, step: Any) -> None:
    if step[0] == "add":
        change = StockChange("add", step[1], step[3], "A", step[2])
        inventory._book(connection, [change], "add", NOW)
    elif step[0] == "reserve":
        inventory.reserve(connection, step[2], key=step[1], at=NOW, return_id="R-1")
    elif step[0] == "release":
        inventory.release(connection, step[1], NOW)
    elif step[0] == "take":
        inventory.take(connection, step[2], key=step[1], at=NOW, return_id="R-1", kind="part")
    else:
        with suppress(Declined):
            inventory.ship_reserved(connection, step[1], NOW)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
async def test_whatever_happens_the_ledger_adds_up(sqlite_template: Path, tmp_path: Path, steps: list[Any]) -> None:
    copy = tmp_path / f"{uuid4().hex}.db"
    shutil.copy(sqlite_template, copy)
    database = Database(f"sqlite:///{copy}")
    try:
        for step in steps:
            await database.write(partial(_step, step=step))
            assert await inventory.check(database) == []
            assert all(0 <= row["reserved"] <= row["on_hand"] for row in await inventory.balances(database))
    finally:
        await database.dispose()
