"""Orders that are not paid, not in full, in cash, or with more than goods and shipping in them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.orders.protocol import FoundOrder
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import ReturnRequest, parse_request
from lifecycle.contract.resolutions import Resolution
from lifecycle.returns.decisions.quote import Quote, quote, simulate
from lifecycle.returns.eligibility import ClaimedUnit, Facts
from lifecycle.returns.settlement.statement import statement_of
from starter.portal.customer.begin_return.offers import possible_offers
from tests.lifecycle.orders import NOW, body, policy

ONE = [{"line_id": "2", "quantity": 1, "reason": "unwanted"}]
ALL = [{"line_id": "1", "quantity": 3, "reason": "defective"}, {"line_id": "2", "quantity": 1, "reason": "defective"}]


def card(captured: int, refunded: int = 0) -> list[dict[str, Any]]:
    return [{"tender_id": "t1", "kind": "card", "captured": captured, "refunded": refunded}]


def order(**fields: Any) -> dict[str, Any]:
    asked = body(tenders=fields.pop("tenders", card(15400)), items=fields.pop("items", ONE))
    asked["order"] |= fields
    return asked


def quoted(rules: Policy | None = None, **fields: Any) -> Quote:
    return quote(order(**fields), rules or Policy(), NOW)


@pytest.mark.parametrize("state", ["unpaid", "net_terms"])
def test_of_an_order_that_nobody_has_paid_nothing_goes_back(state: str) -> None:
    found = quoted(payment_state=state, tenders=[])
    assert (found.amount, found.paid, found.decision.outcome) == (0, [], "allowed")
    assert found.breakdown.units == 2500


@pytest.mark.parametrize(
    ("captured", "items", "amount"),
    [
        (3000, ONE, 0),  # what stays costs 12,900 with the shipping
        (12900, ONE, 0),
        (13000, ONE, 100),
        (15400, ONE, 2500),
        (3000, ALL, 3000),
    ],
)
def test_a_part_payment_is_for_what_stays_first(captured: int, items: list[dict[str, Any]], amount: int) -> None:
    assert quoted(payment_state="unpaid", tenders=card(captured), items=items).amount == amount


@settings(max_examples=30)
@given(st.integers(0, 15400), st.booleans())
def test_returns_of_a_part_payment_give_back_no_more_than_was_paid_for_what_came_back(paid: int, first: bool) -> None:
    """In two returns as in one: a customer who keeps nothing but the shipping has paid for nothing else."""
    one = quoted(payment_state="net_terms", tenders=card(paid), items=ONE if first else [ALL[0]])
    claimed = ["2-1"] if first else ["1-1", "1-2", "1-3"]
    asked = order(payment_state="net_terms", tenders=card(paid, one.amount), items=[ALL[0]] if first else ONE)
    facts = Facts(claimed={name: ClaimedUnit("R-2", back=True) for name in claimed})
    rest = simulate(
        ReturnRequest.model_validate(asked), policy(money={"refund_original_shipping": "never"}), NOW, facts
    )
    assert one.amount + rest.money.amount <= paid
    assert max(0, paid - 900) >= rest.money.amount
    if first:
        assert one.amount + rest.money.amount == max(0, paid - 900)


def test_goods_of_an_unpaid_order_do_not_stay_because_nothing_goes_back() -> None:
    rules = policy(approval={"keep_item_below": 2000})
    ret = simulate(ReturnRequest.model_validate(order(payment_state="unpaid", tenders=[])), rules, NOW)
    assert not ret.units[0].kept


def test_the_mail_says_why_nothing_goes_back() -> None:
    ret = simulate(ReturnRequest.model_validate(order(payment_state="unpaid", tenders=[])), Policy(), NOW)
    said = statement_of(ret)
    assert said
    assert (said.unpaid, said.capped) == (True, False)


def test_what_was_paid_in_cash_at_the_door_goes_back_as_store_credit() -> None:
    cash = [{"tender_id": "t1", "kind": "other", "captured": 15400}]
    found = quoted(payment_state="cash_on_delivery", tenders=cash)
    assert [(made.tender_id, made.amount) for made in found.paid] == [("store_credit", 2500)]


@pytest.mark.parametrize(("state", "ways"), [("cash_on_delivery", 1), ("paid", 2)])
def test_the_page_offers_money_that_was_paid_in_cash_once(state: str, ways: int) -> None:
    asked = ReturnRequest.model_validate(order(payment_state=state))
    seen = possible_offers(FoundOrder(asked.order), asked.items, Policy(), Facts(), NOW, frozenset())
    offered = [one.resolution for one in seen.offers if one.resolution in (Resolution.REFUND, Resolution.STORE_CREDIT)]
    assert offered == [Resolution.REFUND, Resolution.STORE_CREDIT][-ways:]


def test_cash_is_rounded_within_its_coins() -> None:
    assert quoted(cash_rounding=-2, tenders=card(15398)).amount == 2500
    assert quoted(cash_rounding=-2, tenders=card(15398), items=ALL).amount == 15398
    for rounding in (51, -51):
        with pytest.raises(InvalidRequest, match=r"order\.cash_rounding: expected from -50 to 50"):
            parse_request(order(cash_rounding=rounding, tenders=card(15500)), now=NOW)
    huf = order(cash_rounding=-250, currency="HUF", tenders=card(15150))
    assert parse_request(huf, now=NOW).order.total == 15150


FEES = [{"kind": "gift_wrap", "amount": 300, "tax": 30}, {"kind": "tip", "title": "Tip", "amount": 200}]


@pytest.mark.parametrize(
    ("rules", "items", "fees"),
    [
        ({}, ALL, 0),
        ({"refund_order_fees": ["gift_wrap"]}, ALL, 330),
        ({"refund_order_fees": ["gift_wrap", "tip"]}, ALL, 530),
        ({"refund_order_fees": ["gift_wrap"]}, ONE, 0),
        ({"refund_order_fees": ["gift_wrap"], "refund_original_shipping": "always"}, ONE, 330),
        ({"refund_order_fees": ["gift_wrap"], "refund_original_shipping": "never"}, ALL, 0),
    ],
)
def test_fees_go_back_with_the_shipping_where_the_policy_lists_them(
    rules: dict[str, Any], items: list[dict[str, Any]], fees: int
) -> None:
    found = quoted(policy(money=rules), fees=FEES, tenders=card(15930), items=items)
    assert found.breakdown.order_fees == fees
    assert found.amount == found.breakdown.units + found.breakdown.shipping + fees


def test_fees_count_in_what_was_to_be_paid() -> None:
    with pytest.raises(InvalidRequest, match="cover the order's total of 15930"):
        parse_request(order(fees=FEES, tenders=card(15929)), now=NOW)


def test_a_paid_order_needs_what_paid_it() -> None:
    with pytest.raises(InvalidRequest, match=r"order\.tenders: expected captured amounts"):
        parse_request(order(tenders=[]), now=NOW)


def test_an_order_without_them_is_sent_and_recorded_as_before() -> None:
    sent = ReturnRequest.model_validate(order()).order.model_dump(mode="json")
    assert not {"fees", "cash_rounding", "payment_state"} & sent.keys()
    assert "order_fees" not in quoted().model_dump(mode="json")["breakdown"]
    assert "refund_order_fees" not in Policy().terms().model_dump(mode="json")["money"]
