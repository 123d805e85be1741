"""Keep the item, settle at handover, store credit and its bonus: decided by the policy alone."""

from decimal import Decimal

import pytest

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import (
    Approve,
    InspectedUnit,
    Inspection,
    Override,
    PaymentStatus,
    Receipt,
    TrackingEvent,
)
from lifecycle.returns import closing
from lifecycle.returns.advance import advance
from lifecycle.returns.aggregate.parcels import Parcel
from lifecycle.returns.commands import Pay, ProvideHandover, SendMail
from lifecycle.returns.decisions import approval, override
from lifecycle.returns.eligibility import ClaimedUnit, Facts
from lifecycle.returns.goods import handover, reception
from lifecycle.returns.settlement import payments
from lifecycle.returns.snapshot import restore, snapshot
from lifecycle.returns.state import Return
from lifecycle.returns.views.return_view import summary_of, view_of
from tests.lifecycle.orders import NOW, body, opened, policy
from tests.lifecycle.returns.story import take

#: Two shoes of 40.00 each come back in the usual request.
WORTH = 8000


def after_opening(**sections: dict[str, object]) -> Return:
    ret = opened(policy(**sections))
    advance(ret, NOW)
    return ret


def handed_over(ret: Return) -> Return:
    handover.label_bought(ret, Parcel("HW1", None, "buy_return_label"), NOW)
    event = {"event_id": "e1", "tracking_code": "HW1", "status": "accepted", "at": NOW}
    handover.track(ret, TrackingEvent.model_validate(event), NOW)
    advance(ret, NOW)
    return ret


def pay_all(ret: Return) -> None:
    while ret.agenda.has(Pay):
        payment = take(ret, Pay).payment
        payments.payment_answered(ret, payment, PaymentStatus.SUCCEEDED, f"re-{payment.tender_id}", NOW)
    advance(ret, NOW)


def test_below_the_bound_the_item_is_paid_and_kept() -> None:
    ret = after_opening(approval={"keep_item_below": WORTH + 1})
    assert not ret.agenda.has(ProvideHandover)
    pay_all(ret)
    view = view_of(ret)
    assert (view.status, view.goods.state, view.settlement.amount) == ("refunded", "kept", WORTH)
    assert {(unit.reception, unit.acceptance, unit.refund) for unit in view.units} == {
        ("not_expected", "accepted", 4000)
    }


def test_at_the_bound_the_item_has_to_come_back() -> None:
    ret = after_opening(approval={"keep_item_below": WORTH})
    assert ret.agenda.has(ProvideHandover)
    assert view_of(ret).status == "requested"


def test_kept_items_pay_no_fee() -> None:
    ret = after_opening(
        approval={"keep_item_below": WORTH}, money={"restocking_fee_percent": 10, "return_shipping_fee": 500}
    )
    pay_all(ret)
    breakdown = view_of(ret).settlement.breakdown
    assert (breakdown.units, breakdown.restocking_fee, breakdown.return_shipping_fee) == (WORTH, 0, 0)


def test_a_kept_return_is_done_once_it_is_paid() -> None:
    ret = after_opening(approval={"keep_item_below": WORTH + 1})
    assert not closing.may_close(ret)
    pay_all(ret)
    ret.agenda.withdraw(SendMail)
    assert closing.may_close(ret)


def test_review_comes_before_keeping() -> None:
    ret = after_opening(approval={"keep_item_below": WORTH + 1, "review_above": WORTH - 1})
    assert view_of(ret).status == "in_review"
    assert not ret.money.begun
    approval.approve(ret, Approve(by="reviewer"), NOW)
    advance(ret, NOW)
    assert view_of(ret).goods.state == "kept"


def test_a_declined_unit_beside_a_kept_one_is_worth_nothing() -> None:
    facts = Facts(claimed={"1-1": ClaimedUnit("R-0"), "1-2": ClaimedUnit("R-0")})
    ret = opened(policy(approval={"keep_item_below": 5000}), facts)
    advance(ret, NOW)
    pay_all(ret)
    assert [unit.refund for unit in view_of(ret).units] == [4000, 0]
    assert view_of(ret).settlement.amount == 4000


def test_below_the_bound_it_is_settled_at_handover() -> None:
    ret = after_opening(approval={"instant_refund_below": WORTH + 1})
    assert not ret.money.begun
    handed_over(ret)
    pay_all(ret)
    assert view_of(ret).status == "refunded"
    assert not closing.may_close(ret), "the goods are still to come"


def test_at_the_bound_it_is_settled_after_inspection() -> None:
    ret = handed_over(after_opening(approval={"instant_refund_below": WORTH}))
    assert view_of(ret).status == "in_transit"
    assert not ret.money.begun


