"""The desk while Temporal is away: it shows what the records hold, and says that nothing can be done now."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from gateways.database.engine import Database
from gateways.database.returns import listing
from lifecycle.contract.statuses import Status
from starter.portal.app import portal
from starter.shared.services import services_of
from tests.portal.desk import Desk, desk_at
from tests.portal.people import signed_in
from tests.workflows.returns.play import make_request
from workers.converter import CONVERTER
from workers.settings import Settings

_SAID = "Returns do not answer at the moment"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    settings = Settings(data_dir=tmp_path, database_url=None, policy=None, smtp_url=None)
    db = Database(settings.database)
    await db.upgrade()
    request = make_request(name="Nora Away", order_id="SO-144")
    await db.write(lambda at: listing.keep(at, "R-1", request, Status.REQUESTED, datetime.now(UTC)))
    client = await Client.connect("127.0.0.1:1", data_converter=CONVERTER, lazy=True)
    app = portal(services_of(settings, client, db), "http://shop.test")
    made = desk_at("http://shop.test", httpx.ASGITransport(app, client=("192.0.2.7", 1)))
    await signed_in(made, db, ["manager"])
    yield made
    await made.client.aclose()
    await db.dispose()


async def test_what_the_records_hold_is_shown(desk: Desk) -> None:
    for path, says in (("/desk", True), ("/desk/returns", True), ("/desk/questions", False), ("/desk/policy", False)):
        await desk.open(path)
        assert (desk.answer.status_code, _SAID in desk.answer.text) == (200, says)
    await desk.open("/desk/returns?sort=value")
    assert "R-1" in desk.answer.text
    await desk.open("/desk/returns?status=in_review")
    assert "No return is like that." in desk.answer.text


@pytest.mark.parametrize("typed", ["so 144", "SO  14", "so-144", "away nora"])
async def test_an_order_is_found_though_its_parts_are_typed_apart(desk: Desk, typed: str) -> None:
    await desk.open(f"/desk/returns?sort=value&q={typed}")
    assert "R-1" in desk.answer.text or desk.path.endswith("/R-1")


async def test_staff_come_back_to_the_list_that_they_wanted(desk: Desk) -> None:
    await desk.open("/staff")
    await desk.send("/staff/sign-out")
    await desk.open("/desk/returns?q=nora&sort=value")
    assert desk.answer.url.params["next"] == "/desk/returns?q=nora&sort=value"


async def test_an_error_leads_staff_to_where_they_begin(desk: Desk) -> None:
    await desk.open("/desk/nothing")
    assert desk.answer.status_code == 404
    assert 'href="/staff/sign-in"' in desk.answer.text
    assert (await desk.open("/staff/sign-in")).path == "/desk"
