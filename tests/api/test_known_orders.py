"""A key that starts returns decides neither what was bought nor who is paid: the shop's orders do."""

import asyncio
from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from client.errors import InvalidInput
from client.http import HttpHomeward
from gateways.database.engine import Database
from gateways.orders.database import keep_orders
from gateways.orders.protocol import read_order
from lifecycle.contract.request import NamedOrder, NamedRequest
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.services import services_of
from tests.api.conftest import Serve, calling, settings_of
from tests.gateways.orders.order_service import OrderService, order
from tests.workflows.returns.play import make_body

_START, _VOUCH, _READ = "a-key-that-only-starts", "a-key-that-vouches-too", "a-key-that-only-reads"
_DESK, _CLERK, _TILL = "a-key-of-the-help-desk", "a-key-that-only-answers", "a-key-of-the-till"
KEYS = [
    {"key": _START, "scopes": ["start"], "name": "front"},
    {"key": _VOUCH, "scopes": ["vouch"], "name": "erp"},
    {"key": _READ, "scopes": ["read"]},
    {"key": _DESK, "scopes": ["support", "vouch"], "name": "help desk"},
    {"key": _CLERK, "scopes": ["support"], "name": "clerk"},
    {"key": _TILL, "scopes": ["operate"], "name": "till"},
]
_OTHER = {"sku": "OTHER-SIZE", "unit_price": 4500, "tax_total": 450}
_WANTED = _OTHER | {"quantity": 1}


@pytest.fixture
def keyed(serve: Serve) -> httpx.AsyncClient:
    """An API with a key that starts, one that vouches and one that reads."""
    return serve(api_keys=KEYS)


@pytest.fixture
async def db(ready: Ready) -> AsyncIterator[Database]:
    """Where the orders of these tests are kept."""
    database = Database(ready.database)
    yield database
    await database.dispose()


async def _keep(db: Database, order: dict[str, Any]) -> None:
    raw = deepcopy(order)
    raw["lines"][0]["exchanges"] = [_OTHER]
    await keep_orders(db, [read_order(raw, datetime.now(UTC))])


@pytest.fixture
async def known(db: Database) -> dict[str, Any]:
    """A request whose order the shop knows."""
    body = make_body()
    await _keep(db, body["order"])
    return body


async def _post(client: httpx.AsyncClient, body: Any, key: str = _START, path: str = "/v1/returns") -> httpx.Response:
    return await client.post(path, json=body, headers={"Authorization": f"Bearer {key}"})