def test_a_worse_grade_after_an_instant_refund_is_a_shortfall() -> None:
    ret = handed_over(after_opening(approval={"instant_refund_below": WORTH + 1}))
    pay_all(ret)
    receipt = {"receipt_id": "r1", "complete": True, "units": [{"line_id": "1", "quantity": 2}]}
    reception.receive(ret, Receipt.model_validate(receipt), NOW)
    units = [InspectedUnit(unit_id="1-1", grade=Grade.A), InspectedUnit(unit_id="1-2", grade=Grade.D)]
    reception.inspect(ret, Inspection(inspection_id="i1", units=units), NOW)
    advance(ret, NOW)
    assert [entry.detail for entry in ret.timeline if entry.event == "shortfall"] == ["1-2: paid as grade A, grade D"]
    assert view_of(ret).settlement.amount == WORTH
    assert not ret.agenda.has(Pay)


@pytest.mark.parametrize(("percent", "bonus"), [("0", 0), ("10", 800), ("12.5", 1000), ("0.01", 1)])
def test_store_credit_is_the_capped_amount_and_its_bonus(percent: str, bonus: int) -> None:
    rules = policy(money={"store_credit_bonus_percent": Decimal(percent)}, approval={"keep_item_below": WORTH + 1})
    ret = opened(rules, resolution="store_credit")
    advance(ret, NOW)
    pay_all(ret)
    settlement = view_of(ret).settlement
    assert (settlement.amount, settlement.breakdown.bonus) == (WORTH + bonus, bonus)
    assert [(paid.tender_id, paid.amount) for paid in settlement.paid] == [("store_credit", WORTH + bonus)]
    assert view_of(ret).status == "credited"


def test_the_bonus_does_not_count_as_paid_back() -> None:
    """Units that are settled later still get all that was captured for them."""
    tenders = [{"tender_id": "t1", "kind": "card", "captured": 15400, "refunded": 7400}]
    ret = opened(policy(money={"store_credit_bonus_percent": 50}), resolution="store_credit", tenders=tenders)
    handed_over(ret)
    for number in (1, 2):
        receipt = {"receipt_id": f"r{number}", "complete": number == 2, "units": [{"line_id": "1"}]}
        reception.receive(ret, Receipt.model_validate(receipt), NOW)
    ret.units[1].reception = ret.units[1].reception.MISSING
    reception.inspect(ret, Inspection(inspection_id="i1", units=[InspectedUnit(unit_id="1-1", grade=Grade.A)]), NOW)
    advance(ret, NOW)
    pay_all(ret)
    assert view_of(ret).settlement.amount == 6000
    receipt = {"receipt_id": "r3", "units": [{"line_id": "1"}]}
    reception.receive(ret, Receipt.model_validate(receipt), NOW)
    reception.inspect(ret, Inspection(inspection_id="i2", units=[InspectedUnit(unit_id="1-2", grade=Grade.A)]), NOW)
    advance(ret, NOW)
    pay_all(ret)
    assert view_of(ret).settlement.amount == 12000


def test_a_refused_refund_becomes_store_credit_where_the_policy_says_so() -> None:
    rules = policy(money={"on_refund_failure": "store_credit"}, approval={"keep_item_below": WORTH + 1})
    ret = opened(rules)
    advance(ret, NOW)
    payments.payment_answered(ret, take(ret, Pay).payment, PaymentStatus.FAILED, "re_1", NOW)
    assert [(paid.tender_id, paid.state) for paid in view_of(ret).settlement.paid] == [("t1", "failed")]
    pay_all(ret)
    view = view_of(ret)
    assert [(paid.tender_id, paid.amount, paid.state) for paid in view.settlement.paid] == [
        ("t1", WORTH, "failed"),
        ("store_credit", WORTH, "succeeded"),
    ]
    assert (view.status, view.settlement.state, view.attention) == ("refunded", "settled", None)


def test_an_operator_may_change_what_the_customer_gets_until_it_is_settled() -> None:
    ret = handed_over(after_opening())
    message = Override(by="support", why="asked for it", field="resolution", value="store_credit")
    override.override(ret, message, NOW)
    assert view_of(ret).settlement.resolution == "store_credit"
    assert [entry.event for entry in ret.timeline][-1] == "overridden"
    reception.receive(
        ret,
        Receipt.model_validate({"receipt_id": "r", "complete": True, "units": [{"line_id": "1", "quantity": 2}]}),
        NOW,
    )
    graded = [InspectedUnit(unit_id=unit, grade=Grade.A) for unit in ("1-1", "1-2")]
    reception.inspect(ret, Inspection(inspection_id="i", units=graded), NOW)
    advance(ret, NOW)
    with pytest.raises(Refused):
        override.override(ret, message, NOW)


def test_a_changed_resolution_is_still_known_in_a_later_run() -> None:
    ret = handed_over(after_opening())
    override.override(ret, Override(by="s", why="w", field="resolution", value="store_credit"), NOW)
    again = restore(body(), snapshot(ret))
    assert summary_of(again) == summary_of(ret)
    assert again.request == ret.request
