"""A key stands for one call of one caller, whoever comes first."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from gateways.database import idempotency
from gateways.database.engine import Database, rows_of
from gateways.database.idempotency import KEPT, Asked, KeyReused, Place, forget_old, reserve
from gateways.database.tables.access import idempotency_keys

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ASKED = Asked("caller", "key-1", "f" * 64)


async def test_of_many_at_once_one_gives_the_return(database: Database, other: Database) -> None:
    given = await asyncio.gather(
        *(reserve((database, other)[number % 2], ASKED, f"R-{number}", NOW) for number in range(20))
    )
    assert len(set(given)) == 1
    assert await reserve(other, ASKED, "R-later", NOW) == given[0]


async def test_another_call_is_refused_and_changes_nothing(database: Database) -> None:
    await reserve(database, ASKED, "R-1", NOW)
    with pytest.raises(KeyReused, match="key-1"):
        await reserve(database, replace(ASKED, fingerprint="0" * 64), "R-2", NOW)
    assert await reserve(database, ASKED, "R-3", NOW) == "R-1"


async def test_callers_and_keys_are_distinguished(database: Database) -> None:
    assert await reserve(database, ASKED, "R-1", NOW) == "R-1"
    assert await reserve(database, replace(ASKED, caller="other"), "R-2", NOW) == "R-2"
    assert await reserve(database, replace(ASKED, key="key-2"), "R-3", NOW) == "R-3"


async def test_a_key_is_forgotten_after_its_time_and_no_sooner(database: Database) -> None:
    later = NOW + KEPT + timedelta(seconds=1)
    for number in range(3):
        await reserve(database, replace(ASKED, key=f"old-{number}"), "R-1", NOW)
        await reserve(database, replace(ASKED, key=f"new-{number}"), "R-1", NOW + timedelta(seconds=2))
    assert await database.write(lambda connection: forget_old(connection, None, later)) is None
    given = {f"{age}-{number}" for age in ("old", "new") for number in range(3)}
    again = {key: await reserve(database, replace(ASKED, key=key), "R-2", later) for key in sorted(given)}
    assert {key for key, return_id in again.items() if return_id == "R-1"} == {"new-0", "new-1", "new-2"}


async def test_many_keys_are_gone_through_a_part_at_a_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_PART", 4)
    for number in range(10):
        await reserve(database, replace(ASKED, caller=f"caller-{number % 2}", key=f"key-{number}"), "R-1", NOW)
    place, looks = None, 0
    while (place := await _forget(database, place)) is not None:
        looks += 1
    assert looks == 2
    assert await rows_of(database, select(idempotency_keys)) == []


async def _forget(database: Database, after: Place | None) -> Place | None:
    later = NOW + KEPT + timedelta(days=1)
    return await database.write(lambda connection: forget_old(connection, after, later))
