"""A session ends when it says: at its fixed time, or signed out, copies included; a sign-in link is for once."""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import Engine, event
from temporalio.client import Client
from temporalio.testing import TimeSkipper

from gateways.database.engine import Database
from gateways.database.messages.signed_links import case_link
from starter.demo.story import Stage
from starter.portal.app import portal
from starter.portal.shared.signer import Signer
from starter.shared.services import Services, services_of
from tests.portal.desk import desk_at
from tests.portal.visits import Caller, keep_order, sign_in_path
from workers.converter import CONVERTER
from workers.setting_values import ApiKey
from workers.settings import Settings

HOUR = 3600
_KEY = "0f8fad5bd9cb469fa16570867728950e"
Later = Callable[[float], None]


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    """A portal's own doors, with a key for its warehouse; nothing here needs Temporal."""
    keys = [ApiKey.model_validate({"key": _KEY, "scopes": ["warehouse"]})]
    settings = Settings(data_dir=tmp_path, database_url=None, policy=None, smtp_url=None, api_keys=keys)
    db = Database(settings.database)
    await db.upgrade()
    yield services_of(settings, await Client.connect("127.0.0.1:1", data_converter=CONVERTER, lazy=True), db)
    await db.dispose()


@pytest.fixture
def stage(services: Services) -> Stage:
    """Its database, for orders."""
    return Stage(services.homeward, TimeSkipper(services.client), services.db)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Let seconds pass since the test began."""
    began = time.time()
    return lambda seconds: monkeypatch.setattr("time.time", lambda: began + seconds)


def visitor(services: Services, cookie: str = "") -> Caller:
    """A browser; with a ``cookie``, one that was copied from another."""
    caller = Caller("")
    transport = httpx.ASGITransport(portal(services, "http://shop.example"), raise_app_exceptions=False)
    headers = {"Cookie": f"homeward={cookie}"} if cookie else {}
    caller.http = httpx.AsyncClient(transport=transport, base_url="http://shop.example", headers=headers)
    return caller


def cookie_of(caller: Caller) -> str:
    return str(caller.http.cookies["homeward"])


async def status(caller: Caller, path: str) -> int:
    return (await caller.http.get(path)).status_code


async def enter_case(caller: Caller, services: Services, case_id: str) -> httpx.Response:
    """Follow the link of a case's mail, and press its button."""
    link = await case_link(services.db, "", case_id)
    return await caller.post("/help/case", key=link.partition("=")[2])


async def test_an_order_is_shown_for_8_hours_whatever_its_visitor_does_meanwhile(
    services: Services, stage: Stage, later: Later
) -> None:
    first, second = await keep_order(stage), await keep_order(stage)
    async with visitor(services) as caller:
        await caller.sign_in(stage, first.order_id)
        later(8 * HOUR - 30)
        assert await status(caller, f"/orders/{first.order_id}") == 200
        await caller.sign_in(stage, second.order_id)
        later(8 * HOUR + 30)
        assert await status(caller, f"/orders/{first.order_id}") == 404
        assert await status(caller, f"/orders/{second.order_id}") == 200
        later(16 * HOUR)
        assert await status(caller, f"/orders/{second.order_id}") == 401


async def test_a_question_does_not_lengthen_what_else_is_shown(services: Services, stage: Stage, later: Later) -> None:
    order = await keep_order(stage)
    async with visitor(services) as caller:
        await caller.sign_in(stage, order.order_id)
        later(8 * HOUR - 30)
        await enter_case(caller, services, "S-1")
        later(8 * HOUR + 30)
        assert await status(caller, f"/orders/{order.order_id}") == 401


