"""A quote's breakdown adds up to its amount, and says what no more could go back of."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.contract.policy import Policy
from lifecycle.contract.resolutions import Resolution
from lifecycle.returns.decisions.quote import quote
from tests.lifecycle.orders import NOW, body

PAYING = [Resolution.REFUND, Resolution.STORE_CREDIT, Resolution.EXCHANGE]


@settings(max_examples=50)
@given(
    st.integers(0, 15400),
    st.sampled_from(PAYING),
    st.integers(1, 3),
    st.sampled_from(["unwanted", "defective"]),
    st.integers(0, 30),
    st.sampled_from(["paid", "unpaid"]),
)
def test_the_parts_are_the_amount(
    refunded: int, resolution: Resolution, count: int, reason: str, fee: int, state: str
) -> None:
    asked = body(
        items=[
            {"line_id": "1", "quantity": count, "reason": reason},
            {"line_id": "2", "quantity": 1, "reason": reason},
        ],
        tenders=[{"tender_id": "t", "kind": "card", "captured": 15400, "refunded": refunded}],
        resolution=resolution,
        exchange_for=[{"sku": "B", "quantity": 1, "unit_price": 700}],
        policy={"restocking_fee_percent": fee, "return_shipping_fee": 300, "store_credit_bonus_percent": 10},
    )
    asked["order"]["payment_state"] = state
    found = quote(asked, Policy(), NOW)
    assert sum(found.breakdown.signed.values()) == found.amount
    assert found.breakdown.capped >= 0


def test_what_is_cut_off_is_said() -> None:
    tenders = [{"tender_id": "t", "kind": "card", "captured": 15400, "refunded": 14000}]
    found = quote(body(tenders=tenders), Policy(), NOW)
    assert (found.amount, found.breakdown.units, found.breakdown.capped) == (1400, 8000, 6600)


@pytest.mark.parametrize("refunded", [0, 7400])
def test_it_is_left_out_where_nothing_is_cut_off(refunded: int) -> None:
    tenders: list[dict[str, Any]] = [{"tender_id": "t", "kind": "card", "captured": 15400, "refunded": refunded}]
    assert "capped" not in quote(body(tenders=tenders), Policy(), NOW).breakdown.model_dump()
