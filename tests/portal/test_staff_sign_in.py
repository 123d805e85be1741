"""Staff sign in as themselves: what lets them in, what tells nothing, and when a session ends."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from temporalio.client import Client

from gateways.database.engine import Database, rows_of
from gateways.database.staff import accounts, sessions
from gateways.database.tables.staff import staff_links, staff_sessions
from starter.portal.app import portal
from starter.shared.passwords import Passwords, is_weak
from starter.shared.services import Services, services_of
from starter.shared.staff_links import link_for, link_for_first_manager
from starter.shared.staff_names import is_login, is_name
from tests.portal.desk import Desk, desk_at
from tests.portal.people import CHEAP, PASSWORD, Colleague, hire, sign_in, signed_in
from workers.converter import CONVERTER
from workers.settings import Settings

_MINUTE, _HOUR = 60.0, 3600.0
#: Each desk is elsewhere, but for those that are asked to be at one place.
_places = count(1)
#: Where those begin who work in no warehouse; what it shows needs Temporal.
_OFFICE = "/desk"
Later = Callable[[float], None]
At = Callable[..., Desk]


@pytest.fixture(scope="module")
async def services(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    """Pages with a database of their own; nothing here needs Temporal."""
    folder: Path = tmp_path_factory.mktemp("staff")
    settings = Settings(data_dir=folder, database_url=None, policy=None, smtp_url=None)
    db = Database(settings.database)
    await db.upgrade()
    client = await Client.connect("127.0.0.1:1", data_converter=CONVERTER, lazy=True)
    yield replace(services_of(settings, client, db), passwords=CHEAP)
    await db.dispose()


@pytest.fixture
async def at(services: Services) -> AsyncIterator[At]:
    """Browsers, each at a place of its own."""
    made: list[Desk] = []

    def make(place: str = "", home: str = "http://shop.test", **changes: Any) -> Desk:
        app = portal(replace(services, **changes), home)
        transport = httpx.ASGITransport(app, client=(place or f"192.0.2.{next(_places)}", 1))
        made.append(desk_at(home, transport))
        return made[-1]

    yield make
    for desk in made:
        await desk.client.aclose()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Let seconds pass since the test began."""
    began = time.time()
    return lambda seconds: monkeypatch.setattr("time.time", lambda: began + seconds)


async def _is_in(desk: Desk) -> bool:
    await desk.open("/staff")
    return desk.path == "/staff"


@pytest.mark.parametrize(
    ("role", "home"),
    [("warehouse", "/warehouse"), ("bench", "/warehouse"), ("support", _OFFICE), ("auditor", _OFFICE)],
)
async def test_each_begins_where_their_role_leads(at: At, services: Services, role: str, home: str) -> None:
    desk = at()
    colleague = await signed_in(desk, services.db, [role], name="Robin Roe")
    assert desk.path == home
    assert await _is_in(desk)
    assert "Robin Roe" in desk.answer.text
    assert colleague.login in desk.answer.text


async def test_the_cookie_is_for_this_server_alone_and_no_script_reads_it(at: At, services: Services) -> None:
    desk = at(home="https://shop.test")
    await sign_in(desk, await hire(services.db, "clerk"))
    assert desk.answer.history
    said = desk.answer.history[0].headers["set-cookie"]
    assert said.startswith("__Host-homeward=")
    assert {"httponly", "samesite=lax", "secure", "path=/"} <= {part.strip().lower() for part in said.split(";")}