async def test_signing_out_ends_copies_too(services: Services, stage: Stage) -> None:
    order = await keep_order(stage)
    async with visitor(services) as caller:
        await caller.sign_in(stage, order.order_id)
        copied = cookie_of(caller)
        async with visitor(services, copied) as copy:
            assert await status(copy, f"/orders/{order.order_id}") == 200
            await caller.post("/sign-out")
            assert await status(copy, f"/orders/{order.order_id}") == 401
        other = await keep_order(stage)
        await caller.sign_in(stage, other.order_id)
        async with visitor(services, copied) as copy:
            assert await status(copy, f"/orders/{order.order_id}") == 401
        assert await status(caller, f"/orders/{other.order_id}") == 200


async def test_a_copy_that_signs_in_after_the_sign_out_has_nothing_of_before(services: Services, stage: Stage) -> None:
    order, other = await keep_order(stage), await keep_order(stage)
    async with visitor(services) as caller:
        await caller.sign_in(stage, order.order_id)
        copied = cookie_of(caller)
        await caller.post("/sign-out")
    async with visitor(services) as copy:
        copy.http.cookies.set("homeward", copied)
        await copy.sign_in(stage, other.order_id)
        assert await status(copy, f"/orders/{order.order_id}") == 404
        assert await status(copy, f"/orders/{other.order_id}") == 200


async def test_whoever_knows_the_secret_alone_is_not_signed_in(services: Services, stage: Stage) -> None:
    order = await keep_order(stage)
    ends = int(time.time()) + HOUR
    signer = TimestampSigner(await Signer(services.db).secret())
    for session in ({"orders": [order.order_id]}, {"id": "x", "orders": {order.order_id: ends}}):
        forged = signer.sign(b64encode(json.dumps(session).encode())).decode()
        async with visitor(services, forged) as caller:
            assert await status(caller, f"/orders/{order.order_id}") == 401


async def test_a_sign_in_link_works_once(services: Services, stage: Stage) -> None:
    order = await keep_order(stage)
    path = await sign_in_path(stage, order.order_id)
    token = path.partition("=")[2]
    async with visitor(services) as caller, visitor(services) as other:
        for _ in range(3):  # programs that look through mails follow links
            assert await status(other, path) == 200
        assert (await caller.post("/sign-in", token=token)).status_code == 303
        again = [token, *(token[:-1] + letter for letter in "AEIMQUYcgkosw048")]  # same signature, spelt otherwise
        for spelt in again:
            answer = await other.post("/sign-in", token=spelt)
            assert (answer.status_code, "This link does not work any more" in answer.text) == (403, True)
        assert await status(other, f"/orders/{order.order_id}") == 401
        seen = await caller.http.get(path)
        assert (seen.status_code, seen.headers["location"]) == (303, f"/orders/{order.order_id}")


async def test_the_button_pressed_twice_is_one_sign_in_and_not_later(
    services: Services, stage: Stage, later: Later
) -> None:
    order = await keep_order(stage)
    token = (await sign_in_path(stage, order.order_id)).partition("=")[2]
    async with visitor(services) as caller:
        form, before = {"csrf": await caller.csrf(), "token": token}, cookie_of(caller)
    async with visitor(services, before) as pressed:
        answers = await asyncio.gather(*(pressed.http.post("/sign-in", data=form) for _ in range(3)))
        assert {answer.status_code for answer in answers} == {303}
        later(90)
    async with visitor(services, before) as copy:
        assert (await copy.http.post("/sign-in", data=form)).status_code == 403


async def test_a_link_in_a_mail_of_an_earlier_version_works_once(services: Services, stage: Stage) -> None:
    order = await keep_order(stage)
    token = await Signer(services.db).sign("sign-in", order.order_id)
    async with visitor(services) as caller, visitor(services) as other:
        assert (await caller.post("/sign-in", token=token)).status_code == 303
        assert (await other.post("/sign-in", token=token)).status_code == 403


async def test_two_links_to_one_order_are_two(services: Services, stage: Stage) -> None:
    order = await keep_order(stage)
    paths = [await sign_in_path(stage, order.order_id) for _ in range(2)]
    for path in paths:
        async with visitor(services) as caller:
            assert (await caller.post("/sign-in", token=path.partition("=")[2])).status_code == 303


