"""What units are worth: worked cases of other systems, and what holds for every order."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.contract.grades import Grade
from lifecycle.contract.policy import MoneyRules
from lifecycle.contract.request import Line, Order, Reason, Tender
from lifecycle.contract.tenders import TenderKind
from lifecycle.returns.fees import unit_fees
from lifecycle.returns.prices import RefundableUnit, UnitPrice, original_shipping, unit_prices
from lifecycle.returns.settlement.payments import allocate
from lifecycle.returns.worth import settle
from tests.lifecycle.orders import per_return, request

CASES = json.loads((Path(__file__).parent.parent.parent / "data" / "refunds.json").read_text())
UNWANTED, DEFECTIVE = Reason.UNWANTED, Reason.DEFECTIVE
GENEROUS = MoneyRules(condition_deduction_percent=dict.fromkeys(Grade, Decimal(0)))
REASONS, GRADES = st.sampled_from(Reason), st.sampled_from(Grade)


def claims_of(case: dict[str, Any], order: Order) -> list[RefundableUnit]:
    claims = []
    for item in case["items"]:
        prices = unit_prices(order.line(item["line_id"]), order.prices_include_tax)
        for number in range(item["quantity"]):
            name = f"{item['line_id']}-{number + 1}"
            claims.append(RefundableUnit(name, prices[number], Reason(item["reason"]), Grade(item["grade"])))
    return claims


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_worked_case(case: dict[str, Any]) -> None:
    customer = {
        "customer_id": "C-1",
        "name": "Sample Customer",
        "email": "customer@example.com",
        "address": {"line1": "1 Main St", "city": "Springfield", "country": "US"},
    }
    order = Order.model_validate({"order_id": "SO-1", "customer": customer} | case["order"])
    claims = claims_of(case, order)
    whole = len(claims) == sum(line.quantity for line in order.lines)
    fault = any(claim.reason.sellers_fault for claim in claims)
    shipping = original_shipping(order) if whole and fault else 0
    held = sum(tender.captured - tender.refunded for tender in order.tenders)
    money = MoneyRules.model_validate(case["policy"])
    if money.refund_original_shipping == "never":
        shipping = 0
    settled = settle(claims, money, cap=held, shipping=shipping, per_return=per_return(money))
    assert settled.amount == case["expected"]["amount"]
    for part, amount in case["expected"].get("breakdown", {}).items():
        assert getattr(settled.breakdown, part) == amount


LINES = st.builds(
    Line,
    line_id=st.just("1"),
    sku=st.just("A"),
    quantity=st.integers(1, 12),
    unit_price=st.integers(200, 100_000),
    discount_total=st.integers(0, 40),
    tax_total=st.integers(0, 150),
)
MONEY = st.builds(
    MoneyRules,
    restocking_fee_percent=st.decimals(0, 100, places=1),
    return_shipping_fee=st.integers(0, 2000),
    condition_deduction_percent=st.fixed_dictionaries({grade: st.decimals(0, 100, places=1) for grade in Grade}),
)


@given(LINES, st.booleans())
def test_the_units_of_a_line_add_up_to_what_was_paid(line: Line, inclusive: bool) -> None:
    paid = line.quantity * line.unit_price - line.discount_total + (0 if inclusive else line.tax_total)
    prices = unit_prices(line, inclusive)
    assert sum(price.gross for price in prices) == paid
    assert sum(price.gross - price.net for price in prices) == line.tax_total
    assert max(price.gross for price in prices) - min(price.gross for price in prices) <= 2


@given(LINES, st.booleans(), st.data())
def test_partial_returns_in_any_order_give_the_same_units_the_same_amount(
    line: Line, inclusive: bool, data: st.DataObject
) -> None:
    prices = unit_prices(line, inclusive)
    claims = [RefundableUnit(f"1-{n}", price, UNWANTED, Grade.B) for n, price in enumerate(prices, start=1)]
    whole = settle(claims, GENEROUS, cap=10**9)
    parts = data.draw(st.permutations(claims))
    split = data.draw(st.integers(0, len(parts)))
    first, second = (settle(part, GENEROUS, cap=10**9) for part in (parts[:split], parts[split:]))
    assert first.amount + second.amount == whole.amount
    assert first.refunds | second.refunds == whole.refunds


@given(st.lists(st.tuples(LINES, REASONS, GRADES), max_size=5), MONEY, st.integers(0, 50_000), st.integers(0, 999))
def test_never_below_nothing_and_never_above_the_cap(
    parts: list[tuple[Line, Reason, Grade]], money: MoneyRules, cap: int, shipping: int
) -> None:
    claims = [
        RefundableUnit(f"{number}", unit_prices(line, prices_include_tax=False)[0], reason, grade)
        for number, (line, reason, grade) in enumerate(parts)
    ]
    assert 0 <= settle(claims, money, cap=cap, shipping=shipping, per_return=per_return(money)).amount <= cap


@given(MONEY, st.integers(0, 100_000), st.integers(0, 20_000), REASONS, GRADES)
def test_the_breakdown_adds_up_to_the_amount(
    money: MoneyRules, net: int, tax: int, reason: Reason, grade: Grade
) -> None:
    unit = RefundableUnit("1-1", UnitPrice(net, net + tax), reason, grade)
    settled = settle([unit], money, cap=10**9, per_return=per_return(money))
    parts = settled.breakdown
    costs = parts.restocking_fee + parts.return_shipping_fee + parts.condition_deduction
    assert settled.amount == max(0, parts.units - costs)


FEES = MoneyRules(
    restocking_fee_percent=Decimal(10),
    return_shipping_fee=500,
    condition_deduction_percent=dict(zip(Grade, map(Decimal, ("0", "12.5", "30", "100")), strict=True)),
)
PRICE = UnitPrice(net=1001, gross=1101)


@pytest.mark.parametrize(
    ("reason", "grade", "kept", "costs"),
    [
        (UNWANTED, None, False, (100, 0)),
        (UNWANTED, Grade.B, False, (100, 125)),
        (UNWANTED, Grade.C, False, (100, 300)),
        (UNWANTED, Grade.D, False, (0, 1101)),
        (DEFECTIVE, Grade.D, False, (0, 0)),
        (UNWANTED, Grade.D, True, (0, 0)),
    ],
)
def test_fee_and_deduction_of_one_unit(reason: Reason, grade: Grade | None, kept: bool, costs: tuple[int, int]) -> None:
    fees = unit_fees(RefundableUnit("1-1", PRICE, reason, grade, kept=kept), FEES)
    assert (fees["restocking_fee"], fees["condition_deduction"]) == costs


@pytest.mark.parametrize(
    ("claims", "taken", "before", "fee"),
    [
        ([RefundableUnit("1", PRICE, UNWANTED)], False, False, 500),
        ([RefundableUnit("1", PRICE, UNWANTED), RefundableUnit("2", PRICE, DEFECTIVE)], False, False, 0),
        ([RefundableUnit("1", PRICE, UNWANTED, lost=True)], False, False, 0),
        ([RefundableUnit("1", PRICE, UNWANTED, lost=True), RefundableUnit("2", PRICE, UNWANTED)], False, False, 500),
        ([RefundableUnit("1", PRICE, UNWANTED, kept=True)], False, False, 0),
        ([RefundableUnit("1", PRICE, UNWANTED)], True, False, 0),
        ([RefundableUnit("1", PRICE, UNWANTED)], False, True, 0),
        ([], False, False, 0),
    ],
)
def test_the_return_shipping_fee_is_taken_once_and_never_for_a_sellers_fault(
    claims: list[RefundableUnit], taken: bool, before: bool, fee: int
) -> None:
    settled = settle(claims, FEES, cap=10**9, per_return=per_return(FEES, taken=taken, sellers_fault=before))
    assert settled.breakdown.return_shipping_fee == fee


def tender(tender_id: str, kind: TenderKind, captured: int, refunded: int = 0) -> Tender:
    return Tender(tender_id=tender_id, kind=kind, captured=captured, refunded=refunded)


TENDERS = [
    tender("card", TenderKind.CARD, 5000, 1000),
    tender("gift 1", TenderKind.GIFT_CARD, 700),
    tender("gift 2", TenderKind.GIFT_CARD, 300),
]
ORDER = MoneyRules().tender_order


@pytest.mark.parametrize(
    ("amount", "already", "parts"),
    [
        (0, {}, []),
        (600, {}, [("gift 1", 600)]),
        (701, {}, [("gift 1", 700), ("gift 2", 1)]),
        (5000, {}, [("gift 1", 700), ("gift 2", 300), ("card", 4000)]),
        (500, {"gift 1": 650}, [("gift 1", 50), ("gift 2", 300), ("card", 150)]),
    ],
)
def test_tenders_are_paid_back_in_the_policys_order(
    amount: int, already: dict[str, int], parts: list[tuple[str, int]]
) -> None:
    assert allocate(amount, TENDERS, ORDER, already) == parts


def test_more_than_the_tenders_hold_is_an_error() -> None:
    with pytest.raises(ValueError, match="1 less"):
        allocate(5001, TENDERS, ORDER, {})


@pytest.mark.parametrize(("inclusive", "expected"), [(False, 890), (True, 800)])
def test_original_shipping(inclusive: bool, expected: int) -> None:
    shipping = {"price": 900, "discount": 100, "tax": 90}
    tenders = [{"tender_id": "t1", "kind": "card", "captured": 16000}]
    order = request(shipping=shipping, prices_include_tax=inclusive, tenders=tenders).order
    assert original_shipping(order) == expected


@given(
    st.lists(st.tuples(st.sampled_from(TenderKind), st.integers(0, 5000), st.integers(0, 5000)), max_size=5),
    st.permutations(list(TenderKind)),
    st.data(),
)
def test_tenders_get_exactly_the_amount_and_none_more_than_it_holds(
    made: list[tuple[TenderKind, int, int]], order: list[TenderKind], data: st.DataObject
) -> None:
    tenders = [
        tender(str(number), kind, captured, min(refunded, captured))
        for number, (kind, captured, refunded) in enumerate(made)
    ]
    already = {one.tender_id: data.draw(st.integers(0, one.captured - one.refunded)) for one in tenders}
    held = {one.tender_id: one.captured - one.refunded - already[one.tender_id] for one in tenders}
    amount = data.draw(st.integers(0, sum(held.values())))
    parts = allocate(amount, tenders, order, already)
    assert sum(part for _, part in parts) == amount
    assert all(0 < part <= held[tender_id] for tender_id, part in parts)
    kinds = [tenders[int(tender_id)].kind for tender_id, _ in parts]
    assert kinds == sorted(kinds, key=order.index)
