"""What customers are offered is what the policy then allows, with the amounts that are then paid."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gateways.orders.protocol import Alternative, FoundOrder, read_order
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Item, Order, Reason
from lifecycle.returns.eligibility import ClaimedUnit, Facts
from starter.portal.customer.begin_return.offers import difference, possible_offers, promise, returnable_lines
from tests.workflows.returns.play import make_body

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
NOTHING = Facts()
LINES = [
    {"line_id": "1", "sku": "SHOE", "title": "Shoe", "quantity": 3, "unit_price": 4000},
    {"line_id": "2", "sku": "BAG", "quantity": 1, "unit_price": 5000, "final_sale": True},
    {"line_id": "3", "sku": "PHONE", "quantity": 1, "unit_price": 9000, "holds_personal_data": True},
]


def make_order(**changes: Any) -> Order:
    raw = make_body(lines=LINES)["order"]
    raw |= {"placed_at": "2026-11-10T10:00:00Z", "delivered_at": "2026-11-20T10:00:00Z"} | changes
    return read_order(raw, NOW).order


def seen(order: Order, *items: Item, policy: Policy | None = None, facts: Facts = NOTHING) -> dict[str, Any]:
    """The offers by what they are."""
    found = possible_offers(FoundOrder(order), items, policy or Policy(), facts, NOW, frozenset())
    return {offer.resolution.value: offer for offer in found.offers}


def item(line_id: str, reason: Reason = Reason.UNWANTED, quantity: int = 1) -> Item:
    return Item(line_id=line_id, quantity=quantity, reason=reason)


def rules(**changes: dict[str, Any]) -> Policy:
    return Policy.model_validate(changes)


def test_units_that_other_returns_hold_cannot_be_chosen_again() -> None:
    held = Facts(claimed={"1-1": ClaimedUnit("R-1"), "1-3": ClaimedUnit("R-2"), "3-1": ClaimedUnit("R-2")})
    lines = returnable_lines(make_order(), Policy(), held, NOW)
    assert [(line.available, line.why) for line in lines] == [(1, None), (1, "final_sale"), (0, "already_returned")]
    assert [line.faulty_only for line in lines] == [False, True, False]
    assert [line.title for line in lines] == ["Shoe", "BAG", "PHONE"]


def test_what_the_shop_knows_to_be_returned_counts_too() -> None:
    order = make_order(lines=[LINES[0] | {"returned_quantity": 3}, *LINES[1:]])
    assert [line.available for line in returnable_lines(order, Policy(), NOTHING, NOW)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("delivered", "why"),
    [(None, "not_delivered"), ("2026-10-20T10:00:00Z", "window")],
)
def test_nothing_can_come_back_before_delivery_or_after_its_time(delivered: str | None, why: str) -> None:
    order = make_order(placed_at=None, delivered_at=delivered)
    assert {(line.available, line.why) for line in returnable_lines(order, Policy(), NOTHING, NOW)} == {(0, why)}


def test_in_warranty_a_repair_is_offered_when_the_time_is_over() -> None:
    lines = [LINES[0] | {"warranty_until": date(2027, 1, 1).isoformat()}, *LINES[1:]]
    order = make_order(lines=lines, placed_at=None, delivered_at="2026-06-01T10:00:00Z")
    assert [line.available for line in returnable_lines(order, Policy(), NOTHING, NOW)] == [3, 0, 0]
    assert list(seen(order, item("1", Reason.DEFECTIVE))) == ["repair"]


def test_a_shop_that_offers_nothing_takes_nothing_back() -> None:
    nothing = rules(eligibility={"resolutions": []})
    assert {line.available for line in returnable_lines(make_order(), nothing, NOTHING, NOW)} == {0}
    assert seen(make_order(), item("1"), policy=nothing) == {}
    no_way = rules(handover={"methods": []})
    assert {line.available for line in returnable_lines(make_order(), no_way, NOTHING, NOW)} == {0}


def test_amounts_are_those_of_the_policy() -> None:
    policy = rules(money={"return_shipping_fee": 500, "restocking_fee_percent": 10, "store_credit_bonus_percent": 20})
    offers = seen(make_order(), item("1", quantity=2), policy=policy)
    assert {name: offer.amount for name, offer in offers.items()} == {
        "refund": 6700,
        "store_credit": 8040,
        "replacement": 0,
        "repair": 0,
    }
    assert seen(make_order(), item("1", Reason.DEFECTIVE, 2), policy=policy)["refund"].amount == 8000


def test_when_it_is_settled_is_foreseen() -> None:
    kept = rules(approval={"keep_item_below": 4001, "instant_refund_below": 9000})
    assert {seen(make_order(), item("1"), policy=kept)[name].when for name in ("refund", "store_credit")} == {"kept"}
    assert seen(make_order(), item("1", quantity=2), policy=kept)["refund"].when == "handover"
    assert seen(make_order(), item("1"))["replacement"].when == "ahead"
    assert seen(make_order(), item("1"))["refund"].when == "inspection"


def test_what_may_hold_personal_data_is_repaired_instead_of_replaced() -> None:
    plain = seen(make_order(), item("3"))["replacement"]
    assert (plain.repaired, plain.priced_later, plain.when) == (True, True, "inspection")
    assert not seen(make_order(), item("3", Reason.DEFECTIVE))["replacement"].priced_later


def test_an_operator_who_looks_first_is_announced() -> None:
    found = possible_offers(
        FoundOrder(make_order()), [item("3")], rules(approval={"review_above": 8000}), NOTHING, NOW, frozenset()
    )
    assert (found.review, found.declined) == (True, [])
    frequent = Facts(customer_returns=5)
    assert possible_offers(FoundOrder(make_order()), [item("1")], Policy(), frequent, NOW, frozenset()).review


def test_what_is_declined_is_named_beside_what_goes_on() -> None:
    found = possible_offers(FoundOrder(make_order()), [item("1"), item("2")], Policy(), NOTHING, NOW, frozenset())
    assert [(rule.rule, rule.unit_id) for rule in found.declined] == [("final_sale", "2-1")]
    assert {offer.amount for offer in found.offers if offer.resolution == "refund"} == {4000}


def test_an_exchange_is_offered_when_all_of_it_is_in_stock() -> None:
    other = Alternative(sku="SHOE-43", unit_price=4500, tax_total=450)
    order = make_order()
    found = FoundOrder(order, {"1": (other,)})
    for items, stock, offered in (
        ([item("1")], {"SHOE-43"}, True),
        ([item("1")], set[str](), False),
        ([item("1"), item("3")], {"SHOE-43"}, False),
    ):
        answer = possible_offers(found, items, Policy(), NOTHING, NOW, frozenset(stock))
        assert ("exchange" in {offer.resolution for offer in answer.offers}) is offered
        assert bool(answer.alternatives) is offered
    assert difference(order, "1", other) == 950


def test_the_promise_is_the_shops_own() -> None:
    for starts_on, by in (("handover", True), ("requested", True), ("received", False)):
        made = promise(rules(clock={"starts_on": starts_on, "target_business_days": 3}), NOW)
        assert (made.business_days, made.by is not None) == (3, by)
        # Tuesday; Thursday is a holiday there.
        assert made.by is None or made.by - NOW < timedelta(days=7)


def test_a_large_order_has_all_its_lines() -> None:
    lines = [LINES[0] | {"line_id": str(number), "quantity": 3} for number in range(500)]
    order = read_order(make_body(lines=lines)["order"], datetime.now(UTC)).order
    assert {line.available for line in returnable_lines(order, Policy(), NOTHING, datetime.now(UTC))} == {3}