async def test_whatever_is_wrong_the_answer_is_the_same_and_costs_the_same(at: At, services: Services) -> None:
    hashed: list[str] = []

    class Counted(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            hashed.append(str(hash))
            return super().verify(hash, password)

    costs = Passwords(Counted(time_cost=1, memory_cost=8, parallelism=1))
    known, away, new = [await hire(services.db, "clerk") for _ in range(3)]
    await accounts.disable(services.db, away.login, datetime.now(UTC))
    await accounts.change(services.db, new.login, password=None)
    tries = [(known, "wrong words entirely"), (known, ""), (away, PASSWORD), (new, PASSWORD), (new, "")]
    tries += [(replace(known, login=login), PASSWORD) for login in ("nobody", "", "x" * 300, "'; --", "a\0b")]
    pages = set()
    for colleague, password in tries:
        desk = at(passwords=costs)
        await sign_in(desk, colleague, password=password)
        assert desk.answer.status_code == 422
        pages.add(re.sub(r'name="csrf" value="[^"]*"|name="login"[^>]*|name="password"[^>]*', "", desk.answer.text))
        assert not await _is_in(desk)
    assert len(pages) == 1
    assert len(hashed) == len(tries)
    assert len({re.sub(r"[^$]*\$[^$]*$", "", one) for one in hashed}) == 1, "each at the same cost"


async def test_a_name_is_tried_some_times_and_others_go_on(at: At, services: Services) -> None:
    target, other = await hire(services.db, "clerk"), await hire(services.db, "clerk")
    for login in (target.login, "nobody-at-all"):
        desk = at("198.51.100.7")
        tried = Colleague(0, login, "")
        answers = [(await sign_in(desk, tried, password="guess")).answer.status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]
        assert desk.answer.headers["retry-after"]
    await sign_in(desk, other)
    assert await _is_in(desk)
    elsewhere = at()
    await sign_in(elsewhere, target)
    assert await _is_in(elsewhere), "somebody's guesses do not keep its owner out elsewhere"


async def test_a_network_is_tried_from_some_times(at: At) -> None:
    desk = await at("198.51.100.8").open("/staff/sign-in")
    form = desk.form("/staff/sign-in")
    tries = [form.with_(login=f"nobody-{number}", password="guess") for number in range(61)]
    answers = [(await desk.post("/staff/sign-in", fields)).status_code for fields in tries]
    assert answers == [422] * 60 + [429]


async def test_a_session_ends_an_hour_after_its_last_page(at: At, services: Services, later: Later) -> None:
    desk = at()
    await signed_in(desk, services.db, ["clerk"])
    for minutes in (50, 100, 155):
        later(minutes * _MINUTE)
        assert await _is_in(desk)
    later(216 * _MINUTE)
    assert not await _is_in(desk)
    assert "next=/staff" in str(desk.answer.url)


async def test_a_session_ends_after_twelve_hours_however_busy_it_was(at: At, services: Services, later: Later) -> None:
    desk = at()
    await signed_in(desk, services.db, ["clerk"])
    for half_hours in range(1, 24):
        later(half_hours * _HOUR / 2)
        assert await _is_in(desk), half_hours
    later(12 * _HOUR + 1)
    assert not await _is_in(desk)


async def _signed_out(desk: Desk, services: Services, colleague: Colleague) -> None:
    await desk.open("/staff")
    await desk.send("/staff/sign-out")
    assert desk.path == "/staff/sign-in"


async def _disabled(desk: Desk, services: Services, colleague: Colleague) -> None:
    assert await accounts.disable(services.db, colleague.login, datetime.now(UTC)) == 1


async def _ended(desk: Desk, services: Services, colleague: Colleague) -> None:
    await services.db.write(lambda connection: sessions.end_all(connection, colleague.id))


@pytest.mark.parametrize("end", [_signed_out, _disabled, _ended])
async def test_a_copied_cookie_ends_with_its_session(
    at: At, services: Services, end: Callable[[Desk, Services, Colleague], Awaitable[None]]
) -> None:
    desk, copy = at(), at()
    colleague = await signed_in(desk, services.db, ["clerk"])
    copy.client.cookies = httpx.Cookies(desk.client.cookies)
    assert await _is_in(copy)
    await end(desk, services, colleague)
    assert not await _is_in(copy)
    assert not await _is_in(desk)


async def test_a_role_that_is_taken_away_opens_nothing_from_the_next_page_on(at: At, services: Services) -> None:
    desk = at()
    colleague = await signed_in(desk, services.db, ["warehouse"])
    await accounts.change(services.db, colleague.login, roles=["auditor"])
    await desk.open("/warehouse")
    assert (desk.answer.status_code, "not part of your work" in desk.answer.text) == (403, True)


async def test_nothing_of_before_comes_along_into_a_session(at: At, services: Services) -> None:
    desk = at()
    colleague = await hire(services.db, "clerk")
    await desk.open("/staff/sign-in")
    planted = dict(desk.client.cookies)
    await sign_in(desk, colleague)
    thief = at()
    thief.client.cookies.update(planted)
    assert not await _is_in(thief)


async def test_a_form_of_another_session_does_nothing(at: At, services: Services) -> None:
    desk, other = at(), at()
    colleague = await signed_in(desk, services.db, ["clerk"])
    await desk.open("/staff")
    before = dict(desk.form("/staff/password").fields)["csrf"]
    await sign_in(other, colleague)
    for client in (other, desk):
        await client.open("/staff")
    await desk.send("/staff/sign-out")
    await sign_in(desk, colleague)
    for desk_now in (desk, other):
        for token in (before, "", "guessed"):
            answer = await desk_now.post("/staff/sessions", [("csrf", token)])
            assert answer.status_code == 403


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/desk/\\evil",
        "/desk/a\nb",
        "javascript:alert(1)",
        "/orders/SO-1",
        "/staffroom",
        "/warehouse",
    ],
)
async def test_signing_in_leads_to_no_other_page(at: At, services: Services, wanted: str) -> None:
    desk = at()
    await sign_in(desk, await hire(services.db, "auditor"), next_page=quote(wanted))
    assert desk.answer.history[0].headers["location"] == _OFFICE


