"""A process that serves some parts alone: each route of the access table belongs to exactly its own."""

import json
from collections.abc import AsyncIterator, Callable, Collection
from typing import get_args

import httpx
import pytest
from click.testing import CliRunner

from gateways.database.engine import Database
from starter.cli.main import main
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.access_table import EVERY_PART, PARTS, TABLE, Part
from starter.shared.services import services_of
from starter.web.app import application
from tests.api.conftest import settings_of
from tests.api.process import api_process

KEY = {"key": "a-key-of-the-tests", "scopes": ["read"]}
WITH_EVERY_PART = {("GET", "/healthz"), ("GET", "/readyz")}
#: Where events say that their schemas are.
TO_THE_OUTSIDE = {("GET", "/schemas"), ("GET", "/schemas/{name}")}
WITH_EVERY_PAGE = ("GET", "/static/{version}/{name}")
#: Where each part begins; whatever begins otherwise is the portal's.
BEGINNINGS: dict[str, Part] = {
    "/v1/webhooks/": "webhooks",
    "/v1/": "api",
    "/docs": "api",
    "/openapi.json": "api",
    "/warehouse": "warehouse",
    "/desk": "desk",
}
Served = Callable[[Collection[Part]], httpx.AsyncClient]


def _expected(row: tuple[str, str]) -> set[str]:
    if row in WITH_EVERY_PART:
        return set(EVERY_PART)
    if row in TO_THE_OUTSIDE:
        return {"api", "portal"}
    if row == WITH_EVERY_PAGE:
        return {"portal", "warehouse", "desk"}
    if row[1].startswith("/staff"):
        return {"warehouse", "desk"}
    return {next((part for beginning, part in BEGINNINGS.items() if row[1].startswith(beginning)), "portal")}


def _address(path: str) -> str:
    return path.replace("{", "").replace("}", "").replace(":path", "")


@pytest.fixture
async def served(ready: Ready, stage: Stage) -> AsyncIterator[Served]:
    """Serve some parts, on the running engine."""
    database, made = Database(ready.database), list[httpx.AsyncClient]()
    services = services_of(settings_of(api_keys=[KEY]), stage.clock.client, database)

    def make(parts: Collection[Part]) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(application(services, parts=parts), raise_app_exceptions=False)
        made.append(httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1"))
        return made[-1]

    yield make
    for client in made:
        await client.aclose()
    await database.dispose()


@pytest.mark.parametrize("part", get_args(Part))
async def test_a_route_is_served_under_exactly_its_part(served: Served, part: Part) -> None:
    whole, alone = served(EVERY_PART), served([part])
    for row in TABLE:
        method, address = row[0], _address(row[1])
        answer = await alone.request(method, address)
        if part in _expected(row):
            assert answer.status_code == (await whole.request(method, address)).status_code, row
        else:
            assert answer.status_code == 404, row
        # What is there says so to a method that it does not take.
        assert (await alone.request("PATCH", address)).status_code == (405 if part in _expected(row) else 404), row


async def test_parts_served_together_are_what_each_of_them_is(served: Served) -> None:
    both = served(["portal", "webhooks"])
    for row in TABLE:
        there = bool(_expected(row) & {"portal", "webhooks"})
        assert (await both.request("PATCH", _address(row[1]))).status_code == (405 if there else 404), row


def test_every_row_belongs_to_a_part() -> None:
    for row in TABLE:
        assert {part for part, rows in PARTS.items() if row in rows} == _expected(row)


@pytest.mark.parametrize("part", get_args(Part))
async def test_an_unknown_address_is_answered_in_the_parts_own_way(served: Served, part: Part) -> None:
    answer = await served([part]).get("/nothing")
    assert answer.status_code == 404
    kind = "text/html" if part in ("portal", "warehouse", "desk") else "application/problem+json"
    assert answer.headers["content-type"].partition(";")[0] == kind


async def test_the_description_names_the_calls_that_are_served(served: Served) -> None:
    whole = set((await served(EVERY_PART).get("/openapi.json")).json()["paths"])
    alone = set((await served(["api"]).get("/openapi.json")).json()["paths"])
    assert whole - alone == {path for _, path in PARTS["webhooks"] if path.startswith("/v1/")}
    assert alone < whole
    assert "/v1/webhooks" not in (await served(["api"]).get("/docs")).text


@pytest.mark.parametrize(("part", "home"), [("portal", "/"), ("warehouse", "/warehouse"), ("desk", "/staff")])
async def test_a_page_leads_to_no_page_of_another_part(served: Served, part: Part, home: str) -> None:
    assert f'class="brand" href="{home}"' in (await served([part]).get("/nothing")).text


def test_a_part_that_there_is_not_is_refused() -> None:
    result = CliRunner().invoke(main, ["api", "--only", "shop"])
    assert result.exit_code == 2
    assert (
        "Invalid value for '--only': 'shop' is not one of 'portal', 'api', 'warehouse', 'desk', 'webhooks'"
        in result.stderr
    )


async def test_a_process_serves_the_parts_that_it_is_given(ready: Ready) -> None:
    keys = json.dumps([KEY])
    async with (
        api_process(ready, "--only", "portal", "--only", "webhooks", HOMEWARD_API_KEYS=keys) as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        found = {path: (await client.get(path)).status_code for path in ("/", "/v1/returns", "/warehouse", "/docs")}
        assert found == {"/": 200, "/v1/returns": 404, "/warehouse": 404, "/docs": 404}
        assert (await client.get("/v1/webhooks/stripe")).status_code == 405  # there, for POST
