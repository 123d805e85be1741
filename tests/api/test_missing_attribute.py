"""A search attribute that nobody registered is the operator's omission: 503 that names it, never the caller's 422."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.client import Client

from client.errors import InvalidInput, NotSetUp, client_errors
from client.list_rows import ListFilter
from client.returns import Homeward
from gateways.database.engine import Database
from starter.local.temporal_server import NAMESPACE, TemporalServer
from starter.shared.services import services_of
from tests.api.conftest import calling, settings_of
from tests.workflows.returns.play import make_body, make_request
from workers.converter import CONVERTER

MISSING = "Escalated"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A server that lacks one of them, and has no worker."""
    server = TemporalServer(tmp_path)
    await server.start()
    found = await Client.connect(server.address, data_converter=CONVERTER)
    remove = RemoveSearchAttributesRequest(namespace=NAMESPACE, search_attributes=[MISSING])
    await found.operator_service.remove_search_attributes(remove)
    yield found
    await server.stop()


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    await made.upgrade()
    yield made
    await made.dispose()


def _told(answer: httpx.Response) -> tuple[int, str, bool]:
    body = answer.json()
    return answer.status_code, body["type"], f"no search attribute {MISSING}," in body["detail"]


async def test_a_missing_search_attribute_is_503_and_named(client: Client, db: Database) -> None:
    async with calling(services_of(settings_of(), client, db)) as api:
        for answer in (
            await api.post("/v1/returns", json=make_body()),
            await api.get("/v1/returns", params={"escalated": True}),
        ):
            assert _told(answer) == (503, "/docs#not-set-up", True)
            assert answer.headers["Retry-After"]
        wrong = await api.post("/v1/returns", json=make_body() | {"items": []})
        assert wrong.status_code == 422


async def test_the_api_is_not_ready_and_says_why(client: Client, db: Database) -> None:
    async with calling(services_of(settings_of(), client, db)) as api:
        answer = await api.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "temporal": False,
        "database": True,
        "failing": {
            "search_attributes": f"missing, or of another type: {MISSING}",
            "workers": "nobody has polled the task queue returns for 65 s",
        },
    }


async def test_the_typed_client_names_it_too(client: Client, db: Database) -> None:
    homeward = Homeward(client, db, timedelta(seconds=5))
    with pytest.raises(NotSetUp, match=MISSING):
        await homeward.start(make_request())
    with pytest.raises(NotSetUp, match=MISSING):
        await homeward.list(ListFilter(escalated=True))
    with pytest.raises(InvalidInput), client_errors():
        await client.list_workflows("NoSuchThing = 'x'").fetch_next_page()
