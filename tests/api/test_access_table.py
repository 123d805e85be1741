"""Every route of API and pages, by every scope, role and session: what the access table says is what happens."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, get_args

import httpx
import pytest
from fastapi.routing import APIRoute

from gateways.database.engine import Database
from starter.api import app as api_app
from starter.api import docs
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.portal import app as portal_app
from starter.shared.access_table import ROLES, TABLE, UPDATES, Other, rows_of
from starter.shared.services import services_of
from starter.web.app import application
from tests.api.conftest import settings_of
from tests.portal.desk import Desk
from tests.portal.people import CHEAP, signed_in
from workers.setting_values import Scope, StaffRole

Row = tuple[str, str]
KEYS = {scope: f"the-only-key-for-{scope}" for scope in get_args(Scope)}
#: Drawn by FastAPI itself.
UNROUTED = {("GET", "/openapi.json")}
ROWS = sorted(TABLE, key=lambda row: (row[1], row[0]))


def _routes() -> Iterator[Row]:
    for rooms in ((*api_app.ROUTERS, docs), portal_app.ROUTERS):
        for room in rooms:
            for route in room.router.routes:
                assert isinstance(route, APIRoute)
                yield from ((method, route.path) for method in route.methods or () if method != "HEAD")


def _address(path: str) -> str:
    for name in (
        "return_id",
        "unit_id:path",
        "unit_id",
        "case_id",
        "supplier_id:path",
        "subscription_id",
        "order_id:path",
        "faq_id",
        "version",
        "name",
    ):
        path = path.replace(f"{{{name}}}", "none")
    return path


def _pages(opens: Any) -> bool:
    return not isinstance(opens, Other)


API_ROWS = [row for row in ROWS if row[1].startswith("/v1/") and _pages(TABLE[row])]
DESK_ROWS = [row for row in ROWS if row[1].startswith("/warehouse") and _pages(TABLE[row])]
OFFICE_ROWS = [row for row in ROWS if row[1].startswith("/desk")]
#: What staff open as themselves.
STAFF_ROWS = [*DESK_ROWS, *OFFICE_ROWS, *(row for row in ROWS if TABLE[row] is Other.STAFF)]
#: What programs ask for, and not people in a browser.
CALLS = rows_of(("api", "webhooks"))
OTHER_ROWS = [row for row in ROWS if isinstance(TABLE[row], Other)]


@pytest.fixture
async def keyed(ready: Ready, stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """API and pages with one key for each scope; nobody is signed in."""
    keys = [{"key": key, "scopes": [scope], "name": scope} for scope, key in KEYS.items()]
    database = Database(ready.database)
    services = replace(services_of(settings_of(api_keys=keys), stage.clock.client, database), passwords=CHEAP)
    transport = httpx.ASGITransport(application(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client
    await database.dispose()


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert set(_routes()) | UNROUTED == set(TABLE)


def test_every_call_and_page_of_the_warehouse_is_walked() -> None:
    assert len(API_ROWS) + len(DESK_ROWS) + len(OFFICE_ROWS) + len(OTHER_ROWS) == len(TABLE)


@pytest.mark.parametrize("row", API_ROWS, ids=" ".join)
async def test_a_call_is_open_to_the_keys_of_its_row_alone(keyed: httpx.AsyncClient, row: Row) -> None:
    method, path = row[0], _address(row[1])
    assert (await keyed.request(method, path)).status_code == 401
    for scope, key in KEYS.items():
        answer = await keyed.request(method, path, headers={"Authorization": f"Bearer {key}"})
        assert (answer.status_code != 403) is (scope in TABLE[row]), scope  # type: ignore[operator]  # scopes here


@pytest.mark.parametrize("scope", KEYS)
async def test_a_page_is_open_to_the_keys_of_its_row_alone(keyed: httpx.AsyncClient, scope: str) -> None:
    desk = Desk(keyed)
    await desk.sign_in(key=KEYS[scope])
    signed_in = desk.answer.status_code == 303
    assert signed_in is (scope in ("warehouse", "bench"))
    for row in DESK_ROWS:
        answer = await keyed.request(row[0], _address(row[1]))
        if not signed_in:
            assert (answer.status_code, answer.headers.get("Location")) == (303, "/warehouse/sign-in"), row
        elif row[0] == "GET":
            assert (answer.status_code != 403) is (scope in TABLE[row]), row  # type: ignore[operator]  # scopes here
        elif scope not in TABLE[row]:  # type: ignore[operator]  # scopes here
            assert answer.status_code == 403, row


@pytest.mark.parametrize("row", OTHER_ROWS, ids=" ".join)
async def test_what_asks_for_no_key_is_open_to_whom_its_row_says(keyed: httpx.AsyncClient, row: Row) -> None:
    for key in (None, *KEYS.values()):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        status = (await keyed.request(row[0], _address(row[1]), headers=headers)).status_code
        if key and row not in CALLS:
            assert status == 404  # whoever brings a key makes a call, which no page answers
            continue
        match TABLE[row]:
            case Other.ORDER:
                assert status == 401
            case Other.CASE:
                assert status == 404  # whether there is such a case is nobody's business
            case Other.LINK:
                assert status == 403
            case Other.STAFF:
                assert status == 303
            case Other.SIGNATURE:
                assert status in (401, 404)
            case _:
                # A form without its page's token is refused with 403; that is no key's doing.
                assert status != 401
                assert status != 403 or row[0] == "POST"


@pytest.mark.parametrize("role", ROLES)
async def test_a_page_of_the_staff_is_open_to_the_roles_of_its_row_alone(
    keyed: httpx.AsyncClient, stage: Stage, role: str
) -> None:
    await signed_in(Desk(keyed), stage.db, [role])
    for row in STAFF_ROWS:
        answer = await keyed.request(row[0], _address(row[1]))
        opens = TABLE[row]
        theirs = opens is Other.STAFF or bool(ROLES[role] & opens)  # type: ignore[index,operator]  # scopes here
        # A form of theirs without its page's token is refused too, in other words.
        assert ("not part of your work" in answer.text) is not theirs, row
        assert answer.status_code != 303, row
        assert theirs or answer.status_code == 403, row


@pytest.mark.parametrize("role", ROLES)
async def test_no_call_and_no_customers_page_is_open_to_a_role(
    keyed: httpx.AsyncClient, stage: Stage, role: str
) -> None:
    await signed_in(Desk(keyed), stage.db, [role])
    for method, path in API_ROWS:
        assert (await keyed.request(method, _address(path))).status_code == 401, path
    for method, path in OTHER_ROWS:
        expected = {Other.ORDER: 401, Other.CASE: 404, Other.LINK: 403}.get(TABLE[method, path])  # type: ignore[arg-type]
        if expected:
            assert (await keyed.request(method, _address(path))).status_code == expected, path


async def test_nobody_opens_a_page_of_the_staff(keyed: httpx.AsyncClient) -> None:
    for row in STAFF_ROWS:
        answer = await keyed.request(row[0], _address(row[1]))
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) in (
            (303, "/staff/sign-in"),
            (303, "/warehouse/sign-in"),
        ), row


def test_a_role_has_no_scope_that_makes_orders_up_and_managers_have_all_others() -> None:
    assert set(ROLES) == set(get_args(StaffRole))
    assert ROLES["manager"] == set(get_args(Scope)) - {"vouch"}
    assert all(scopes <= ROLES["manager"] for scopes in ROLES.values())
    assert ROLES["auditor"] == {"read"}


def test_who_audits_sends_no_update_and_every_update_is_some_roles() -> None:
    for update, opens in UPDATES.items():
        assert not ROLES["auditor"] & opens, update
        assert ROLES["manager"] & opens, update
