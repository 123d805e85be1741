"""The key that was shown stands in timelines beside the name that its holder wrote."""

import httpx
import pytest

from starter.shared.access_table import TABLE
from tests.api.conftest import Serve
from tests.portal.desk import Desk
from tests.workflows.returns.play import make_body

_START, _TABLE, _TILL = "a-key-of-the-shop-front", "a-key-of-the-third-tablet", "a-key-of-the-till"
_BARE = "0123456789abcdef"
KEYS = [
    {"key": _START, "scopes": ["start", "vouch", "read"], "name": "shop front"},
    {"key": _TABLE, "scopes": ["warehouse"], "name": "tablet-3"},
    {"key": _TILL, "scopes": ["operate"], "name": "till"},
    {"key": _BARE, "scopes": ["support"]},
]
#: Of the last one.
_DIGEST = "9f9f5111f7b2"


def _with(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def keyed(serve: Serve) -> httpx.AsyncClient:
    """An API with these keys."""
    return serve(api_keys=KEYS)


async def _started(keyed: httpx.AsyncClient) -> str:
    answer = await keyed.post("/v1/returns", json=make_body(), headers=_with(_START))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["return_id"])


async def _said_by(keyed: httpx.AsyncClient, return_id: str) -> dict[str, str]:
    view = (await keyed.get(f"/v1/returns/{return_id}", headers=_with(_START))).json()
    return {entry["event"]: entry["by"] for entry in view["timeline"]}


async def test_who_did_it_and_with_which_key_stands_in_the_timeline(keyed: httpx.AsyncClient) -> None:
    path = f"/v1/returns/{(return_id := await _started(keyed))}"
    receipt = {"receipt_id": "RC-1", "complete": True, "units": [{"line_id": "1", "quantity": 1}]}
    for part, message in (
        ("receipts", receipt | {"by": "alex"}),
        ("inspections", {"inspection_id": "IN-1", "units": [{"unit_id": "1-1", "grade": "A"}]}),
    ):
        assert (await keyed.post(f"{path}/{part}", json=message, headers=_with(_TABLE))).status_code == 200
    said = await _said_by(keyed, return_id)
    assert said["received"] == "alex (key tablet-3)"
    assert said["inspected"] == "warehouse (key tablet-3)"


async def test_a_key_without_a_name_goes_by_its_digest(keyed: httpx.AsyncClient) -> None:
    return_id = await _started(keyed)
    answer = await keyed.post(f"/v1/returns/{return_id}/cancel", json={"by": "customer"}, headers=_with(_BARE))
    assert answer.status_code == 200, answer.text
    assert (await _said_by(keyed, return_id))["cancelled"] == f"customer (key {_DIGEST})"


async def test_a_name_as_long_as_can_be_leaves_no_room(keyed: httpx.AsyncClient) -> None:
    path = f"/v1/returns/{await _started(keyed)}/override"
    message = {"by": "x" * 195, "why": "agreed", "field": "amount", "value": 1}
    answer = await keyed.post(path, json=message, headers=_with(_TILL))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "by")


@pytest.mark.parametrize("name", ["alex (key till)", "alex (KEY till)\u200b", "alex\u00a0(key\u00a0till)"])
async def test_a_name_that_looks_like_a_keys_is_refused(keyed: httpx.AsyncClient, name: str) -> None:
    return_id = await _started(keyed)
    answer = await keyed.post(f"/v1/returns/{return_id}/cancel", json={"by": name}, headers=_with(_BARE))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "by")
    assert "cancelled" not in await _said_by(keyed, return_id)
    keyed.follow_redirects = True
    desk = Desk(keyed)
    await desk.sign_in(key=_TABLE, name=name)
    assert desk.answer.status_code == 422


async def test_the_pages_of_the_warehouse_name_the_key_too(keyed: httpx.AsyncClient) -> None:
    return_id = await _started(keyed)
    keyed.follow_redirects = True
    desk = Desk(keyed)
    await desk.sign_in(key=_TABLE, name="Sam")
    assert "Sam, main" in desk.answer.text
    await desk.open(f"/warehouse/returns/{return_id}")
    await desk.send("/returns/", **{"pieces-1": 1, "pieces": 1, "do": "record"})
    keyed.cookies.clear()
    assert (await _said_by(keyed, return_id))["received"] == "Sam (key tablet-3)"


def test_nothing_that_a_tablet_opens_decides_about_money() -> None:
    decisive = {path for (_, path), opens in TABLE.items() if isinstance(opens, frozenset) and opens == {"operate"}}
    of_returns = {f"/v1/returns/{{return_id}}/{part}" for part in ("approve", "decline", "attention", "override")}
    of_partners = {f"/v1/partners/{{partner}}/{part}" for part in ("retries", "retries/reset", "retries/now", "limit")}
    of_books = {"/v1/findings", "/v1/findings/acknowledge"}
    of_suppliers = {
        f"/v1/suppliers/{{supplier_id:path}}/{part}" for part in ("authorise", "shipments", "credits", "refuse")
    }
    of_stock = {"/v1/stock/release", "/v1/store-credit/take-back"}
    of_inbox = {"/v1/inbox/dismiss", "/v1/inbox/{event_id}/attach", "/v1/inbox/{event_id}/dismiss"}
    of_desk = {f"/desk/{part}" for part in ("inbox/{event_id}", "calls/{call_id}", "operations", "operations/findings")}
    others = {
        "/v1/partners",
        "/v1/attention",
        "/v1/returns/{return_id}/repairs/{unit_id:path}/attention",
        "/desk/operations/partners/{partner}",
    }
    assert decisive == of_returns | of_partners | of_books | of_suppliers | of_stock | of_inbox | of_desk | others
    pages = [opens for (_, path), opens in TABLE.items() if path.startswith("/warehouse")]
    assert not any(opens & {"operate", "admin"} for opens in pages if isinstance(opens, frozenset))
