"""Accounts, links and sessions of staff, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from gateways.database.engine import Database
from gateways.database.staff import accounts, acts, links, people, sessions
from gateways.database.staff.accounts import LoginTakenError, NoSuchStaffError
from gateways.database.staff.acts import Act
from gateways.database.staff.people import LastManagerError
from tests.gateways.partner_requests import NOW

_HOUR = timedelta(hours=1)


async def _add(database: Database, login: str) -> int:
    return await database.write(lambda connection: accounts.add(connection, login, "Alex", ["clerk", "bench"], NOW))


async def test_an_account_is_made_once_and_changed(database: Database) -> None:
    assert not await accounts.has_any(database)
    staff_id = await _add(database, "alex")
    with pytest.raises(LoginTakenError):
        await _add(database, "alex")
    await accounts.change(database, "alex", roles=["support"])
    await database.write(lambda connection: accounts.set_password(connection, staff_id, "hash"))
    found = await accounts.find(database, "alex")
    assert found
    assert (found.id, found.name, found.roles, found.password) == (staff_id, "Alex", ["support"], "hash")
    assert await accounts.find(database, "Alex") is None
    with pytest.raises(NoSuchStaffError):
        await accounts.change(database, "sam", roles=[])
    assert await accounts.has_any(database)
    assert await accounts.disable(database, "alex", NOW) == 0
    assert not await accounts.has_any(database)


async def test_whom_a_provider_shows_is_the_same_person_with_what_it_says_now(database: Database) -> None:
    await _add(database, "alex")
    for name, roles in (("Alex", ["clerk"]), ("Alex D", ["manager"])):
        seen = await database.write(
            lambda connection, name=name, roles=roles: accounts.known_by(  # type: ignore[misc]
                connection, "https://idp", "alex", name, roles, NOW
            )
        )
    assert (seen.name, seen.roles) == ("Alex D", ["manager"])
    assert [one["issuer"] for one in await accounts.everybody(database)] == ["", "https://idp"]


async def test_a_link_is_used_once_and_the_next_ends_the_one_before(database: Database) -> None:
    staff_id = await _add(database, "alex")
    for owner in (staff_id, None):
        first, second = [
            await database.write(lambda connection, owner=owner: links.make(connection, owner, NOW + _HOUR))  # type: ignore[misc]
            for _ in range(2)
        ]
        assert await links.look(database, first, NOW) is None
        found = await links.look(database, second, NOW)
        assert found
        assert (found.staff_id, found.login) == (owner, "alex" if owner else None)
        assert await links.look(database, second, NOW + _HOUR) is None
        uses = [await database.write(lambda connection, it=second: links.use(connection, it)) for _ in range(2)]  # type: ignore[misc]
        assert uses == [True, False]


async def test_sessions_are_somebodys_and_end_one_by_one_or_all_but_one(database: Database) -> None:
    staff_id, other = await _add(database, "alex"), await _add(database, "sam")
    for token, owner in (("a", staff_id), ("b", staff_id), ("c", staff_id), ("d", other)):
        await database.write(
            lambda connection, token=token, owner=owner: sessions.begin(connection, token, owner, NOW, NOW + _HOUR)  # type: ignore[misc]
        )
    await sessions.seen(database, "a", NOW + _HOUR / 2)
    found = await sessions.find(database, "a")
    assert found
    assert (found.login, found.seen_at, found.ends_at) == ("alex", NOW + _HOUR / 2, NOW + _HOUR)
    await sessions.end(database, "b")
    assert await sessions.find(database, "b") is None
    assert await database.write(lambda connection: sessions.end_all(connection, staff_id, but="a")) == 1
    assert [row["session"] for row in await sessions.of_person(database, staff_id)] == [sessions.digest_of("a")]
    assert await accounts.disable(database, "alex", NOW) == 1
    await sessions.prune(database, NOW + _HOUR)
    assert await sessions.find(database, "d") is None


async def test_a_manager_is_always_left_who_may_let_others_in(database: Database) -> None:
    def act(did: acts.Did) -> Act:
        return Act(did, "Morgan Poe", NOW)

    def hired(connection: Connection) -> tuple[int, int]:
        first = accounts.add(connection, "morgan", "Morgan Poe", ["manager"], NOW)
        second = accounts.add(connection, "kim", "Kim Park", ["manager"], NOW)
        accounts.set_password(connection, first, "hash")
        return first, second

    first, second = await database.write(hired)
    # The second has chosen no password yet: nobody else could let others in.
    for change in (
        lambda connection: people.disable(connection, accounts.OURS, first, act("disabled")),
        lambda connection: people.give_roles(connection, accounts.OURS, first, ["clerk"], act("roles")),
    ):
        with pytest.raises(LastManagerError):
            await database.write(change)
    await database.write(lambda connection: accounts.set_password(connection, second, "hash"))
    await database.write(lambda connection: people.disable(connection, accounts.OURS, first, act("disabled")))
    with pytest.raises(LastManagerError):
        await database.write(
            lambda connection: people.give_roles(connection, accounts.OURS, second, ["clerk"], act("roles"))
        )
    told = [(one["by"], one["act"], one["login"]) for one in await acts.newest(database, 10)]
    assert told == [("Morgan Poe", "disabled", "morgan")]


@pytest.mark.parametrize(("issuer", "other"), [(accounts.OURS, "https://idp"), ("https://idp", accounts.OURS)])
async def test_who_was_known_by_another_issuer_is_no_manager_who_is_left(
    database: Database, issuer: str, other: str
) -> None:
    def hired(connection: Connection, knows: str) -> int:
        found = accounts.known_by(connection, knows, "morgan", "Morgan Poe", ["manager"], NOW)
        accounts.set_password(connection, found.id, "hash")
        return found.id

    await database.write(lambda connection: hired(connection, other))
    assert not await database.read(lambda connection: accounts.any_manager(connection, issuer))
    only = await database.write(lambda connection: hired(connection, issuer))
    with pytest.raises(LastManagerError):
        await database.write(
            lambda connection: people.disable(connection, issuer, only, Act("disabled", "Morgan Poe", NOW))
        )
    assert await database.read(lambda connection: accounts.any_manager(connection, issuer))
