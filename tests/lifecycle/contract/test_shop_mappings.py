"""The worked mappings of other shops' orders make orders that Homeward takes, and that come to what was paid."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.shops import shopify_graphql, shopify_rest, woocommerce
from examples.shops.minor_units import minor
from gateways.orders.protocol import read_order
from lifecycle.contract.orders.customer import guest_id
from lifecycle.contract.orders.payment import PaymentState
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Order
from lifecycle.returns.decisions.quote import quote

SHOPS = Path(__file__).resolve().parents[3] / "examples" / "shops"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Json = dict[str, Any]


def sample(name: str) -> Json:
    read: Json = json.loads((SHOPS / f"{name}.json").read_text())
    return read


def graphql(**changes: Any) -> Json:
    return shopify_graphql.order_of(sample("shopify_order.graphql") | changes)


def rest(**changes: Any) -> Json:
    both = sample("shopify_order.rest")
    return shopify_rest.order_of(both["order"] | changes, both["transactions"])


def woo(refunds: bool = True, **changes: Any) -> Json:
    both = sample("woocommerce_order")
    return woocommerce.order_of(both["order"] | changes, both["refunds"] if refunds else ())


def taken(raw: Json) -> Order:
    """As the order service's answer, and as a caller's body: no field of it is unknown."""
    return read_order(json.loads(json.dumps(raw)), NOW, forbid_unknown=True).order


def refund_of(raw: Json, *items: tuple[str, int]) -> int:
    asked = [{"line_id": line_id, "quantity": count, "reason": "unwanted"} for line_id, count in items]
    return quote({"order": raw, "items": asked}, Policy(), NOW).amount


@pytest.mark.parametrize("made", [graphql, rest, woo], ids=["graphql", "rest", "woo"])
def test_it_is_an_order_that_comes_to_what_was_paid(made: Any) -> None:
    order = taken(made())
    assert order.total == sum(tender.captured for tender in order.tenders)


def test_both_of_shopifys_shapes_are_one_order_but_for_what_rest_does_not_know() -> None:
    known, plain = graphql(), rest()
    for line in known["lines"]:
        line.pop("category", None), line.pop("image_url", None)
    assert [line["line_id"] for line in plain["lines"]] == ["11", "13"]
    for line in known["lines"] + plain["lines"]:
        line["sku"] = line["sku"].rpartition("/")[2]
    named = [tender["tender_id"] for tender in known["tenders"]]
    assert (known, named) == (plain, ["502", "503"])


def test_shopifys_order_keeps_what_counts() -> None:
    order = taken(graphql())
    lamp, mug = order.lines
    assert order.order_id == "#1071"
    assert (lamp.quantity, lamp.unit_price, lamp.discount_total, lamp.tax_total) == (2, 5000, 1000, 1437)
    assert lamp.delivered_at == datetime(2026, 11, 12, 9, 5, tzinfo=UTC)
    assert (mug.quantity, mug.returned_quantity, mug.refunded_total) == (3, 1, 800)
    assert [(tender.kind, tender.captured, tender.refunded) for tender in order.tenders] == [
        ("card", 11090, 800),
        ("gift_card", 1000, 0),
    ]
    assert refund_of(graphql(), ("13", 2)) == 1600
    assert refund_of(graphql(), ("11", 1)) == 4500


def test_what_shopify_has_not_sent_or_not_been_paid_for_is_said() -> None:
    waiting = graphql(fulfillments=[], displayFinancialStatus="PENDING", paymentTerms={"paymentTermsType": "NET"})
    order = taken(waiting | {"tenders": []})
    assert order.payment_state is PaymentState.NET_TERMS
    assert (order.lines[0].shipped_quantity, order.delivered(order.lines[0])) == (0, None)
    sold = taken(graphql(customer=None, shippingAddress=None, email="", phone=None))
    assert (sold.customer.email, sold.customer.customer_id) == (None, guest_id("order #1071"))


def test_woocommerces_order_keeps_what_counts() -> None:
    order = taken(woo())
    lamp, mug = order.lines
    assert order.customer.customer_id == guest_id("customer@example.com")
    assert (lamp.quantity * lamp.unit_price - lamp.discount_total, lamp.tax_total) == (9076 - 466, 1724)
    assert (mug.sku, mug.quantity * mug.unit_price - mug.discount_total) == ("product-9021", 672 - 34)
    assert (lamp.refunded_total, order.tenders[0].refunded, order.cash_rounding) == (1000, 1000, 1)
    assert refund_of(woo(), ("81", 3)) == refund_of(woo(refunds=False), ("81", 3)) - 1000


@pytest.mark.parametrize(
    ("changes", "state"),
    [({"date_paid_gmt": None}, "unpaid"), ({"payment_method": "cod", "transaction_id": ""}, "cash_on_delivery")],
)
def test_how_woocommerces_order_was_paid_is_said(changes: Json, state: str) -> None:
    assert taken(woo(refunds=False, **changes)).payment_state == state


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 90_000), st.integers(0, 9_000)), min_size=1, max_size=5),
    st.integers(0, 5000),
)
def test_whatever_woocommerce_adds_up_to_homeward_adds_up_to_as_well(
    lines: list[tuple[int, int, int]], points: int
) -> None:
    both = sample("woocommerce_order")["order"]
    points = min(points, sum(net for _, net, _ in lines))
    rows = [
        both["line_items"][0]
        | {"id": number, "quantity": quantity, "subtotal": f"{net / 100 + 1:.2f}", "total": f"{net / 100:.2f}"}
        | {"total_tax": f"{tax / 100:.2f}"}
        for number, (quantity, net, tax) in enumerate(lines)
    ]
    fees = [{"id": 1, "name": "Points", "total": f"{-points / 100:.2f}", "total_tax": "0.00"}] if points else []
    total = sum(net + tax for _, net, tax in lines) - points + 490
    raw = woo(refunds=False, line_items=rows, fee_lines=fees, total=f"{total / 100:.2f}")
    assert "cash_rounding" not in raw
    assert taken(raw).total == total


@given(st.integers(0, 10**9), st.sampled_from([("EUR", 2), ("JPY", 0), ("KWD", 3)]))
def test_amounts_are_minor_units(amount: int, currency: tuple[str, int]) -> None:
    code, places = currency
    digits = str(amount).rjust(places + 1, "0")
    assert minor(f"{digits[:-places]}.{digits[-places:]}" if places else digits, code) == amount
