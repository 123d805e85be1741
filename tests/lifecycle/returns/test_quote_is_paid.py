"""What a quote says is what is then paid, whatever comes back in which condition."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.contract.grades import Grade
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Reason
from lifecycle.returns.decisions.quote import quote
from tests.lifecycle.orders import NOW, body
from tests.lifecycle.returns.story import LATER, Story

PERCENT = st.decimals(0, 100, places=1).map(float)
MONEY = st.fixed_dictionaries(
    {
        "refund_original_shipping": st.sampled_from(["seller_fault", "never", "always"]),
        "restocking_fee_percent": PERCENT,
        "return_shipping_fee": st.integers(0, 2000),
        "condition_deduction_percent": st.fixed_dictionaries({grade.value: PERCENT for grade in Grade}),
    }
)
LINE = {
    "unit_price": st.integers(1000, 9000),
    "discount_total": st.integers(0, 900),
    "tax_total": st.integers(0, 900),
}


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    """An order of three shoes and a lamp, paid by two tenders, and what of it comes back."""
    shoe = {key: draw(values) for key, values in LINE.items()}
    inclusive = draw(st.booleans())
    total = 3 * shoe["unit_price"] - shoe["discount_total"] + 2500 + 900
    total += 0 if inclusive else shoe["tax_total"]
    gift = draw(st.integers(0, total))
    tenders = [
        {"tender_id": "gift", "kind": "gift_card", "captured": gift},
        {"tender_id": "card", "kind": "card", "captured": total - gift},
    ]
    reasons = st.sampled_from([reason.value for reason in Reason])
    items = [{"line_id": "1", "quantity": draw(st.integers(1, 3)), "reason": draw(reasons)}]
    if draw(st.booleans()):
        items.append({"line_id": "2", "quantity": 1, "reason": draw(reasons)})
    return body(line1=shoe, prices_include_tax=inclusive, tenders=tenders, items=items)


@settings(max_examples=150)
@given(orders(), MONEY, st.lists(st.sampled_from(Grade), min_size=2, max_size=2))
def test_a_quote_is_what_is_paid(raw: dict[str, Any], money: dict[str, Any], grades: list[Grade]) -> None:
    graded = [item | {"grade": grade.value} for item, grade in zip(raw["items"], grades, strict=False)]
    rules = {**money, "restocking_fee_percent": Decimal(str(money["restocking_fee_percent"]))}
    policy = Policy.model_validate({"money": rules})
    promised = quote(raw | {"items": graded}, policy, NOW)

    story = Story(policy, **{key: raw[key] for key in ("items",)}, **raw["order"])
    story.receive(*({"line_id": item["line_id"], "quantity": item["quantity"]} for item in raw["items"]))
    of_line = {item["line_id"]: grade for item, grade in zip(raw["items"], grades, strict=False)}
    for unit in story.view.units:
        story.inspect(LATER, **{f"u{unit.unit_id.replace('-', '_')}": of_line[unit.line_id]})
    settlement = story.view.settlement
    assert (settlement.amount, settlement.breakdown) == (promised.amount, promised.breakdown)
    paid = [(paid.tender_id, paid.amount) for paid in settlement.paid]
    assert paid == [(paid.tender_id, paid.amount) for paid in promised.paid]
    assert sum(amount for _, amount in paid) == settlement.amount
