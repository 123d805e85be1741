"""One return of an order holds a piece; what went back to its customer is free, and known to have been rejected."""

import asyncio
from datetime import timedelta

from gateways.database.engine import Database
from gateways.database.returns import pieces, records
from lifecycle.returns.eligibility import Facts
from lifecycle.returns.goods.pieces import SeenBefore
from tests.gateways.partner_requests import NOW


async def _opened(database: Database, return_id: str, *unit_ids: str, order_id: str = "SO-1") -> None:
    units = dict.fromkeys(unit_ids, False)
    await database.write(lambda connection: records.claim_units(connection, order_id, return_id, units))


async def _came(database: Database, return_id: str, order_id: str = "SO-1", **came: str) -> dict[str, SeenBefore]:
    """Keywords are unit ids with ``u`` and ``_`` for a hyphen."""
    by_unit = {name[1:].replace("_", "-"): serial_number for name, serial_number in came.items()}
    return await database.write(lambda connection: pieces.claim_pieces(connection, order_id, return_id, by_unit))


async def _freed(database: Database, return_id: str, **units: bool) -> None:
    freed = {name[1:].replace("_", "-"): rejected for name, rejected in units.items()}
    await database.write(lambda connection: pieces.free_units(connection, return_id, freed, NOW))


async def _facts(database: Database, return_id: str) -> Facts:
    since = NOW - timedelta(days=90)
    return await database.read(
        lambda connection: records.facts(
            connection, order_id="SO-1", customer_id="C-1", return_id=return_id, since=since
        )
    )


async def test_a_piece_comes_once_however_it_is_typed(database: Database) -> None:
    await _opened(database, "R-1", "1-1")
    await _opened(database, "R-2", "1-2")
    assert await _came(database, "R-1", u1_1="SN-2") == {}
    assert await _came(database, "R-1", u1_1="sn-2") == {}
    assert await _came(database, "R-2", u1_2="sn - 2") == {"1-2": SeenBefore(return_id="R-1")}
    assert await _came(database, "R-2", u1_2="SN-1") == {}


async def test_of_two_open_returns_one_has_the_piece(database: Database, other: Database) -> None:
    for number in range(6):
        await _opened(database, f"R-{number}", f"1-{number}")
    answers = await asyncio.gather(
        *(_came(other if number % 2 else database, f"R-{number}", **{f"u1_{number}": "SN-2"}) for number in range(6))
    )
    assert sum(not answer for answer in answers) == 1


async def test_the_same_serial_number_of_another_order_is_another_piece(database: Database) -> None:
    await _opened(database, "R-1", "1-1")
    await _opened(database, "R-2", "1-1", order_id="SO-2")
    await _came(database, "R-1", u1_1="SN-2")
    assert await _came(database, "R-2", "SO-2", u1_1="SN-2") == {}


async def test_a_rejected_unit_that_went_back_may_be_asked_for_again(database: Database) -> None:
    await _opened(database, "R-1", "1-1", "1-2")
    await _came(database, "R-1", u1_1="SN-1", u1_2="SN-2")
    await _freed(database, "R-1", u1_1=True)
    facts = await _facts(database, "R-2")
    assert (set(facts.claimed), facts.rejected) == ({"1-2"}, {"1-1": "R-1"})
    await _opened(database, "R-2", "1-1")
    assert await _came(database, "R-2", u1_1="SN-1") == {}


async def test_it_is_still_known_after_the_second_return_was_cancelled(database: Database) -> None:
    await _opened(database, "R-1", "1-1")
    await _freed(database, "R-1", u1_1=True)
    await _opened(database, "R-2", "1-1")
    await database.write(lambda connection: records.release_claims(connection, "R-2"))
    assert (await _facts(database, "R-3")).rejected == {"1-1": "R-1"}


async def test_a_rejected_piece_that_comes_as_another_unit_came_before(database: Database) -> None:
    await _opened(database, "R-1", "1-1")
    await _came(database, "R-1", u1_1="SN-1")
    await _freed(database, "R-1", u1_1=True)
    await _opened(database, "R-2", "1-2")
    assert await _came(database, "R-2", u1_2="SN-1") == {"1-2": SeenBefore(return_id="R-1", rejected=True)}


async def test_a_repaired_unit_that_went_back_is_free_and_was_not_rejected(database: Database) -> None:
    await _opened(database, "R-1", "1-1")
    await _came(database, "R-1", u1_1="SN-1")
    await _freed(database, "R-1", u1_1=False)
    facts = await _facts(database, "R-2")
    assert (dict(facts.claimed), dict(facts.rejected)) == ({}, {})


async def test_freeing_again_changes_nothing_for_whoever_holds_it_now(database: Database) -> None:
    await _opened(database, "R-1", "1-1")
    await _freed(database, "R-1", u1_1=True)
    await _opened(database, "R-2", "1-1")
    await _freed(database, "R-1", u1_1=True)
    assert (await _facts(database, "R-3")).claimed["1-1"].return_id == "R-2"