async def test_signing_in_leads_back_to_the_page_that_was_asked_for(at: At, services: Services) -> None:
    desk = at()
    colleague = await hire(services.db, "bench")
    await desk.open("/staff")
    await desk.send("/staff/sign-in", login=colleague.login.upper(), password=PASSWORD)
    assert desk.path == "/staff"
    await desk.open("/staff/sign-in?next=/warehouse/bench")
    assert desk.answer.status_code in (200, 503), "its queue is asked for at Temporal"
    assert desk.path == "/warehouse/bench"


async def test_nothing_that_lets_in_stands_in_the_database(at: At, services: Services) -> None:
    desk = at()
    colleague = await signed_in(desk, services.db, ["clerk"])
    link = await services.db.write(lambda connection: link_for(connection, "", colleague.id))
    rows = [await rows_of(services.db, select(table)) for table in (staff_sessions, staff_links)]
    assert link.link.partition("=")[2] not in str(rows)
    [known] = [one for one in await accounts.everybody(services.db) if one["login"] == colleague.login]
    assert known["password"].startswith("$argon2id$")
    assert PASSWORD not in str(known)


async def test_a_new_password_ends_all_other_sessions(at: At, services: Services) -> None:
    desk, other = at(), at()
    colleague = await signed_in(desk, services.db, ["clerk"])
    await sign_in(other, colleague)
    await desk.open("/staff")
    changed = {"now": PASSWORD, "password": "quite another sentence", "again": "quite another sentence"}
    for wrong in ({"now": "not mine"}, {"password": "short"}, {"again": "something else entirely"}):
        await desk.open("/staff")
        await desk.send("/staff/password", **(changed | wrong))
        assert desk.answer.status_code == 422
    assert await _is_in(other)
    await desk.open("/staff")
    await desk.send("/staff/password", **changed)
    assert "The new password holds" in desk.answer.text
    assert (await _is_in(desk), await _is_in(other)) == (True, False)
    await sign_in(other, colleague)
    assert other.answer.status_code == 422
    await sign_in(other, colleague, password="quite another sentence")
    assert (await _is_in(desk), await _is_in(other)) == (True, True)
    await other.send("/staff/sessions")
    assert (await _is_in(desk), await _is_in(other)) == (False, True)


async def _invited(services: Services, login: str) -> str:
    def work(connection: Any) -> str:
        found = accounts.by_login(connection, "", login)
        staff_id = found.id if found else accounts.add(connection, login, "Kim Park", ["clerk"], datetime.now(UTC))
        return link_for(connection, "", staff_id).link

    return await services.db.write(work)


async def test_a_link_lets_its_owner_choose_a_password_once(at: At, services: Services) -> None:
    desk = at()
    old, link = await _invited(services, "kim"), await _invited(services, "kim")
    await desk.open(old)
    assert desk.answer.status_code == 403, "another was made after it"
    for _ in range(2):
        await desk.open(link)
        assert (desk.answer.status_code, "Welcome, Kim Park" in desk.answer.text) == (200, True)
    for wrong in ({"password": "short", "again": "short"}, {"password": PASSWORD, "again": PASSWORD + "!"}):
        await desk.send("/staff/link", **wrong)
        assert desk.answer.status_code == 422
        assert "short" not in desk.answer.text
    await desk.send("/staff/link", password=PASSWORD, again=PASSWORD)
    assert desk.path == _OFFICE
    assert await _is_in(desk)
    assert "Kim Park" in desk.answer.text
    other = at()
    await other.open(link)
    assert other.answer.status_code == 403
    await sign_in(other, Colleague(0, "kim", ""))
    assert await _is_in(other)


