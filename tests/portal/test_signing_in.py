"""Find my order: nobody learns whether an order exists, and a link opens one order for two hours."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from gateways.database.engine import Database
from gateways.database.messages.outbox import latest_mails
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.portal.shared.signer import Signer
from starter.shared.services import services_of
from tests.api.conftest import calling, settings_of
from tests.gateways.orders.order_service import OrderService
from tests.gateways.orders.order_service import order as order_of
from tests.portal.browsing import Tab
from tests.portal.visits import Caller, keep_order, mail_to, sign_in_path, visitor
from tests.workflows.returns.play import Play

_VARIES = re.compile(r'name="csrf" value="[^"]*"')


async def test_the_answer_is_the_same_whether_there_is_such_an_order_or_not(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage, email="same@example.com")
    answers = []
    for given in (
        (order.order_id, "same@example.com"),
        (order.order_id, "else@example.com"),
        ("SO-0", "x@example.com"),
    ):
        async with Caller(ready.api) as caller:
            answer = await caller.post("/", order=given[0], email=given[1])
            headers = {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id")}
            page = _VARIES.sub("", await caller.text(answer.headers["location"]))
            answers.append((answer.status_code, headers, answer.text, page))
    assert answers[0] == answers[1] == answers[2]
    assert await mail_to(stage, "same@example.com")
    assert await latest_mails(stage.db, "else@example.com", 5) == []


async def test_a_number_typed_in_small_letters_and_with_a_hash_is_found(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage, email="small@example.com", order_id="SO-SMALL-1")
    async with Caller(ready.api) as caller:
        await caller.post("/", order=f" #{order.order_id.lower()}", email="SMALL@example.com ")
    assert "SO-SMALL-1" in (await mail_to(stage, "small@example.com"))["subject"]


async def test_links_lead_to_the_shops_own_address_whatever_host_was_asked(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage, email="host@example.com")
    fooled = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    async with Caller(ready.api) as caller:
        csrf = await caller.csrf()
        fields = {"csrf": csrf, "order": order.order_id, "email": "host@example.com"}
        answer = await caller.http.post("/", data=fields, headers=fooled)
        assert answer.headers["location"] == "/link-sent"
    text = (await mail_to(stage, "host@example.com"))["text"]
    assert f"{ready.api}/sign-in?token=" in text
    assert "evil" not in text


async def test_asking_too_often_from_one_network_is_refused_for_a_while(ready: Ready) -> None:
    async with visitor(ready) as caller:
        form = {"csrf": await caller.csrf(), "order": "SO-0", "email": "often@example.com"}
        answers = [await caller.http.post("/", data=form) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [303] * 60 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("order", "email"), [("", "a@example.com"), ("SO-1", ""), ("SO-1", "nobody"), ("x" * 101, "@")]
)
async def test_what_cannot_be_right_is_said_at_once(ready: Ready, order: str, email: str) -> None:
    async with Caller(ready.api) as caller:
        answer = await caller.post("/", order=order, email=email)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


async def test_looking_at_the_link_signs_nobody_in(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage)
    async with Caller(ready.api) as caller:
        assert (await caller.http.get(await sign_in_path(stage, order.order_id))).status_code == 200
        assert (await caller.http.get(f"/orders/{order.order_id}")).status_code == 401


async def test_old_changed_and_foreign_links_open_nothing(
    ready: Ready, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await keep_order(stage)
    good = (await sign_in_path(stage, order.order_id)).partition("=")[2]
    foreign = await Signer(stage.db).sign("start", order.order_id)
    body, _, rest = good.partition(".")
    async with Caller(ready.api) as caller:
        for token in ("", "x", f"{body}x.{rest}", good[:-2] + ("AA" if good[-2:] != "AA" else "BB"), foreign):
            assert (await caller.post("/sign-in", token=token)).status_code == 403
            assert (await caller.http.get("/sign-in", params={"token": token})).status_code == 403
        csrf = await caller.csrf()
        late = time.time() + timedelta(hours=2, seconds=2).total_seconds()
        monkeypatch.setattr("itsdangerous.timed.time.time", lambda: late)
        answer = await caller.http.post("/sign-in", data={"csrf": csrf, "token": good})
        monkeypatch.undo()
        assert answer.status_code == 403
        assert "This link does not work any more" in answer.text
        assert (await caller.http.get(f"/orders/{order.order_id}")).status_code == 401


async def test_an_order_whose_number_holds_anything_can_be_opened(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage, order_id="A/1 #2?x=%2F&ü")
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        return_id = await caller.begin(order.order_id)
        assert (await caller.http.get(f"/returns/{return_id}")).status_code == 200


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(ready: Ready) -> None:
    async with httpx.AsyncClient(base_url=ready.api) as client:
        cookie = (await client.get("/")).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=28800" in cookie


async def test_pages_for_links_that_do_not_work_and_for_strangers(tab: Tab) -> None:
    assert await tab.go("/sign-in?token=x") == 403
    await tab.look("old-link")
    assert await tab.go("/returns/R-unknown") == 401
    await tab.look("find-first")
    await tab.go("/")
    await tab.press(tab.page.locator("main form button"))
    await tab.look("find-problems")


@pytest.mark.parametrize(("kept", "typed"), [("#SO-HASH-1", "so-hash-1"), ("so-low-1", "#SO-LOW-1")])
async def test_a_number_is_found_however_it_is_typed(ready: Ready, stage: Stage, kept: str, typed: str) -> None:
    await keep_order(stage, email=f"{kept.strip('#')}@example.com", order_id=kept)
    async with Caller(ready.api) as caller:
        await caller.post("/", order=typed, email=f"{kept.strip('#')}@example.com")
    assert kept in (await mail_to(stage, f"{kept.strip('#')}@example.com"))["subject"]


async def test_a_return_that_spells_the_order_otherwise_is_theirs_and_leads_back_to_it(
    ready: Ready, stage: Stage, play: Callable[..., Play]
) -> None:
    order = await keep_order(stage, order_id="WEB-77")
    story = play(order_id="#web-77")
    await story.start()
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        page = await caller.text(f"/returns/{story.return_id}")
        assert 'href="/orders/WEB-77"' in page
        assert f"/returns/{story.return_id}" in await caller.text("/orders/WEB-77")
        assert f"/returns/{story.return_id}" in await caller.text("/orders/web-77")
        assert (await caller.http.get("/orders/WEB-78")).status_code == 404
    async with Caller(ready.api) as stranger:
        other = await keep_order(stage)
        await stranger.sign_in(stage, other.order_id)
        assert (await stranger.http.get(f"/returns/{story.return_id}")).status_code == 404


async def test_an_order_that_the_service_spells_otherwise_is_not_locked(stage: Stage, ready: Ready) -> None:
    service = OrderService()
    service.orders |= {"web-99": order_of("WEB-99"), "WEB-99": order_of("WEB-99")}
    database = Database(ready.database)
    with service.running():
        settings = settings_of(orders_url=f"{service.url}/shop", orders_key="key-1")
        services = services_of(settings, stage.clock.client, database)
        async with Caller(ready.api) as caller, calling(services) as http:
            await caller.http.aclose()
            caller.http = http
            await caller.sign_in(stage, "WEB-99")
            return_id = await caller.begin("WEB-99")
            assert (await http.get(f"/returns/{return_id}")).status_code == 200
            assert (await http.get("/orders/web-99")).status_code == 200
        await services.orders.close()
    await database.dispose()
    assert (await stage.homeward.view(return_id)).order_id == "WEB-99"
