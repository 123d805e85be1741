"""Sessions and used links, on both databases."""

from datetime import timedelta

from sqlalchemy import select

from gateways.database import sessions
from gateways.database.engine import Database, rows_of
from gateways.database.tables import access
from tests.gateways.partner_requests import NOW

_HOUR = timedelta(hours=1)


async def test_a_session_stands_until_it_ends_or_is_signed_out(database: Database) -> None:
    assert not await sessions.stands(database, "s", NOW)
    assert not await sessions.extend(database, "s", NOW + _HOUR), "what there is not does not come back"
    await sessions.begin(database, "s", NOW + _HOUR)
    assert await sessions.extend(database, "s", NOW + _HOUR / 2), "and is not shortened"
    assert await sessions.stands(database, "s", NOW + _HOUR * 0.9)
    assert not await sessions.stands(database, "s", NOW + _HOUR)
    assert await sessions.extend(database, "s", NOW + _HOUR * 2)
    assert await sessions.stands(database, "s", NOW + _HOUR)
    await sessions.end(database, "s")
    await sessions.end(database, "s")
    assert not await sessions.stands(database, "s", NOW)


async def test_a_link_is_for_one_use_pressed_once_or_twice(database: Database) -> None:
    async def use(by: str, after: timedelta) -> bool:
        return await sessions.use_link(database, "a", by, NOW + after, NOW + _HOUR)

    assert [await use("form", timedelta(seconds=at)) for at in (0, 59, 61)] == [True, True, False]
    assert not await use("other form", timedelta(0))
    assert await sessions.use_link(database, "b", "other form", NOW, NOW + _HOUR)


async def test_what_has_ended_is_dropped_and_no_id_stands_in_a_row(database: Database) -> None:
    for number in range(3):
        await sessions.begin(database, f"session-{number}", NOW + _HOUR * number)
        await sessions.use_link(database, f"link-{number}", "form", NOW, NOW + _HOUR * number)
    await sessions.prune(database, NOW + _HOUR)
    for table in (access.sessions, access.used_links):
        rows = await rows_of(database, select(table))
        assert len(rows) == 1
        assert "-2" not in str(rows)
    assert await sessions.stands(database, "session-2", NOW)
