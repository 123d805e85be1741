"""An exchange of a key that names no prices brings one offered piece for each unit that comes back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from gateways.database.engine import Database
from gateways.orders.database import keep_orders
from gateways.orders.protocol import read_order
from starter.local.up import Ready
from tests.api.conftest import Serve
from tests.workflows.returns.play import make_body

_START, _CLERK = "a-key-that-only-starts", "a-key-that-only-answers"
_HAT, _CAP = {"sku": "HAT", "unit_price": 10}, {"sku": "CAP", "unit_price": 20}


@pytest.fixture
def keyed(serve: Serve) -> httpx.AsyncClient:
    """An API with a key that starts returns and one that works for the help desk."""
    keys = [{"key": _START, "scopes": ["start"]}, {"key": _CLERK, "scopes": ["support"], "name": "clerk"}]
    return serve(api_keys=keys)


@pytest.fixture
async def db(ready: Ready) -> AsyncIterator[Database]:
    """Where the orders of these tests are kept."""
    database = Database(ready.database)
    yield database
    await database.dispose()


async def _post(client: httpx.AsyncClient, body: Any, key: str = _START, path: str = "/v1/returns") -> httpx.Response:
    return await client.post(path, json=body, headers={"Authorization": f"Bearer {key}"})


def _fields(answer: httpx.Response) -> tuple[int, list[str]]:
    return answer.status_code, [wrong["field"] for wrong in answer.json().get("errors", [])]


async def _offering(db: Database, *offered: list[dict[str, Any]]) -> dict[str, Any]:
    """A request for two units of each of the order's lines, which the shop exchanges for these."""
    lines = [
        {"line_id": f"{number}", "sku": f"SKU-{number}", "quantity": 2, "unit_price": 100, "exchanges": others}
        for number, others in enumerate(offered, start=1)
    ]
    tenders = [{"tender_id": "t1", "kind": "card", "captured": 9000, "reference": "pi_1"}]
    items = [{"line_id": line["line_id"], "quantity": 2, "reason": "unwanted"} for line in lines]
    body = make_body(lines=lines, tenders=tenders, items=items, resolution="exchange")
    await keep_orders(db, [read_order(body["order"], datetime.now(UTC))])
    return body


def _wanting(body: dict[str, Any], *pieces: tuple[dict[str, Any], int]) -> dict[str, Any]:
    named = {"order": {"order_id": body["order"]["order_id"]}}
    return body | named | {"exchange_for": [offer | {"quantity": quantity} for offer, quantity in pieces]}


@pytest.mark.parametrize("quantity", [3, 400, 10**6])
async def test_an_exchange_brings_no_more_pieces_than_units_that_come_back_for_them(
    keyed: httpx.AsyncClient, db: Database, quantity: int
) -> None:
    body = await _offering(db, [_CAP], [_HAT])
    refused = (422, ["exchange_for.0.quantity"])
    assert _fields(await _post(keyed, _wanting(body, (_HAT, quantity)))) == refused
    again = (422, ["exchange_for.1.quantity"])
    assert _fields(await _post(keyed, _wanting(body, (_HAT, 2), (_HAT, quantity)))) == again
    assert (await _post(keyed, _wanting(body, (_HAT, 2), (_CAP, 2)))).status_code == 201


async def test_a_piece_takes_the_unit_that_another_piece_can_do_without(keyed: httpx.AsyncClient, db: Database) -> None:
    body = await _offering(db, [_HAT, _CAP], [_HAT])
    wrong = (422, ["exchange_for.1.quantity"])
    assert _fields(await _post(keyed, _wanting(body, (_HAT, 2), (_CAP, 3)))) == wrong
    assert (await _post(keyed, _wanting(body, (_HAT, 2), (_CAP, 2)))).status_code == 201


async def test_each_line_offers_at_its_own_price(keyed: httpx.AsyncClient, db: Database) -> None:
    dear = _HAT | {"unit_price": 70}
    for offered in ([_HAT], [dear]), ([dear], [_HAT]), ([_HAT, dear], [dear, _CAP]):
        body = await _offering(db, *offered)
        assert _fields(await _post(keyed, _wanting(body, (_HAT, 3)))) == (422, ["exchange_for.0.quantity"])
        assert (await _post(keyed, _wanting(body, (_HAT, 2), (dear, 2)))).status_code == 201


async def test_who_decides_about_no_money_changes_to_no_more_pieces_than_units(
    keyed: httpx.AsyncClient, db: Database
) -> None:
    body = await _offering(db, [_HAT])
    assert (await _post(keyed, _wanting(body, (_HAT, 2)))).status_code == 201
    path = f"/v1/returns/{body['return_id']}/change"
    one = {"by": "alex", "items": [body["items"][0] | {"quantity": 1}]}
    assert _fields(await _post(keyed, one, _CLERK, path)) == (422, ["exchange_for.0.quantity"])
    more = {"by": "alex", "exchange_for": [_HAT | {"quantity": 3}]}
    assert _fields(await _post(keyed, more, _CLERK, path)) == (422, ["exchange_for.0.quantity"])
    both = one | {"exchange_for": [_HAT | {"quantity": 1}]}
    assert (await _post(keyed, both, _CLERK, path)).status_code == 200


async def test_a_unit_that_may_not_come_back_brings_no_piece(keyed: httpx.AsyncClient, db: Database) -> None:
    body = await _offering(db, [_CAP], [_HAT])
    first = _wanting(body, (_HAT, 1)) | {"items": [body["items"][1] | {"quantity": 1}]}
    assert (await _post(keyed, first)).status_code == 201
    second = body | {"return_id": f"{body['return_id']}-2"}
    assert _fields(await _post(keyed, _wanting(second, (_HAT, 2)))) == (422, ["exchange_for.0.quantity"])
    assert (await _post(keyed, _wanting(second, (_HAT, 1), (_CAP, 2)))).status_code == 201
