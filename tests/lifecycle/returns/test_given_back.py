"""What was given back elsewhere, for a line or for shipping, is not given back again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Line, Order, ReturnRequest, parse_request
from lifecycle.returns.decisions.quote import Quote, quote, simulate
from lifecycle.returns.prices import unit_prices
from tests.lifecycle.orders import NOW, body, policy

LINES = st.builds(
    Line,
    line_id=st.just("1"),
    sku=st.just("A"),
    quantity=st.integers(1, 12),
    unit_price=st.integers(40, 9000),
    discount_total=st.integers(0, 40),
    tax_total=st.integers(0, 150),
)


def paid_for(line: Line, inclusive: bool) -> list[int]:
    return [price.gross for price in unit_prices(line, inclusive)]


@given(LINES, st.booleans(), st.data())
def test_units_that_stayed_add_up_to_what_is_left_of_their_price(
    line: Line, inclusive: bool, data: st.DataObject
) -> None:
    paid, back = paid_for(line, inclusive), data.draw(st.integers(0, line.quantity))
    given_back = data.draw(st.integers(0, sum(paid)))
    known = line.model_copy(update={"returned_quantity": back, "refunded_total": given_back})
    prices = unit_prices(known, inclusive)
    goodwill = max(0, given_back - sum(paid[:back]))
    assert sum(price.gross for price in prices[back:]) == sum(paid[back:]) - goodwill
    assert all(0 <= price.net <= price.gross <= before for price, before in zip(prices, paid, strict=True))
    any_that_stayed = data.draw(st.permutations(prices))[: line.quantity - back]
    assert sum(price.gross for price in any_that_stayed) <= sum(paid[back:]) - goodwill + 2 * back


@given(LINES, st.booleans(), st.data())
def test_units_that_came_back_for_their_price_lower_nothing(line: Line, inclusive: bool, data: st.DataObject) -> None:
    paid, back = paid_for(line, inclusive), data.draw(st.integers(0, line.quantity))
    known = line.model_copy(update={"returned_quantity": back, "refunded_total": sum(paid[:back])})
    assert paid_for(known, inclusive) == paid


def two_lines(**shipping: int) -> dict[str, Any]:
    line = {"quantity": 1, "unit_price": 10000}
    return body(
        lines=[{"line_id": "A", "sku": "A", **line}, {"line_id": "B", "sku": "B", **line}],
        shipping={"price": 990, **shipping},
        tenders=[{"tender_id": "t1", "kind": "card", "captured": 20990, "refunded": 10000}],
        items=[{"line_id": "A", "quantity": 1, "reason": "unwanted"}],
    )


def quoted(asked: dict[str, Any]) -> Quote:
    return quote(asked, Policy(), NOW)


def test_a_line_that_was_given_back_as_goodwill_is_not_paid_again() -> None:
    asked = two_lines()
    assert quoted(asked).amount == 10000
    asked["order"]["lines"][0]["refunded_total"] = 10000
    found = quoted(asked)
    assert (found.amount, found.breakdown.units, found.paid) == (0, 0, [])
    asked["items"][0]["line_id"] = "B"
    assert quoted(asked).amount == 10000


def test_part_of_a_line_lowers_what_fees_are_taken_of() -> None:
    asked = two_lines() | {"policy": {"restocking_fee_percent": 10}}
    asked["order"]["lines"][0]["refunded_total"] = 4000
    found = quoted(asked)
    assert (found.breakdown.units, found.breakdown.restocking_fee, found.amount) == (6000, 600, 5400)


@pytest.mark.parametrize(("refunded", "amount"), [(0, 10990), (400, 10590), (990, 10000)])
def test_shipping_that_was_given_back_elsewhere_does_not_go_back_again(refunded: int, amount: int) -> None:
    asked = two_lines(refunded_total=refunded)
    asked["order"]["lines"][0] |= {"returned_quantity": 1, "refunded_total": 10000}
    asked["items"] = [{"line_id": "B", "quantity": 1, "reason": "defective"}]
    asked["order"]["tenders"][0]["refunded"] = 10000 + refunded
    assert quoted(asked).amount == amount


@pytest.mark.parametrize(("field", "most"), [("lines.0.refunded_total", "10000"), ("shipping.refunded_total", "990")])
def test_more_than_was_paid_is_refused_by_field(field: str, most: str) -> None:
    asked = two_lines(**({"refunded_total": 991} if field.startswith("shipping") else {}))
    if field.startswith("lines"):
        asked["order"]["lines"][0]["refunded_total"] = 10001
    with pytest.raises(InvalidRequest, match=rf"order\.{field}: expected at most the {most}"):
        parse_request(asked, now=NOW, forbid_unknown=True)


def test_an_order_without_it_is_sent_and_recorded_as_before() -> None:
    order = Order.model_validate(two_lines()["order"]).model_dump(mode="json")
    assert "refunded_total" not in order["lines"][0]
    assert "refunded_total" not in order["shipping"]


def test_goods_are_worth_as_much_whatever_was_given_back_for_them() -> None:
    """A refund as goodwill is no reason to leave the goods with the customer when they send them back after all."""
    asked = two_lines()
    asked["order"]["lines"][0]["refunded_total"] = 10000
    for bound, kept in ((5000, False), (10001, True)):
        ret = simulate(ReturnRequest.model_validate(asked), policy(approval={"keep_item_below": bound}), NOW)
        assert [unit.kept for unit in ret.units] == [kept]
