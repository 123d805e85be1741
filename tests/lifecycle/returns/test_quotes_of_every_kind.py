"""A quote equals what is then paid: for every order, for money, store credit, exchange and replacement."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Approve
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Reason
from lifecycle.returns.decisions import approval
from lifecycle.returns.decisions.quote import quote
from lifecycle.returns.units import IN_HAND
from tests.lifecycle.orders import NOW, body
from tests.lifecycle.returns.order_book import OrderBook, Part
from tests.lifecycle.returns.test_one_order_many_returns import orders

PERCENT = st.decimals(0, 100, places=1)
MONEY = st.fixed_dictionaries(
    {
        "refund_original_shipping": st.sampled_from(["seller_fault", "never", "always"]),
        "restocking_fee_percent": PERCENT,
        "return_shipping_fee": st.integers(0, 2000),
        "condition_deduction_percent": st.fixed_dictionaries({grade.value: PERCENT for grade in Grade}),
        "store_credit_bonus_percent": PERCENT,
    }
)
BOUNDS = st.sampled_from([0, 100, 5000, 10**6])


@st.composite
def wishes(draw: st.DrawFn) -> dict[str, Any]:
    """What the customer wants for it."""
    resolution = draw(st.sampled_from(["refund", "store_credit", "exchange", "replacement"]))
    if resolution != "exchange":
        return {"resolution": resolution}
    item = {"sku": "OTHER", "quantity": draw(st.integers(1, 2)), "unit_price": draw(st.integers(0, 15_000))}
    return {"resolution": resolution, "exchange_for": [item | {"tax_total": draw(st.integers(0, 900))}]}


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Everything that makes an amount; nothing is replaced in advance, or paid before it is graded."""
    rules = {"review_above": draw(BOUNDS), "keep_item_below": draw(BOUNDS), "advance_replacement": False}
    return Policy.model_validate({"money": draw(MONEY), "approval": rules})


def items_of(data: st.DataObject, order: dict[str, Any]) -> list[dict[str, Any]]:
    """Some of the order's units, each item with the grade that it will get."""
    items: list[dict[str, Any]] = []
    for line in order["lines"]:
        quantity = data.draw(st.integers(0 if items else 1, line["quantity"]))
        if quantity:
            reason, grade = data.draw(st.sampled_from(Reason)), data.draw(st.sampled_from(Grade))
            item = {"line_id": line["line_id"], "quantity": quantity, "reason": reason.value, "grade": grade.value}
            items.append(item)
    return items


def lived(book: OrderBook, items: list[dict[str, Any]], **wanted: Any) -> Part:
    """The same request, carried out: approved where it has to be, received and graded."""
    part = book.open([{key: value for key, value in item.items() if key != "grade"} for item in items], **wanted)
    if part.ret.in_review:
        approval.approve(part.ret, Approve(by="reviewer"), NOW)
        book.go(part)
    grades = {unit.unit_id: Grade(items[unit.item]["grade"]) for unit in part.ret.opened.units}
    for unit in part.ret.expected:
        book.receive(part, unit)
    for unit in part.units(IN_HAND):
        book.inspect(part, unit, grades[unit.unit_id])
    book.finish(part)
    return part


@settings(max_examples=300)
@given(orders(), policies(), wishes(), st.data())
def test_a_quote_is_what_is_paid(
    order: dict[str, Any], policy: Policy, wanted: dict[str, Any], data: st.DataObject
) -> None:
    items = items_of(data, order)
    raw = body(items=items, **wanted)
    raw["order"] |= order
    promised = quote(raw, policy, NOW)
    book = OrderBook(order, policy)
    money = lived(book, items, **wanted).ret.money
    assert (money.amount, money.breakdown) == (promised.amount, promised.breakdown)
    assert [(paid.tender_id, paid.amount) for paid in money.payments] == [
        (paid.tender_id, paid.amount) for paid in promised.paid
    ]
    assert sum(paid.amount for paid in money.payments) == promised.amount


def test_overrides_of_a_quote_are_the_policys_own_rules() -> None:
    raw = body()
    fee = {"return_shipping_fee": 500, "restocking_fee_percent": 10}
    by_policy = quote(raw, Policy.model_validate({"money": fee | {"restocking_fee_percent": Decimal(10)}}), NOW)
    assert quote(raw | {"policy": fee}, Policy(), NOW) == by_policy