def _named(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return body | {"order": {"order_id": body["order"]["order_id"]}} | changes


def _fields(answer: httpx.Response) -> tuple[int, list[str]]:
    return answer.status_code, [wrong["field"] for wrong in answer.json().get("errors", [])]


async def _view(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/v1/returns/{body['return_id']}", headers={"Authorization": f"Bearer {_READ}"})
    view: dict[str, Any] = answer.json()
    return view


async def test_an_order_is_named_by_its_id_alone(keyed: httpx.AsyncClient, known: dict[str, Any]) -> None:
    answer = await _post(keyed, _named(known))
    assert (answer.status_code, answer.json()["amount"]) == (201, 4000)
    view = await _view(keyed, known)
    assert (view["order_id"], view["timeline"][0]["detail"]) == (known["order"]["order_id"], None)


async def test_a_client_starts_a_return_by_the_orders_id_alone(keyed: httpx.AsyncClient, known: dict[str, Any]) -> None:
    order = NamedOrder(order_id=known["order"]["order_id"])
    request = NamedRequest.model_validate({"order": order, "items": known["items"]})
    async with HttpHomeward("http://127.0.0.1", _START, transport=keyed._transport) as homeward:
        started = await homeward.start(request)
        assert (started.created, started.summary.order_id, started.summary.amount) == (True, order.order_id, 4000)
        again = await homeward.start(request.model_copy(update={"return_id": started.summary.return_id}))
        assert (again.created, again.summary.return_id) == (False, started.summary.return_id)
        with pytest.raises(InvalidInput, match=r"order\.order_id"):
            await homeward.start(request.model_copy(update={"order": NamedOrder(order_id="SO-nobodys")}))


async def test_however_it_is_spelt_it_is_the_order_that_the_shop_knows(
    keyed: httpx.AsyncClient, known: dict[str, Any]
) -> None:
    order_id = known["order"]["order_id"]
    answer = await _post(keyed, known | {"order": {"order_id": f"#{order_id.lower()}"}})
    assert (answer.status_code, answer.json()["order_id"]) == (201, order_id)


@pytest.mark.parametrize("named", [True, False])
async def test_an_order_that_the_shop_does_not_know_is_refused(keyed: httpx.AsyncClient, named: bool) -> None:
    body = make_body()
    assert _fields(await _post(keyed, _named(body) if named else body)) == (422, ["order.order_id"])
    assert (await keyed.get(f"/v1/returns/{body['return_id']}", headers={"Authorization": f"Bearer {_READ}"})).is_error


async def test_another_order_than_the_one_that_is_named_is_not_taken(stage: Stage, db: Database) -> None:
    """An order service may look for what is most like it."""
    service, body = OrderService(), make_body()
    order_id = body["order"]["order_id"]
    with service.running():
        settings = settings_of(api_keys=KEYS, orders_url=f"{service.url}/shop", orders_key="key-1")
        services = services_of(settings, stage.clock.client, db)
        async with calling(services) as client:
            service.orders[order_id] = order(f"{order_id}-2")
            assert _fields(await _post(client, _named(body))) == (422, ["order.order_id"])
            service.orders[order_id] = order(order_id)
            assert (await _post(client, _named(body))).status_code == 201
        await services.orders.close()


async def test_the_whole_order_is_taken_where_it_says_what_the_shop_says(
    keyed: httpx.AsyncClient, known: dict[str, Any]
) -> None:
    del known["order"]["shipping"], known["order"]["placed_at"]
    assert (await _post(keyed, known)).status_code == 201
    assert (await _post(keyed, known)).status_code == 200


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("customer.customer_id", "MALLORY"),
        ("customer.email", "mallory@example.com"),
        ("customer.address.line1", "66 Drop St"),
        ("currency", "EUR"),
        ("lines.0.unit_price", 1),
        ("lines.0.quantity", 1),
        ("lines.0.sku", "LAMP-OAK"),
        ("tenders.0.reference", "pi_SO-9004"),
        ("tenders.0.captured", 9000),
        ("tenders.0.kind", "store_credit"),
        ("delivered_at", "2026-11-26T00:00:00Z"),
        ("prices_include_tax", True),
        ("lines", None),
        ("tenders", None),
    ],
)
async def test_what_differs_is_refused_by_field(
    keyed: httpx.AsyncClient, known: dict[str, Any], path: str, value: Any
) -> None:
    *outer, last = path.split(".")
    place: Any = known["order"]
    for part in outer:
        place = place[int(part)] if part.isdigit() else place[part]
    if value is None:  # one more than there are
        place[last] = [*place[last], place[last][0] | {f"{last[:-1]}_id": "more", "captured": 0, "unit_price": 0}]
        place[last][-1].pop("captured" if last == "lines" else "unit_price")
    else:
        place[last] = value
    assert _fields(await _post(keyed, known)) == (422, [f"order.{path}"])


async def test_a_strangers_card_and_an_invented_order_send_nothing_off(keyed: httpx.AsyncClient) -> None:
    line = {"line_id": "1", "sku": "LAMP-OAK", "quantity": 1, "unit_price": 100}
    tender = {"tender_id": "t1", "kind": "card", "captured": 100, "reference": "pi_SO-9004"}
    body = make_body(lines=[line], tenders=[tender], resolution="replacement", order_id="SO-FAKE-1")
    assert _fields(await _post(keyed, body)) == (422, ["order.order_id"])
    claimed = body | {"order": body["order"] | {"order_id": "SO-9001"}}
    assert (await _post(keyed, claimed)).status_code == 422


async def test_what_comes_back_is_judged_by_the_order(keyed: httpx.AsyncClient, known: dict[str, Any]) -> None:
    items = [{"line_id": "9", "quantity": 1, "reason": "unwanted"}]
    assert _fields(await _post(keyed, _named(known, items=items))) == (422, ["items.0.line_id"])


async def test_an_exchange_brings_what_the_order_offers_at_its_price(
    keyed: httpx.AsyncClient, known: dict[str, Any]
) -> None:
    wanted = {"sku": "OTHER-SIZE", "quantity": 1, "unit_price": 4500, "tax_total": 450}
    for changes, field in (({"unit_price": 1}, "unit_price"), ({"tax_total": 0}, "unit_price"), ({"sku": "X"}, "sku")):
        body = _named(known, resolution="exchange", exchange_for=[wanted | changes])
        assert _fields(await _post(keyed, body)) == (422, [f"exchange_for.0.{field}"])
    answer = await _post(keyed, _named(known, resolution="exchange", exchange_for=[wanted]))
    assert answer.status_code == 201


async def _changed(client: httpx.AsyncClient, body: dict[str, Any], key: str, **wanted: Any) -> httpx.Response:
    message = {"by": "alex", "resolution": "exchange", "exchange_for": [_WANTED | wanted]}
    return await _post(client, message, key, f"/v1/returns/{body['return_id']}/change")


