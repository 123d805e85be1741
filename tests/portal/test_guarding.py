"""Nobody sees or changes what is not theirs, and nothing that is sent in leads to a traceback."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import update
from temporalio.client import Client
from temporalio.testing import TimeSkipper

from gateways.database.engine import Database
from gateways.database.returns.records import returns_of
from gateways.database.tables.orders import orders
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.portal.app import ROUTERS, portal
from starter.portal.shared.forms import checked_form
from starter.portal.shared.guard import HEADERS
from starter.portal.shared.signer import Signer
from starter.shared.services import Services, services_of
from starter.web.app import application
from tests.portal.visits import Caller, hidden, keep_order
from workers.converter import CONVERTER
from workers.settings import Settings

PAGES = ("", "/label", "/change", "/cancel")
ACTIONS = ("change", "pickup", "cancel", "estimate")


async def test_other_peoples_orders_and_returns_look_like_unknown_ones(ready: Ready, stage: Stage) -> None:
    theirs, mine = await keep_order(stage), await keep_order(stage)
    async with Caller(ready.api) as owner, Caller(ready.api) as other:
        await owner.sign_in(stage, theirs.order_id)
        return_id = await owner.begin(theirs.order_id)
        await other.sign_in(stage, mine.order_id)
        for known, unknown in ((theirs.order_id, "SO-0"), (f"{theirs.order_id}/return", "SO-0/return")):
            seen = [await other.http.get(f"/orders/{name}") for name in (known, unknown)]
            assert [answer.status_code for answer in seen] == [404, 404]
            assert seen[0].text == seen[1].text
        for page in PAGES:
            assert (await owner.http.get(f"/returns/{return_id}{page}")).status_code == 200
            seen = [await other.http.get(f"/returns/{name}{page}") for name in (return_id, "R-0")]
            assert [answer.status_code for answer in seen] == [404, 404]
            assert seen[0].text == seen[1].text
        for action in ACTIONS:
            answer = await other.post(f"/returns/{return_id}/{action}", request_id="a1", answer="yes", method="pickup")
            assert answer.status_code == 404
        view = await stage.homeward.view(return_id)
    assert (view.status, view.handover.method) == ("label_sent", "mail")


async def test_strangers_are_asked_to_sign_in(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage)
    async with Caller(ready.api) as caller:
        for path in (f"/orders/{order.order_id}", "/orders/SO-0", "/returns/R-0", "/returns/R-0/label"):
            assert (await caller.http.get(path)).status_code == 401


async def test_a_cookie_that_was_tampered_with_or_made_up_opens_nothing(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage)
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        good = caller.http.cookies["homeward"]
    head, _, tail = good.partition(".")
    for bad in (f"{head}A.{tail}", good[:-1], "eyJvcmRlcnMiOiBbIlNPLTEiXX0=.x.y", f"{head}..", "null"):
        async with httpx.AsyncClient(base_url=ready.api, headers={"Cookie": f"homeward={bad}"}) as client:
            assert (await client.get(f"/orders/{order.order_id}")).status_code == 401
    async with httpx.AsyncClient(base_url=ready.api, headers={"Cookie": f"homeward={good}"}) as client:
        assert (await client.get(f"/orders/{order.order_id}")).status_code == 200


async def test_a_form_without_the_visitors_own_token_does_nothing(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage)
    async with Caller(ready.api) as owner, Caller(ready.api) as other:
        await owner.sign_in(stage, order.order_id)
        return_id = await owner.begin(order.order_id)
        path = f"/returns/{return_id}/cancel"
        for fields in ({}, {"csrf": ""}, {"csrf": "x"}, {"csrf": await other.csrf()}):
            assert (await owner.http.post(path, data={"request_id": "a1", **fields})).status_code == 403
        as_json = await owner.http.post(path, json={"csrf": await owner.csrf(), "request_id": "a1"})
        assert as_json.status_code == 403
    assert (await stage.homeward.view(return_id)).status == "label_sent"


async def test_a_form_that_no_page_of_ours_sends_is_not_even_read(ready: Ready) -> None:
    async with Caller(ready.api) as caller:
        slow = {"Content-Type": "multipart/form-data; boundary=b; charset=punycode"}
        part = 'Content-Disposition: form-data; name="csrf"\r\n\r\n' + "a" * 100_000 + "-" + "a" * 100_000
        answer = await caller.http.post("/", content=f"--b\r\n{part}\r\n--b--\r\n".encode(), headers=slow)
        assert answer.status_code == 403


@pytest.mark.parametrize("told", [{"Host": "returns.example.com"}, {"X-Forwarded-For": "203.0.113.9"}])
async def test_without_keys_the_warehouse_is_for_this_machine_alone(ready: Ready, told: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=ready.api) as client:
        for path in ("/warehouse", "/warehouse/sign-in", "/warehouse/bench"):
            assert (await client.get(path, headers=told)).status_code == 403
        assert (await client.post("/warehouse/sign-in", headers=told, data={"name": "x"})).status_code == 403
        assert (await client.get("/", headers=told)).status_code == 200


async def test_an_estimate_is_answered_for_a_unit_of_the_own_return_only(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage)
    async with Caller(ready.api) as owner:
        await owner.sign_in(stage, order.order_id)
        return_id = await owner.begin(order.order_id)
        for unit in ("2-1-1", "9-9", ""):
            fields = {"unit": unit, "answer": "yes", "request_id": "a1"}
            assert (await owner.post(f"/returns/{return_id}/estimate", **fields)).status_code == 404


@pytest.mark.parametrize("quantity", ["0000001", "1" * 5000, "0", "-1", "\u0661"])
async def test_a_quantity_that_is_none_is_reported(ready: Ready, stage: Stage, quantity: str) -> None:
    order = await keep_order(stage)
    async with Caller(ready.api) as owner:
        await owner.sign_in(stage, order.order_id)
        query = {"item": "0", "quantity-0": quantity, "reason-0": "unwanted"}
        answer = await owner.http.get(f"/orders/{order.order_id}/return", params=query)
        assert answer.status_code == 422


def test_every_form_of_the_portal_is_checked() -> None:
    routes = [route for room in ROUTERS for route in room.router.routes if isinstance(route, APIRoute)]
    forms = [route for route in routes if route.methods != {"GET"}]
    assert forms
    for route in forms:
        assert checked_form in list(_calls(route.dependant)), f"{route.path} takes a form without its token"


def _calls(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)


async def test_the_same_form_sent_twice_at_once_begins_one_return(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage)
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        fields = await caller.offer(order.order_id)
        path = f"/orders/{order.order_id}/return"
        answers = await asyncio.gather(*(caller.http.post(path, data=fields) for _ in range(4)))
        assert {answer.status_code for answer in answers} == {303}
        assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(await returns_of(stage.db, order.order_id)) == 1


async def test_a_form_of_another_order_or_made_up_begins_nothing(ready: Ready, stage: Stage) -> None:
    order, second = await keep_order(stage), await keep_order(stage)
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        await caller.sign_in(stage, second.order_id)
        fields = await caller.offer(order.order_id)
        made_up = await Signer(stage.db).sign("sign-in", {"return_id": "R-mine", "order": second.order_id})
        for sealed in (fields["sealed"], made_up, "x", ""):
            path = f"/orders/{second.order_id}/return"
            assert (await caller.http.post(path, data=fields | {"sealed": sealed})).status_code == 403
    assert await returns_of(stage.db, second.order_id) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"resolution": "gold"},
        {"method": "pigeon"},
        {"resolution": "exchange"},
        {"reason-0": "spite"},
        {"quantity-0": "99"},
        {"quantity-0": "-1"},
        {"quantity-0": "1" * 5000},
        {"quantity-0": "\u0661"},
        {"item": "7"},
    ],
)
async def test_what_the_shop_does_not_offer_begins_nothing(ready: Ready, stage: Stage, wrong: dict[str, str]) -> None:
    order = await keep_order(stage)
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        fields = await caller.offer(order.order_id)
        answer = await caller.http.post(f"/orders/{order.order_id}/return", data=fields | wrong)
    assert answer.status_code == 422
    assert await returns_of(stage.db, order.order_id) == []


@pytest.mark.parametrize(
    "note", ["<script>alert(1)</script>", "a\x00b", "\U0001f45f" * 600, "{{ 7 * 7 }}", "\r\n" * 200]
)
async def test_a_note_can_hold_anything(ready: Ready, stage: Stage, note: str) -> None:
    order = await keep_order(stage)
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        return_id = await caller.begin(order.order_id, **{"note-0": note})
        assert "<script>alert" not in await caller.text(f"/returns/{return_id}")


async def test_signing_out_forgets_the_visitor(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage)
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        assert (await caller.post("/sign-out")).status_code == 303
        assert (await caller.http.get(f"/orders/{order.order_id}")).status_code == 401


@pytest.mark.parametrize("path", ["/", "/nothing", "/sign-in?token=x", "/returns/R-0", "/static/x/portal.css"])
async def test_every_answer_has_strict_headers(ready: Ready, path: str) -> None:
    async with httpx.AsyncClient(base_url=ready.api) as client:
        answer = await client.get(path)
    assert HEADERS.items() <= {name.title(): value for name, value in answer.headers.items()}.items()
    assert "strict-transport-security" not in answer.headers
    assert path.startswith("/static/") or answer.headers["cache-control"] == "no-store"


async def test_too_much_is_refused_with_a_page(ready: Ready) -> None:
    async with Caller(ready.api) as caller:
        answer = await caller.post("/", order="x" * 300_000, email="a@example.com")
        assert (answer.status_code, "That is too much at once" in answer.text) == (413, True)
        answer = await caller.http.request("DELETE", "/")
        assert (answer.status_code, "That does not work here" in answer.text) == (405, True)
        many = {f"f{number}": "x" for number in range(3000)}
        assert (await caller.post("/", **many)).status_code == 400


@pytest.fixture
async def services(tmp_path: Path) -> Services:
    """A portal's own doors, with a database, to a Temporal that nobody can reach."""
    settings = Settings(data_dir=tmp_path, database_url=None, policy=None, smtp_url=None)
    db = Database(settings.database)
    await db.upgrade()
    client = await Client.connect("127.0.0.1:1", data_converter=CONVERTER, lazy=True)
    return services_of(settings, client, db)