async def test_a_case_link_has_a_button_and_looking_signs_nobody_in(services: Services, stage: Stage) -> None:
    link = await case_link(services.db, "", "S-1")
    async with visitor(services) as caller:
        looked = await caller.http.get(link)
        assert (looked.status_code, 'action="/help/case"' in looked.text) == (200, True)
        assert await status(caller, "/help/cases/S-1") == 404
        token = await caller.csrf()
        assert (await caller.http.post("/help/case", data={"key": link.partition("=")[2]})).status_code == 403
        answer = await enter_case(caller, services, "S-1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/help/cases/S-1")
        assert await status(caller, "/help/cases/S-1") == 503  # theirs, and no Temporal here
        assert await caller.csrf() != token, "who knew the token of before knows it no more"


async def test_a_desk_ends_12_hours_after_it_was_opened_or_8_after_its_last_page(
    services: Services, later: Later
) -> None:
    transport = httpx.ASGITransport(portal(services, "http://desk"))
    async with desk_at("http://desk", transport) as desk:
        await desk.sign_in(key=_KEY)
        for hours, path in ((6, "/warehouse"), (11.9, "/warehouse"), (12.1, "/warehouse/sign-in")):
            later(hours * HOUR)
            await desk.open("/warehouse")
            assert (hours, desk.path) == (hours, path)
        await desk.sign_in(key=_KEY)
        later(20.2 * HOUR)
        await desk.open("/warehouse")
        assert desk.path == "/warehouse/sign-in"


async def test_a_desk_is_not_lengthened_by_an_order_on_the_same_device(
    services: Services, stage: Stage, later: Later
) -> None:
    order, transport = await keep_order(stage), httpx.ASGITransport(portal(services, "http://desk"))
    async with desk_at("http://desk", transport) as desk, visitor(services) as caller:
        await desk.sign_in(key=_KEY)
        caller.http.cookies.set("homeward", str(desk.client.cookies["homeward"]))
        for hours, shown in ((6, 200), (11.9, 200), (12.1, 303)):
            later(hours * HOUR)
            if hours == 6:
                await caller.sign_in(stage, order.order_id)
            assert (hours, await status(caller, "/warehouse")) == (hours, shown)
        assert await status(caller, f"/orders/{order.order_id}") == 200


async def test_a_desk_that_is_left_ends_its_copies(services: Services) -> None:
    transport = httpx.ASGITransport(portal(services, "http://shop.example"))
    async with desk_at("http://shop.example", transport) as desk:
        await desk.sign_in(key=_KEY)
        async with visitor(services, str(desk.client.cookies["homeward"])) as copy:
            assert await status(copy, "/warehouse") == 200
            await desk.send("/warehouse/sign-out")
            assert await status(copy, "/warehouse") == 303


async def test_a_session_costs_one_read_for_each_request_and_nobody_elses_any(services: Services, stage: Stage) -> None:
    order = await keep_order(stage)
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.extend(str(part) for part in given if isinstance(part, str) and "sessions" in part)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        async with visitor(services) as caller:
            await caller.csrf()
            assert asked == []
            await caller.sign_in(stage, order.order_id)
            asked.clear()
            assert await status(caller, f"/orders/{order.order_id}") == 200
            assert len(asked) == 1, asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_without_the_database_who_is_signed_in_sees_that_nothing_is_lost(
    services: Services, stage: Stage, tmp_path: Path
) -> None:
    order = await keep_order(stage)
    async with visitor(services) as caller:
        await caller.sign_in(stage, order.order_id)
        await services.db.dispose()
        (tmp_path / "homeward.db").unlink()
        (tmp_path / "homeward.db").mkdir()
        answer = await caller.http.get(f"/orders/{order.order_id}")
    assert (answer.status_code, "Nothing is lost" in answer.text) == (503, True)
