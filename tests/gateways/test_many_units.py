"""Thousands of units in the books take as many statements as two."""

from typing import Any

import pytest
from sqlalchemy import Connection, event

from gateways.database.engine import Database
from gateways.database.lookup import returns_of_serial_number
from gateways.database.postgresql import Work
from gateways.database.returns import pieces, records
from gateways.database.stock.inventory import Inventory, balances, check
from gateways.database.stock.stock_change import StockChange
from tests.gateways.partner_requests import NOW


async def statements_of(database: Database, work: Work[Any]) -> list[str]:
    """The statements that it sends."""
    sent: list[str] = []

    def keep(*sending: Any) -> None:
        sent.append(sending[2])

    def heard(connection: Connection) -> None:
        event.listen(connection, "before_cursor_execute", keep)
        work(connection)

    await database.write(heard)
    return sent


def names(units: int) -> list[str]:
    return [f"1-{number}" for number in range(1, units + 1)]


def opening(database: Database, units: int) -> Work[None]:
    def work(connection: Connection) -> None:
        records.facts(connection, order_id="SO-1", customer_id="C-1", return_id="R-1", since=NOW)
        records.claim_units(connection, "SO-1", "R-1", dict.fromkeys(names(units), False))

    return work


def taking(database: Database, units: int) -> Work[object]:
    came = {name: f"SN {name}" for name in names(units)}
    return lambda connection: pieces.claim_pieces(connection, "SO-1", "R-1", came)


def booking(database: Database, units: int) -> Work[None]:
    changes = [
        StockChange("receive", "SKU", "main", "", 1, serial_number=f"SN {name}", return_id="R-1", unit_id=name)
        for name in names(units)
    ]
    return lambda connection: Inventory().book(connection, changes, key="R-1/receive", at=NOW)


@pytest.mark.parametrize("work", [opening, taking, booking])
async def test_many_units_take_as_many_statements_as_two(database: Database, work: Any) -> None:
    few = await statements_of(database, work(database, 2))
    await database.write(lambda connection: records.release_claims(connection, "R-1"))
    assert len(await statements_of(database, work(database, 1500))) == len(few)


async def test_the_books_of_many_units_add_up(database: Database) -> None:
    for work in (opening, booking):
        await database.write(work(database, 1500))
    assert [(row["on_hand"], row["reserved"]) for row in await balances(database, "SKU")] == [(1500, 0)]
    assert await check(database) == []
    assert await returns_of_serial_number(database, "sn1-1500") == ["R-1"]