def _served(services: Services, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(portal(services, address), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=address)


async def test_behind_https_the_cookie_and_the_browser_are_bound_to_it(services: Services) -> None:
    whole = httpx.ASGITransport(application(services, "https://shop.example"))
    async with httpx.AsyncClient(transport=whole, base_url="https://shop.example") as client:
        answer = await client.get("/")
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-homeward=")
    assert "; secure" in cookie


async def test_without_the_engine_nothing_begins_and_the_page_says_that_nothing_is_lost(services: Services) -> None:
    stage = Stage(services.homeward, TimeSkipper(services.client), services.db)
    order = await keep_order(stage)
    async with _served(services, "http://shop.example") as client:
        caller = Caller("")
        caller.http = client
        await caller.sign_in(stage, order.order_id)
        fields = await caller.offer(order.order_id)
        answer = await client.post(f"/orders/{order.order_id}/return", data=fields)
        assert (answer.status_code, "Nothing is lost" in answer.text) == (503, True)
        assert answer.headers["retry-after"]
    assert await returns_of(services.db, order.order_id) == []


async def test_without_the_database_there_is_still_a_page_with_its_style(services: Services, tmp_path: Path) -> None:
    await services.db.dispose()
    (tmp_path / "homeward.db").unlink()
    (tmp_path / "homeward.db").mkdir()
    async with _served(services, "http://shop.example") as client:
        answer = await client.get("/")
        assert (answer.status_code, "Nothing is lost" in answer.text) == (503, True)
        style = answer.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert (await client.get(style)).status_code == 200


async def test_an_order_that_cannot_be_read_leads_to_whom_to_write_and_is_named_in_the_log(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = Stage(services.homeward, TimeSkipper(services.client), services.db)
    order = await keep_order(stage)
    async with _served(services, "http://shop.example") as client:
        caller = Caller("")
        caller.http = client
        await caller.sign_in(stage, order.order_id)
        spoilt = order.model_dump(mode="json") | {"currency": "secret"}
        await services.db.write(lambda connection: connection.execute(update(orders).values(order=spoilt)))
        answer = await client.get(f"/orders/{order.order_id}")
    assert (answer.status_code, 'href="/help/contact"' in answer.text) == (502, True)
    assert "trying again does not help" in answer.text
    [said] = [line for line in "".join(capsys.readouterr()).splitlines() if "page_without_its_order" in line]
    assert order.order_id in said
    assert "orders_misshaped" in said
    assert "currency" in said
    assert "secret" not in said


async def test_what_is_unforeseen_is_a_page_and_a_log_line_without_its_message(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    personal = f"customer@{services.settings.data_dir.name}.example"  # frames show what stands in the code

    async def broken(*_: object) -> None:
        raise RuntimeError(personal)

    monkeypatch.setattr("starter.portal.shared.signer.Signer.verified", broken)
    async with _served(services, "http://shop.example") as client:
        answer = await client.get("/sign-in?token=x")
    assert (answer.status_code, "Something broke on our side" in answer.text) == (500, True)
    assert HEADERS.items() <= {name.title(): value for name, value in answer.headers.items()}.items()
    said = "".join(capsys.readouterr())
    assert personal not in answer.text + said
    assert "page_failed" in said


def test_hidden_fields_are_found() -> None:
    assert hidden('<input name="csrf" value="x">', "csrf") == "x"