async def test_who_decides_about_no_money_changes_an_exchange_to_what_the_order_offers(
    keyed: httpx.AsyncClient, known: dict[str, Any]
) -> None:
    assert (await _post(keyed, _named(known))).status_code == 201
    for wanted, field in (({"unit_price": 0}, "unit_price"), ({"sku": "LAMP-OAK", "unit_price": 0}, "sku")):
        assert _fields(await _changed(keyed, known, _CLERK, **wanted)) == (422, [f"exchange_for.0.{field}"])
    assert (await _changed(keyed, known, _CLERK)).status_code == 200
    assert (await _changed(keyed, known, _TILL, unit_price=100, tax_total=0)).status_code == 200


@pytest.mark.parametrize("named", ["case", "request", "return"])
async def test_a_return_made_of_a_question_exchanges_for_what_the_order_offers(
    keyed: httpx.AsyncClient, known: dict[str, Any], named: str
) -> None:
    order_id, asked = known["order"]["order_id"], {"subject": "The heel", "text": "It came off."}
    asked["email"] = known["order"]["customer"]["email"]
    if named == "return":
        first = _named(known, items=[{"line_id": "1", "quantity": 1, "reason": "unwanted"}])
        assert (await _post(keyed, first)).status_code == 201
    about = {"case": {"order_id": order_id}, "request": {}, "return": {"return_id": known["return_id"]}}[named]
    case_id = (await _post(keyed, asked | about, _DESK, "/v1/support-cases")).json()["case_id"]
    wanted = {"items": [{"line_id": "1", "quantity": 1, "reason": "other"}], "resolution": "exchange"}
    wanted |= {"order_id": order_id} if named == "request" else {}
    fields = []
    for price in (0, 4500):
        request = wanted | {"exchange_for": [_WANTED | {"unit_price": price}]}
        answer = await _post(keyed, {"by": "alex", "request": request}, _CLERK, f"/v1/support-cases/{case_id}/return")
        fields.append(_fields(answer))
    assert fields == [(422, ["request.exchange_for.0.unit_price"]), (200, [])]


async def test_a_start_is_repeated_when_the_order_has_changed_since(
    keyed: httpx.AsyncClient, known: dict[str, Any], db: Database
) -> None:
    assert (await _post(keyed, _named(known))).status_code == 201
    changed = deepcopy(known["order"])
    changed["tenders"][0]["refunded"] = 4000
    await _keep(db, changed)
    assert (await _post(keyed, _named(known))).status_code == 200
    assert (await _post(keyed, known)).status_code == 200
    assert (await _post(keyed, _named(known, resolution="store_credit"))).status_code == 409


async def test_who_vouches_says_what_was_bought_and_the_timeline_says_so(keyed: httpx.AsyncClient) -> None:
    body = make_body()
    assert (await _post(keyed, body, _VOUCH)).status_code == 201
    assert (await _post(keyed, body, _VOUCH)).status_code == 200
    requested = (await _view(keyed, body))["timeline"][0]
    assert (requested["event"], requested["detail"]) == ("requested", "the order is as the key erp says")


async def test_a_payment_of_another_order_is_refused_though_somebody_vouches(
    keyed: httpx.AsyncClient, known: dict[str, Any]
) -> None:
    begun = make_body()
    assert (await _post(keyed, begun, _VOUCH)).status_code == 201
    for other in (known, begun):
        reference = other["order"]["tenders"][0]["reference"]
        answer = await _post(keyed, make_body(tender=reference), _VOUCH)
        assert _fields(answer) == (422, ["order.tenders.0.reference"])
    same = begun | {"return_id": make_body()["return_id"]}
    assert (await _post(keyed, same, _VOUCH)).status_code == 201


@pytest.mark.parametrize(
    ("spelt", "kind"), [("{} ", "card"), (" {}", "other"), ("{}\u200b", "card"), ("{}", "gift_card")]
)
async def test_a_payment_that_is_spelt_or_called_otherwise_is_the_same(
    keyed: httpx.AsyncClient, known: dict[str, Any], spelt: str, kind: str
) -> None:
    reference = spelt.format(known["order"]["tenders"][0]["reference"])
    tenders = [{"tender_id": "t", "kind": kind, "captured": 8000, "reference": reference}]
    answer = await _post(keyed, make_body(tenders=tenders), _VOUCH)
    assert _fields(answer) == (422, ["order.tenders.0.reference"])


