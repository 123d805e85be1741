"""Who may work in the warehouse, and what happens to a form when nothing answers."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

import httpx
import pytest
from fastapi import FastAPI
from temporalio.client import Client

from client.repairs import Repairs
from client.returns import Homeward
from starter.demo.story import Stage
from starter.portal.app import portal
from starter.shared.services import Services, services_of
from tests.portal.desk import Desk, desk_at
from tests.portal.people import signed_in
from tests.workflows.returns.play import Play
from workers.converter import CONVERTER
from workers.setting_values import ApiKey
from workers.settings import Settings

_KEY, _READER, _OTHER = "a-key-for-the-warehouse", "a-key-that-only-operates", "another-key-of-a-table"
#: Each desk is elsewhere: how often keys are shown is counted for all that share the database.
_places = count(1)
_ONE = [{"line_id": "1", "quantity": 1, "reason": "unwanted"}]


def _settings(*keys: ApiKey) -> Settings:
    return Settings(api_keys=list(keys), policy=None, database_url=None)


def _key(key: str, *scopes: str) -> ApiKey:
    return ApiKey.model_validate({"key": key, "scopes": list(scopes)})


@pytest.fixture
def services(stage: Stage) -> Services:
    """A server with keys: two for the warehouse, one that decides about money and opens no table."""
    keys = [_key(_KEY, "warehouse", "bench"), _key(_READER, "operate", "admin", "read"), _key(_OTHER, "warehouse")]
    return services_of(_settings(*keys), stage.clock.client, stage.db)


@pytest.fixture
def app(services: Services) -> FastAPI:
    """Its pages."""
    return portal(services, "http://desk")


@pytest.fixture
async def desk(app: FastAPI) -> AsyncIterator[Desk]:
    """Nobody yet."""
    transport = httpx.ASGITransport(app, client=(f"192.0.2.{next(_places)}", 1))
    async with desk_at("http://127.0.0.1", transport) as desk:
        yield desk


@pytest.mark.parametrize("path", ["", "/returns/R-1", "/returns/R-1/grade", "/bench", "/bench/R-1/1-1"])
async def test_nobody_sees_a_page_without_a_key(desk: Desk, path: str) -> None:
    await desk.open(f"/warehouse{path}")
    assert desk.path == "/warehouse/sign-in"


@pytest.mark.parametrize("key", ["", "wrong", _READER, _KEY[:-1], f"{_KEY}x", "schlüssel"])
async def test_a_key_for_other_work_opens_nothing(desk: Desk, key: str) -> None:
    await desk.sign_in(key=key)
    assert (desk.answer.status_code, "This key does not open the warehouse" in desk.answer.text) == (422, True)
    await desk.open("/warehouse")
    assert desk.path == "/warehouse/sign-in"


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 201}, {"location": ""}, {"location": "a\nb"}])
async def test_a_name_and_a_place_are_needed(desk: Desk, wrong: dict[str, str]) -> None:
    await desk.sign_in(key=_KEY, **wrong)
    assert desk.answer.status_code == 422
    await desk.open("/warehouse")
    assert desk.path == "/warehouse/sign-in"


async def test_the_key_is_shown_once_and_kept_nowhere(desk: Desk) -> None:
    await desk.sign_in(key=f" {_KEY} ", location="dock 2")
    assert (desk.path, "Sam, dock 2" in desk.answer.text) == ("/warehouse", True)
    kept = "".join(desk.client.cookies.values())
    assert _KEY not in kept
    assert _KEY not in desk.answer.text
    await desk.send("/warehouse/sign-out")
    await desk.open("/warehouse")
    assert desk.path == "/warehouse/sign-in"


async def test_a_key_that_is_taken_away_loses_its_access_at_once(desk: Desk, app: FastAPI, services: Services) -> None:
    await desk.sign_in(key=_KEY)
    for keys, path in {
        (_key(_OTHER, "warehouse"), _key(_KEY, "warehouse")): "/warehouse",
        (_key(_KEY, "read"),): "/staff/sign-in",
        (_key(_OTHER, "warehouse"),): "/warehouse/sign-in",
    }.items():
        app.state.services = replace(services, settings=_settings(*keys))
        await desk.open("/warehouse")
        assert desk.path == path


async def test_who_signed_in_without_a_key_is_out_once_there_are_keys(
    desk: Desk, app: FastAPI, services: Services
) -> None:
    app.state.services = replace(services, settings=_settings())
    await desk.sign_in()
    assert desk.path == "/warehouse"
    app.state.services = services
    await desk.open("/warehouse")
    assert desk.path == "/warehouse/sign-in"


async def test_who_signs_in_as_themselves_stands_in_the_history_under_their_own_name(
    desk: Desk, stage: Stage, play: Callable[..., Play]
) -> None:
    one = play(items=_ONE)
    await one.start()
    await signed_in(desk, stage.db, ["warehouse"], name="Robin Roe")
    assert desk.path == "/warehouse"
    await desk.open("/warehouse/place")
    for place, path in (("a\nb", "/warehouse/place"), ("dock 2", "/warehouse")):
        await desk.send("/warehouse/place", location=place)
        assert desk.path == path
    assert "Robin Roe, dock 2" in desk.answer.text
    await desk.scan(one.return_id)
    await desk.send("/returns/", pieces=1, do="record")
    view = await one.view()
    assert [entry.by for entry in view.timeline if entry.event == "received"] == ["Robin Roe"]
    await desk.open("/warehouse/bench")
    assert (desk.answer.status_code, "not part of your work" in desk.answer.text) == (403, True)
    await desk.open("/warehouse")
    await desk.send("/staff/sign-out")
    await desk.open("/warehouse")
    assert desk.path == "/warehouse/sign-in"


async def test_whose_key_is_shown_can_change_the_place_too(desk: Desk) -> None:
    await desk.sign_in(key=_KEY)
    await desk.open("/warehouse/place")
    await desk.send("/warehouse/place", location="dock 3")
    assert "Sam, dock 3" in desk.answer.text


async def test_guessing_keys_is_slowed_down(desk: Desk) -> None:
    await desk.open("/warehouse/sign-in")
    form = desk.form("/warehouse/sign-in").with_(key="wrong", name="Sam")
    answers = [(await desk.post("/warehouse/sign-in", form)).status_code for _ in range(31)]
    assert set(answers[:30]) == {422}
    assert answers[30] == 429


async def test_a_form_from_elsewhere_changes_nothing(desk: Desk, play: Callable[..., Play]) -> None:
    one = play(items=_ONE)
    await one.start()
    await desk.sign_in(key=_KEY)
    await desk.open(f"/warehouse/returns/{one.return_id}")
    form = desk.form("/returns/")
    for token in ("", "guessed"):
        answer = await desk.post(desk.path, form.with_(pieces=1, do="record", csrf=token))
        assert answer.status_code == 403
    assert "received" not in await one.events()


async def test_what_was_entered_waits_for_temporal_to_come_back(
    desk: Desk, app: FastAPI, services: Services, play: Callable[..., Play]
) -> None:
    one = play(items=_ONE)
    await one.start()
    await desk.sign_in(key=_KEY)
    await desk.open(f"/warehouse/returns/{one.return_id}")
    nobody = await Client.connect("127.0.0.1:1", data_converter=CONVERTER, lazy=True)
    soon = timedelta(seconds=0.2)
    app.state.services = replace(services, homeward=Homeward(nobody, services.db, soon), repairs=Repairs(nobody, soon))
    await desk.send("/returns/", pieces=1, do="record")
    assert (desk.answer.status_code, desk.answer.headers["retry-after"]) == (503, "5")
    assert "Nothing is lost" in desk.answer.text
    await desk.send("/returns/")
    assert desk.answer.status_code == 503
    app.state.services = services
    await desk.send("/returns/")
    assert desk.path.endswith("/grade")
    assert [unit.reception for unit in (await one.view()).units] == ["received"]


async def test_the_scan_field_is_there_without_temporal(desk: Desk, app: FastAPI, services: Services) -> None:
    await desk.sign_in(key=_KEY)
    nobody = await Client.connect("127.0.0.1:1", data_converter=CONVERTER, lazy=True)
    app.state.services = replace(services, repairs=Repairs(nobody, timedelta(seconds=0.2)))
    await desk.open("/warehouse")
    assert (desk.answer.status_code, "The queue cannot be shown right now." in desk.answer.text) == (200, True)


async def test_a_scan_that_nobody_answered_is_not_what_the_next_one_opens(
    desk: Desk, app: FastAPI, services: Services, play: Callable[..., Play]
) -> None:
    lost, next_one = play(items=_ONE), play(items=_ONE)
    for one in (lost, next_one):
        await one.start()
    await desk.sign_in(key=_KEY)
    nobody = await Client.connect("127.0.0.1:1", data_converter=CONVERTER, lazy=True)
    soon = timedelta(seconds=0.2)
    app.state.services = replace(services, homeward=Homeward(nobody, services.db, soon), repairs=Repairs(nobody, soon))
    await desk.scan(lost.return_id)
    assert (desk.answer.status_code, desk.answer.headers["retry-after"]) == (503, "5")
    assert f"Nobody answered: {lost.return_id} was not looked up." in desk.answer.text
    assert dict(desk.form("/warehouse/scan").fields) == {"code": ""}
    app.state.services = services
    await desk.send("/warehouse/scan", code=next_one.return_id)
    assert desk.path == f"/warehouse/returns/{next_one.return_id}"


async def test_an_error_in_the_warehouse_has_the_scan_field_and_no_other_page_has(desk: Desk) -> None:
    await desk.open("/warehouse/returns/R-nobody-knows")
    assert desk.path == "/warehouse/sign-in"
    await desk.sign_in(key=_KEY)
    await desk.open("/warehouse/returns/R-nobody-knows")
    assert (desk.answer.status_code, "/warehouse/scan" in desk.answer.text) == (404, True)
    await desk.open("/nowhere")
    assert (desk.answer.status_code, "/warehouse/scan" in desk.answer.text) == (404, False)
