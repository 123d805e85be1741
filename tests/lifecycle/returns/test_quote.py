"""The quote gives what the worked cases say, and refuses with the field named."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.policy import Policy
from lifecycle.returns.decisions.quote import quote

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)


def body(**changes: Any) -> dict[str, Any]:
    customer = {
        "customer_id": "C-77", "name": "Sample Customer", "email": "customer@example.com",
        "address": {"line1": "1 Main St", "city": "Springfield", "postal_code": "62701", "country": "US"},
    }  # fmt: skip
    order = {
        "order_id": "SO-5501", "placed_at": "2026-11-02T10:15:00Z", "delivered_at": "2026-11-06T16:40:00Z",
        "currency": "USD", "customer": customer,
        "lines": [{"line_id": "1", "sku": "SHOE-42", "quantity": 3, "unit_price": 4000,
                   "discount_total": 1000, "tax_total": 1100}],
        "shipping": {"price": 900, "tax": 90},
        "tenders": [{"tender_id": "t1", "kind": "card", "captured": 13090}],
    }  # fmt: skip
    items = [{"line_id": "1", "quantity": 1, "reason": "unwanted"}]
    return {"order": order, "items": items, **changes}


def test_one_of_three() -> None:
    found = quote(body(), Policy(), NOW)
    assert (found.amount, found.currency, found.decision.outcome) == (4033, "USD", "allowed")
    assert [(made.tender_id, made.amount) for made in found.paid] == [("t1", 4033)]


def test_grades_and_overrides_count() -> None:
    items = [{"line_id": "1", "quantity": 1, "reason": "unwanted", "grade": "B"}]
    fees = {
        "restocking_fee_percent": 15,
        "return_shipping_fee": 500,
        "condition_deduction_percent": {"A": 0, "B": 10, "C": 30, "D": 100},
    }
    found = quote(body(items=items, policy=fees), Policy(), NOW)
    assert found.amount == 2616
    assert found.breakdown.condition_deduction == 367


def test_out_of_the_window_is_worth_nothing() -> None:
    found = quote(body(), Policy(), datetime(2027, 2, 1, tzinfo=UTC))
    assert (found.amount, found.paid, found.decision.outcome) == (0, [], "declined")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"items": [{"line_id": "1", "quantity": 1, "reason": "unwanted", "grade": "E"}]}, "items.0.grade"),
        ({"items": [{"line_id": "9", "quantity": 1, "reason": "unwanted"}]}, "items.0.line_id"),
        ({"policy": {"restocking_fee_percent": 101}}, "policy.restocking_fee_percent"),
        ({"policy": {"restocking": 1}}, "policy.restocking"),
        ({"policy": []}, "policy"),
        ({"chanel": "web"}, "chanel"),
    ],
)
def test_wrong_input_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        quote(body(**changes), Policy(), NOW)
    assert caught.value.problems[0][0] == field