async def test_a_link_ends_after_a_day_and_with_its_account(at: At, services: Services, later: Later) -> None:
    desk = at()
    link = await _invited(services, "lee")
    await accounts.disable(services.db, "lee", datetime.now(UTC))
    assert (await desk.open(link)).answer.status_code == 403
    await accounts.change(services.db, "lee", disabled_at=None)
    assert (await desk.open(link)).answer.status_code == 200
    later(24 * _HOUR + 1)
    assert (await desk.open(link)).answer.status_code == 403


async def test_the_first_manager_names_themselves_and_is_the_only_first(at: At, tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'new.db'}")
    await db.upgrade()
    dropped, link = [await link_for_first_manager(db, "") for _ in range(2)]
    assert dropped
    assert link
    desk, late = at(db=db), at(db=db)
    assert (await desk.open(dropped.link)).answer.status_code == 403
    for one in (desk, late):
        assert (await one.open(link.link)).answer.status_code == 200
    await hire(db, "clerk")  # others may be there before their manager
    chosen = {"password": PASSWORD, "again": PASSWORD, "login": "Max", "name": "Max Mo"}
    await desk.send("/staff/link", **(chosen | {"name": "customer"}))
    assert desk.answer.status_code == 422
    await desk.send("/staff/link", **chosen)
    assert desk.path == _OFFICE
    assert await _is_in(desk)
    [manager] = [one for one in await accounts.everybody(db) if one["login"] == "max"]
    assert (manager["login"], manager["name"], manager["roles"]) == ("max", "Max Mo", ["manager"])
    await late.send("/staff/link", **(chosen | {"login": "second"}))
    assert late.answer.status_code == 403
    assert len(await accounts.everybody(db)) == 2
    assert await link_for_first_manager(db, "") is None
    await db.dispose()


async def test_what_has_ended_is_dropped(at: At, services: Services) -> None:
    await signed_in(at(), services.db, ["clerk"])
    await _invited(services, "gone")
    await sessions.prune(services.db, datetime.now(UTC) + timedelta(days=2))
    assert await rows_of(services.db, select(staff_sessions)) == await rows_of(services.db, select(staff_links)) == []


async def test_passwords_are_hashed_as_rfc_9106_advises() -> None:
    """The one test that pays for it; see section 4, the second recommended option."""
    passwords = Passwords()
    kept = await passwords.hash("four words nobody says")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.matches("four words nobody says", kept)
    assert not await passwords.matches("four words nobody said", kept)
    assert passwords.is_old(await CHEAP.hash("four words nobody says"))


async def test_a_hash_of_an_earlier_cost_is_made_anew_at_the_next_sign_in(at: At, services: Services) -> None:
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    colleague = await hire(services.db, "clerk")
    desk = at(passwords=dearer)
    await sign_in(desk, colleague)
    found = await accounts.find(services.db, colleague.login)
    assert found
    assert "t=2" in str(found.password)
    await sign_in(at(), colleague)
    assert await _is_in(desk), "which ends no session"


@pytest.mark.parametrize(
    ("password", "weak"),
    [
        ("short", True),
        ("aaaaaaaaaaaaaaaa", True),
        ("I am ALEX-DOE today", True),
        ("correct horse battery", False),
        ("пароль из слов", False),
    ],
)
def test_a_password_is_long_and_holds_no_name(password: str, weak: bool) -> None:
    assert is_weak(password, "alex-doe", "Al") is weak


async def test_a_password_is_the_same_however_it_is_typed() -> None:
    kept = await CHEAP.hash("Zoë's cafe\u0301 words")
    assert await CHEAP.matches("Zoe\u0308's café words", kept)


@pytest.mark.parametrize(
    "name", ["", " Alex", "Alex\n", "customer", "Warehouse", "Alex (key till)", "x" * 81, "a\u200bb"]
)
def test_a_name_is_a_persons(name: str) -> None:
    assert not is_name(name)


def test_names_that_are_taken() -> None:
    assert all(map(is_name, ("Alex Doe", "Søren Å. (Bench)", "李雷")))
    assert all(map(is_login, ("alex", "alex@shop.example", "1", "a.b-c_d+e")))
    assert not any(map(is_login, ("", "Alex", "a b", "-a", "a" * 101, "https://idp|1")))
