"""Limits that all processes share, on both databases."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import select

from gateways.database import rates
from gateways.database.engine import Database, rows_of
from gateways.database.rates import Limit
from gateways.database.tables import access
from tests.gateways.partner_requests import NOW

HOUR = timedelta(hours=1)
FIVE = Limit("links", 5, HOUR)


async def take(database: Database, *who: str, at: datetime = NOW, limit: Limit = FIVE) -> datetime | None:
    return await database.write(lambda connection: rates.count(connection, limit, who, at))


async def test_all_processes_count_together(database: Database, other: Database) -> None:
    asked = [take(process, "192.0.2.1", "a@example.com") for process in (database, other) * 6]
    found = Counter(await asyncio.gather(*asked))
    assert found == {None: 5, NOW + HOUR: 7}


async def test_each_is_counted_apart(database: Database) -> None:
    for who in (("a", "b"), ("ab", ""), ("a",), ("b",)):
        assert [await take(database, *who) is None for _ in range(6)] == [True] * 5 + [False]
    assert await take(database, "a", limit=Limit("questions", 5, HOUR)) is None


async def test_a_time_begins_with_the_first_and_then_anew(database: Database) -> None:
    for minutes in (0, 10, 20, 30, 40):
        assert await take(database, "a", at=NOW + timedelta(minutes=minutes)) is None
    assert await take(database, "a", at=NOW + timedelta(minutes=59)) == NOW + HOUR
    assert [await take(database, "a", at=NOW + HOUR) for _ in range(6)] == [None] * 5 + [NOW + HOUR * 2]


async def test_what_has_ended_is_dropped_and_nobody_stands_in_a_row(database: Database) -> None:
    await take(database, "192.0.2.1", "a@example.com")
    await take(database, "192.0.2.1", "b@example.com", at=NOW + HOUR)
    await rates.prune(database, NOW + HOUR)
    [row] = await rows_of(database, select(access.rates))
    assert row["ends_at"] == NOW + HOUR * 2
    assert "example" not in str(row)
    assert "192" not in str(row)