async def _until_answered(client: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    """Start it, again while the machine is too busy to answer."""
    while (answer := await _post(client, body, _VOUCH)).status_code == 503:
        pass
    return answer


async def test_of_two_orders_at_once_one_has_the_payment(keyed: httpx.AsyncClient) -> None:
    for _ in range(3):
        reference = f"pi-{make_body()['return_id']}"
        bodies = [make_body(tender=reference) for _ in range(4)]
        answers = await asyncio.gather(*(_until_answered(keyed, body) for body in bodies))
        refused = [answer for answer in answers if not answer.is_success]
        assert [_fields(answer) for answer in refused] == [(422, ["order.tenders.0.reference"])] * 3
        # What was refused holds nothing of its order: with a payment of its own that is begun.
        [body, *_] = [body for body, answer in zip(bodies, answers, strict=True) if answer in refused]
        body["return_id"] = make_body()["return_id"]
        body["order"]["tenders"][0]["reference"] += f"-{body['return_id']}"
        answer = await _until_answered(keyed, body)
        assert (answer.is_success, answer.json().get("amount")) == (True, 4000)


async def _becomes(client: httpx.AsyncClient, body: dict[str, Any], key: str = _DESK) -> httpx.Response:
    """A question that staff makes a return of, with an order of its own."""
    asked = {"email": body["order"]["customer"]["email"], "subject": "The heel", "text": "It came off."}
    case_id = (await _post(client, asked, _DESK, "/v1/support-cases")).json()["case_id"]
    wanted = {"by": "alex", "request": {name: body[name] for name in ("order", "items")}}
    return await _post(client, wanted, key, f"/v1/support-cases/{case_id}/return")


async def test_a_key_that_does_not_vouch_brings_no_order_of_its_own_to_a_question(keyed: httpx.AsyncClient) -> None:
    body = make_body()
    refused = await _becomes(keyed, body, _CLERK)
    assert (refused.status_code, refused.json()["detail"]) == (403, "expected a key with scope vouch")
    assert (await _becomes(keyed, body, _DESK)).status_code == 200


async def test_of_a_known_order_it_makes_a_return_without(keyed: httpx.AsyncClient, known: dict[str, Any]) -> None:
    asked = {"email": known["order"]["customer"]["email"], "subject": "The heel", "text": "It came off."}
    case_id = (await _post(keyed, asked, _DESK, "/v1/support-cases")).json()["case_id"]
    wanted = {"by": "alex", "request": {"order_id": known["order"]["order_id"], "items": known["items"]}}
    answer = await _post(keyed, wanted, _CLERK, f"/v1/support-cases/{case_id}/return")
    assert answer.status_code == 200, answer.text


async def test_a_return_made_of_a_question_says_who_vouched_too(keyed: httpx.AsyncClient) -> None:
    answer = await _becomes(keyed, make_body())
    assert answer.status_code == 200, answer.text
    requested = (await _view(keyed, {"return_id": answer.json()["became_return"]}))["timeline"][0]
    assert (requested["event"], requested["detail"]) == ("requested", "the order is as the key help desk says")


async def test_a_return_made_of_a_question_uses_no_other_orders_payment(
    keyed: httpx.AsyncClient, known: dict[str, Any]
) -> None:
    body = make_body(tender=known["order"]["tenders"][0]["reference"])
    assert _fields(await _becomes(keyed, body)) == (422, ["request.order.tenders.0.reference"])


async def test_one_gift_card_pays_for_many_orders(keyed: httpx.AsyncClient) -> None:
    tenders = [{"tender_id": "g", "kind": "gift_card", "captured": 8000, "reference": make_body()["return_id"]}]
    for _ in range(2):
        assert (await _post(keyed, make_body(tenders=tenders), _VOUCH)).status_code == 201


@pytest.mark.parametrize("key", [_START, _VOUCH])
async def test_nobody_says_themselves_who_vouched(keyed: httpx.AsyncClient, known: dict[str, Any], key: str) -> None:
    for body in (known, _named(known)):
        assert _fields(await _post(keyed, body | {"vouched_by": "somebody"}, key)) == (422, ["vouched_by"])


async def test_a_quote_of_a_key_that_starts_is_of_a_known_order(
    keyed: httpx.AsyncClient, known: dict[str, Any]
) -> None:
    unknown = make_body()
    assert _fields(await _post(keyed, unknown, path="/v1/quotes")) == (422, ["order.order_id"])
    known["order"]["lines"][0]["unit_price"] = 3000
    assert _fields(await _post(keyed, known, path="/v1/quotes")) == (422, ["order.lines.0.unit_price"])
    for key in (_START, _READ, _VOUCH):
        assert (await _post(keyed, _named(known), key, "/v1/quotes")).json()["amount"] == 4000
    for key in (_READ, _VOUCH):
        assert (await _post(keyed, unknown, key, "/v1/quotes")).status_code == 200


async def test_a_quote_is_what_the_start_gives_where_parts_of_the_order_are_left_out(
    keyed: httpx.AsyncClient, db: Database
) -> None:
    body = make_body()
    body["order"]["lines"][0]["tax_total"] = 800
    body["order"]["tenders"][0]["captured"] = 8800
    await _keep(db, body["order"])
    del body["order"]["lines"][0]["tax_total"]
    quoted, started = await _post(keyed, body, path="/v1/quotes"), await _post(keyed, body)
    assert (quoted.json()["amount"], started.json()["amount"]) == (4400, 4400)
