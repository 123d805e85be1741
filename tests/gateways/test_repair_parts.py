"""Spare parts, taken from stock by the repair bench: all or none, once, never more than there are."""

import asyncio
from datetime import UTC, datetime

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.repairs.parts import PartsInput, RepairActivities
from gateways.database.engine import Database
from gateways.database.stock.inventory import Inventory, add_stock, balances, check, movements_of
from lifecycle.repairs.messages import Part

NOW = datetime(2026, 3, 16, tzinfo=UTC)


def parts(step: str, *items: tuple[str, int], return_id: str = "R-1") -> PartsInput:
    wanted = [Part(sku=sku, quantity=quantity) for sku, quantity in items]
    return PartsInput(return_id=return_id, step=step, title="Phone", parts=wanted, now=NOW)


async def take(database: Database, given: PartsInput) -> None:
    bench = RepairActivities(database, Inventory())
    await ActivityEnvironment().run(bench.take_parts, given)


async def on_hand(database: Database, sku: str) -> int:
    return sum(row["on_hand"] for row in await balances(database, sku))


async def test_parts_are_taken_once_however_often_they_are_asked_for(database: Database) -> None:
    await add_stock(database, "SCREEN", 3)
    for _ in range(3):
        await take(database, parts("repair-1-1/take_parts", ("SCREEN", 2)))
    assert await on_hand(database, "SCREEN") == 1
    moves = await movements_of(database, "R-1")
    assert [(move["kind"], move["quantity"]) for move in moves] == [("repair_parts", -2)]
    assert list(await check(database)) == []


async def test_the_same_part_named_twice_counts_twice(database: Database) -> None:
    await add_stock(database, "SCREW", 3)
    with pytest.raises(ApplicationError, match="stock does not have 2 x SCREW, 2 x SCREW"):
        await take(database, parts("a", ("SCREW", 2), ("SCREW", 2)))
    await take(database, parts("b", ("SCREW", 1), ("SCREW", 2)))
    assert await on_hand(database, "SCREW") == 0


async def test_missing_parts_take_nothing_and_the_same_step_works_once_they_are_there(database: Database) -> None:
    await add_stock(database, "SCREEN", 5)
    wanted = parts("repair-1-1/take_parts", ("SCREEN", 1), ("BATTERY", 1))
    with pytest.raises(ApplicationError, match="stock does not have") as refusal:
        await take(database, wanted)
    assert (refusal.value.type, refusal.value.non_retryable) == ("Declined", True)
    assert await on_hand(database, "SCREEN") == 5
    await add_stock(database, "BATTERY", 1)
    await take(database, wanted)
    assert (await on_hand(database, "SCREEN"), await on_hand(database, "BATTERY")) == (4, 0)


async def test_benches_that_want_the_last_part_at_once_get_it_once(database: Database) -> None:
    await add_stock(database, "SCREEN", 1)
    wanted = [parts("repair-1-1/take_parts", ("SCREEN", 1), return_id=f"R-{number}") for number in range(8)]
    answers = await asyncio.gather(*(take(database, given) for given in wanted), return_exceptions=True)
    assert sum(answer is None for answer in answers) == 1
    assert await on_hand(database, "SCREEN") == 0
    assert list(await check(database)) == []


async def test_a_step_that_took_other_parts_before_is_refused(database: Database) -> None:
    await add_stock(database, "SCREEN", 5)
    await take(database, parts("a", ("SCREEN", 1)))
    with pytest.raises(ApplicationError) as refusal:
        await take(database, parts("a", ("SCREEN", 2)))
    assert (refusal.value.type, await on_hand(database, "SCREEN")) == ("KeyReused", 4)
