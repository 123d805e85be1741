"""Suppliers, cases and the promise over HTTP."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from temporalio.client import Client

from gateways.database.engine import Database
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.services import services_of
from tests.api.conftest import calling, settings_of
from tests.gateways.database.test_promises import CLOSED, _close, _open, _story
from tests.workflows.suppliers.play import SupplierPlay
from workers.converter import CONVERTER


@pytest.fixture
async def own(stage: Stage, tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Database]]:
    """An API with a database of its own."""
    database = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    await database.upgrade()
    async with calling(services_of(settings_of(), stage.clock.client, database)) as client:
        yield client, database
    await database.dispose()


async def test_the_promise_of_a_time_names_who_was_late(own: tuple[httpx.AsyncClient, Database]) -> None:
    api, database = own
    view, _ = _story()
    await _open(database, "R-1", "R-2")
    await _close(database, "R-1", view)
    deadlines = view.deadlines.model_copy(update={"target": view.timeline[0].at, "limit": view.timeline[0].at})
    await _close(database, "R-2", view.model_copy(update={"deadlines": deadlines}))
    asked = {"closed_from": CLOSED.isoformat(), "closed_before": (CLOSED + timedelta(days=1)).isoformat()}
    found = (await api.get("/v1/promise", params=asked)).json()
    assert (found["settled"], found["within_target"], found["later"]) == (2, 1, 1)
    assert (found["share_within_target"], found["share_within_limit"], found["more"]) == (0.5, 0.5, False)
    [late] = found["late"]
    assert (late["return_id"], late["past_limit"]) == ("R-2", True)
    before = (await api.get("/v1/promise", params={"closed_before": asked["closed_from"]})).json()
    assert (before["settled"], before["share_within_target"], before["late"]) == (0, None, [])
    wrong = await api.get(
        "/v1/promise", params={"closed_from": asked["closed_before"], "closed_before": CLOSED.isoformat()}
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "closed_from")


async def test_what_suppliers_say_is_recorded_once(api: httpx.AsyncClient, stage: Stage, ready: Ready) -> None:
    acme = SupplierPlay(stage, await Client.connect(ready.temporal, data_converter=CONVERTER))
    await acme.send(0)
    await acme.send(1)
    path = f"/v1/suppliers/{quote(acme.supplier_id)}"
    refuse = {"by": "alex", "unit_ids": [acme.unit(1)], "reason": "worn out"}
    for action, body in (
        ("authorise", {"authorisation_id": "RMA-1", "by": "alex", "unit_ids": [acme.unit(0)]}),
        ("shipments", {"shipment_id": "SH-1", "by": "alex"}),
        ("credits", {"credit_id": "CN-1", "by": "alex", "amount": 500, "currency": "USD", "unit_ids": [acme.unit(0)]}),
        ("refuse", refuse),
    ):
        for _ in range(2):
            answer = await api.post(f"{path}/{action}", json=body, headers={"Idempotency-Key": f"{path}/{action}"})
            assert answer.status_code == 200, answer.text
    assert (answer.json()["units"]["credited"], answer.json()["units"]["refused"]) == (1, 1)
    shown = (await api.get(path)).json()
    assert [(one["credit_id"], one["amount"]) for one in shown["credits"]] == [("CN-1", 500)]
    assert acme.supplier_id in {one["supplier_id"] for one in (await api.get("/v1/suppliers")).json()["suppliers"]}
    gone = await api.post(f"{path}/refuse", json=refuse | {"unit_ids": ["R-none/1-1"]})
    assert gone.status_code == 409
    assert (await api.get("/v1/suppliers/nobody")).status_code == 404


async def test_cases_are_listed_page_by_page(api: httpx.AsyncClient) -> None:
    ids = []
    for _ in range(2):
        asked = {"email": "customer@example.com", "subject": "Where", "text": "Where is my refund?", "channel": "web"}
        ids.append((await api.post("/v1/support-cases", json=asked)).json()["case_id"])
    found: list[str] = []
    asked_for: dict[str, str] = {"limit": "1"}
    for _ in range(300):
        page = (await api.get("/v1/support-cases", params=asked_for)).json()
        found += [one["case_id"] for one in page["cases"]]
        if page["next_cursor"] is None:
            break
        asked_for["cursor"] = page["next_cursor"]
    assert [one for one in found if one in ids] == ids
    assert len(found) == len(set(found))
    closed = await api.get("/v1/support-cases", params={"status": "closed", "limit": 500})
    assert not {one["case_id"] for one in closed.json()["cases"]} & set(ids)
