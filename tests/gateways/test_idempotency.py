"""A key stands for one call of one caller, whoever comes first."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateways.database.engine import Database
from gateways.database.idempotency import Asked, KeyReused, reserve

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


async def test_callers_and_keys_are_told_apart(database: Database) -> None:
    assert await reserve(database, ASKED, "R-1", NOW) == "R-1"
    assert await reserve(database, replace(ASKED, caller="other"), "R-2", NOW) == "R-2"
    assert await reserve(database, replace(ASKED, key="key-2"), "R-3", NOW) == "R-3"
