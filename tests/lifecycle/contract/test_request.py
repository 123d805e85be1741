"""Bad input names its field and what was expected."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.request import parse_request
from tests.lifecycle.orders import NOW, body

CARD = {"tender_id": "t1", "kind": "card", "captured": 15400}
ITEM = {"line_id": "1", "quantity": 1, "reason": "unwanted"}
MANY = [
    {"line_id": str(number), "sku": "PIN", "title": "Pin", "quantity": 1000, "unit_price": 0} for number in range(6)
]
TOMORROW = (NOW + timedelta(days=1)).isoformat()


def order_without(field: str) -> dict[str, Any]:
    made = body()
    del made["order"][field]
    return made


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (order_without("order_id"), "order.order_id"),
        (order_without("customer"), "order.customer"),
        (order_without("lines"), "order.lines"),
        (order_without("tenders"), "order.tenders"),
        (body(lines=[]), "order.lines"),
        (body(currency="usd"), "order.currency"),
        (body(currency="EURO"), "order.currency"),
        (body(line1={"unit_price": -1}), "order.lines.0.unit_price"),
        (body(line1={"unit_price": 40.0}), "order.lines.0.unit_price"),
        (body(line1={"unit_price": "4000"}), "order.lines.0.unit_price"),
        (body(line1={"unit_price": True}), "order.lines.0.unit_price"),
        (body(line1={"unit_price": None}), "order.lines.0.unit_price"),
        (body(line1={"quantity": 0}), "order.lines.0.quantity"),
        (body(line1={"returned_quantity": 4}), "order.lines.0.returned_quantity"),
        (body(line1={"discount_total": 12001}), "order.lines.0.discount_total"),
        (body(line1={"serial_numbers": ["a", "b", "c", "d"]}), "order.lines.0.serial_numbers"),
        (body(line1={"serial_numbers": ["a", "a"]}), "order.lines.0.serial_numbers"),
        (body(line1={"line_id": "2"}), "order.lines.1.line_id"),
        (body(prices_include_tax=True, line1={"tax_total": 12001}), "order.lines.0.tax_total"),
        (body(shipping={"price": 1, "discount": 2}), "order.shipping.discount"),
        (body(tenders=[CARD | {"refunded": 15401}]), "order.tenders.0.refunded"),
        (body(tenders=[CARD | {"captured": 15399}]), "order.tenders"),
        (body(tenders=[CARD | {"captured": 9000}, CARD | {"tender_id": "t2", "captured": 6399}]), "order.tenders"),
        (body(tenders=[CARD, CARD]), "order.tenders.1.tender_id"),
        (body(tenders=[CARD | {"kind": "shells"}]), "order.tenders.0.kind"),
        (body(delivered_at=TOMORROW), "order.delivered_at"),
        (body(placed_at=TOMORROW, delivered_at=None), "order.placed_at"),
        (body(delivered_at="2026-11-01T00:00:00Z"), "order.delivered_at"),
        (body(delivered_at="2026-11-20T16:40:00"), "order.delivered_at"),
        (body(delivered_at="0001-01-01T00:00:00Z"), "order.delivered_at"),
        (body(delivered_at=1762000000), "order.delivered_at"),
        (body(line1={"final_sale": "yes"}), "order.lines.0.final_sale"),
        (body(order_id="SO\x00"), "order.order_id"),
        (body(line1={"title": "\x00"}), "order.lines.0.title"),
        (body(items=[]), "items"),
        (body(items=[ITEM | {"line_id": "9"}]), "items.0.line_id"),
        (body(items=[ITEM | {"quantity": 4}]), "items.0.quantity"),
        (body(items=[ITEM | {"quantity": 2}, ITEM | {"quantity": 2}]), "items.1.quantity"),
        (body(lines=MANY, items=[ITEM | {"line_id": str(number), "quantity": 1000} for number in range(6)]), "items"),
        (body(items=[ITEM | {"reason": "bored"}]), "items.0.reason"),
        (body(resolution="hug"), "resolution"),
        (body(resolution="exchange"), "exchange_for"),
        (body(method="pigeon"), "method"),
        (body(channel="fax"), "channel"),
        (body(pickup_slot={"start": "2026-12-02T10:00:00Z", "end": "2026-12-02T10:00:00Z"}), "pickup_slot.end"),
        (body(line1={"warranty_until": 86400}), "order.lines.0.warranty_until"),
        (body(line1={"quantity": True}), "order.lines.0.quantity"),
        (body(items=[ITEM | {"quantity": True}]), "items.0.quantity"),
        (body(return_id="a/b"), "return_id"),
        (body(return_id=""), "return_id"),
    ],
)
def test_the_field_is_named(raw: Any, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_request(raw, now=NOW)
    assert field in [name for name, _ in refused.value.problems]


@pytest.mark.parametrize("raw", [None, [], "text", 7, b"bytes"])
def test_what_is_no_request_at_all(raw: Any) -> None:
    with pytest.raises(InvalidRequest, match="body: "):
        parse_request(raw, now=NOW)


def test_unknown_fields_pass_in_a_payload_and_are_refused_from_an_operator() -> None:
    raw = body(line1={"colour": "red"})
    assert parse_request(raw, now=NOW).order.lines[0].sku == "SHOE"
    with pytest.raises(InvalidRequest, match=r"order.lines.0.colour: "):
        parse_request(raw, now=NOW, forbid_unknown=True)


def test_what_was_given_is_not_repeated_in_the_message() -> None:
    raw = body()
    raw["order"]["customer"]["email"] = "somebody at home"
    with pytest.raises(InvalidRequest) as refused:
        parse_request(raw, now=NOW)
    assert "somebody" not in str(refused.value)


def test_nullable_fields_may_be_left_out_or_null() -> None:
    raw = body(placed_at=None)
    del raw["return_id"]
    assert parse_request(raw, now=NOW).return_id is None


def test_an_order_too_large_to_look_through_is_refused_at_the_door_alone() -> None:
    raw = body(lines=MANY)
    assert parse_request(raw, now=NOW).order.lines[5].quantity == 1000  # as a return that runs already was given it
    with pytest.raises(InvalidRequest, match=r"order\.lines: expected at most 5000 units in one order"):
        parse_request(raw, now=NOW, forbid_unknown=True)
