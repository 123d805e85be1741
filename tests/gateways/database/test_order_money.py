"""An order's money is claimed by its returns one after the other, on either database."""

import asyncio

import pytest
from sqlalchemy import Connection, text

from gateways.database.engine import Database
from gateways.database.orders import order_money
from gateways.database.returns import records
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Order
from lifecycle.returns.order_money import Books, MoneyWanted, OrderMoney, grant, left
from tests.gateways.partner_requests import NOW
from tests.lifecycle.orders import request

KINDS = Policy().money.tender_order
CARD = {"tender_id": "t1", "kind": "card", "captured": 15400, "refunded": 5000}


def order(**tender: int) -> Order:
    return request(tenders=[CARD | tender]).order


def money(total: int) -> OrderMoney:
    return OrderMoney(total=total, tenders={"t1": total} if total else {})


def claim(connection: Connection, return_id: str, more: int, bought: Order | None = None, given: int = 0) -> OrderMoney:
    """As the steps of a return do it."""
    bought = bought or order()
    records.alone(connection, bought.order_id)
    known = order_money.books(connection, bought.order_id, return_id)
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_sleep(0.05)"))
    wanted = MoneyWanted(given=given, paid={"t1": given}, more=more, to_tenders=more)
    held = grant(bought, known, KINDS, wanted)
    order_money.claim(connection, return_id, bought, known, held, NOW)
    return held


async def books_of(database: Database, return_id: str) -> Books:
    return await database.read(lambda connection: order_money.books(connection, "SO-1", return_id))


async def test_returns_that_claim_at_once_never_hold_more_than_is_left(database: Database, other: Database) -> None:
    async def one(number: int) -> int:
        where = database if number % 2 else other
        return (await where.write(lambda connection: claim(connection, f"R-{number}", 4000))).total

    held = await asyncio.gather(*(one(number) for number in range(5)))
    assert sorted(held) == [0, 0, 2400, 4000, 4000]
    assert left(order(), await books_of(database, "R-9")).total == 0


async def test_what_is_released_or_not_needed_is_there_again(database: Database) -> None:
    await database.write(lambda connection: claim(connection, "R-1", 8000))
    await database.write(lambda connection: claim(connection, "R-2", 8000))
    assert left(order(), await books_of(database, "R-3")) == OrderMoney(total=0, tenders={"t1": 0})
    await database.write(lambda connection: order_money.give(connection, "R-1", money(7000)))
    await database.write(lambda connection: order_money.release(connection, "R-2"))
    assert left(order(), await books_of(database, "R-3")).total == 3400
    await database.write(lambda connection: order_money.settle(connection, "R-1", money(4000)))
    assert left(order(), await books_of(database, "R-3")).total == 6400


async def test_a_return_that_claims_again_keeps_what_it_found_at_first(database: Database) -> None:
    await database.write(lambda connection: claim(connection, "R-1", 4000))
    await database.write(lambda connection: order_money.settle(connection, "R-1", money(4000)))
    late = order(refunded=9000)
    held = await database.write(lambda connection: claim(connection, "R-2", 1000, late))
    assert held.total == 1000
    await database.write(lambda connection: claim(connection, "R-3", 2000))
    await database.write(lambda connection: order_money.settle(connection, "R-3", money(2000)))
    again = await database.write(lambda connection: claim(connection, "R-2", 9000, late, given=1000))
    assert again.total == 15400 - 5000 - 4000 - 2000


@pytest.mark.parametrize(
    ("first", "said", "given", "expected"),
    [
        (5000, 5000, True, 6400),  # what the request says does not count what Homeward gave
        (5000, 9000, True, 6400),  # it does
        (5000, 9500, True, 5900),  # and 500 that the shop gave since
        (5000, 9000, False, 2400),  # it cannot count what was not given yet: the shop gave 4000 since
        (5000, 0, True, 6400),  # it has forgotten all of it
    ],
)
async def test_what_a_request_says_was_refunded_counts_homewards_own_refunds_or_not(
    database: Database, first: int, said: int, given: bool, expected: int
) -> None:
    await database.write(lambda connection: claim(connection, "R-1", 4000, order(refunded=first)))
    if given:
        await database.write(lambda connection: order_money.give(connection, "R-1"))
    assert left(order(refunded=said), await books_of(database, "R-2")).total == expected


async def test_units_are_back_or_not_for_the_returns_that_ask(database: Database) -> None:
    bought = order()

    def hold(connection: Connection, return_id: str, units: dict[str, bool]) -> None:
        records.claim_units(connection, "SO-1", return_id, units)

    await database.write(lambda connection: hold(connection, "R-1", {"1-1": True, "1-2": False, "1-3": False}))
    await database.write(lambda connection: hold(connection, "R-2", {"2-1": False}))

    def whole(connection: Connection, return_id: str, units: list[str]) -> bool:
        return records.claim_shipping_if_whole(connection, bought, return_id, units)

    assert not await database.write(lambda connection: whole(connection, "R-2", ["2-1"]))
    back = {"1-1": True, "1-2": True, "1-3": False}
    await database.write(lambda connection: records.mark_back(connection, "R-1", back))
    assert not await database.write(lambda connection: whole(connection, "R-2", ["2-1"]))
    assert await database.write(lambda connection: whole(connection, "R-1", ["1-1", "1-2", "1-3"]))
    assert not await database.write(lambda connection: whole(connection, "R-2", ["2-1"]))  # given back once
