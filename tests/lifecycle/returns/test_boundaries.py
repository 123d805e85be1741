"""The rules of eligibility, approval and money on both sides of their boundaries, to the second and the cent."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Approve, Override, PaymentStatus, TrackingStatus
from lifecycle.contract.policy import MoneyRules, Policy
from lifecycle.contract.request import Reason
from lifecycle.returns import alarms
from lifecycle.returns.aggregate.payment import Payment
from lifecycle.returns.commands import CheckPendingRefunds, SendMail
from lifecycle.returns.decisions import approval, override
from lifecycle.returns.eligibility import Decided, Facts, decide
from lifecycle.returns.fees import unit_fees
from lifecycle.returns.prices import RefundableUnit, UnitPrice
from lifecycle.returns.settlement import payments
from lifecycle.returns.settlement.payments import apply_payment_status
from lifecycle.returns.settlement.settling import credit_expires
from lifecycle.returns.worth import settle
from tests.lifecycle.orders import NOW, per_return, policy, request
from tests.lifecycle.returns.story import BOTH, LATER, Story

NEW_YORK = ZoneInfo("America/New_York")
SECOND = timedelta(seconds=1)
ONE = [{"line_id": "1", "quantity": 1, "reason": "unwanted"}]
#: The order was delivered on 20 November.
WINDOW_ENDS = datetime(2026, 12, 20, 23, 59, 59, tzinfo=NEW_YORK)


def decided(rules: Policy | None = None, now: datetime = NOW, facts: Facts | None = None, **changes: Any) -> Decided:
    return decide(request(**changes), rules or Policy(), facts or Facts(), now)


def rules_of(found: Decided) -> set[str]:
    return {rule.rule.value for rule in found.decision.rules}


def events(story: Story) -> list[str]:
    return [entry.event for entry in story.view.timeline]


def mails(story: Story) -> list[tuple[str, str]]:
    return [(notice.template, notice.to) for notice in story.ret.agenda.waiting(SendMail)]


def at(day: int, hour: int = 23, minute: int = 59, second: int = 59, *, month: int = 12) -> datetime:
    """An instant of the end of 2026 in the shop's zone."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=NEW_YORK)


# Eligibility


@pytest.mark.parametrize(
    ("now", "repair"),
    [
        (datetime(2027, 1, 10, 23, 59, 59, tzinfo=NEW_YORK), []),
        (datetime(2027, 1, 11, 0, 0, 0, tzinfo=NEW_YORK), ["warranty", "window"]),
    ],
)
def test_a_repair_is_in_warranty_until_the_end_of_its_last_day(now: datetime, repair: list[str]) -> None:
    rules = policy(eligibility={"out_of_warranty_repair": "declined"})
    asked: dict[str, Any] = {"items": ONE, "line1": {"warranty_until": "2027-01-10"}}
    found = decided(rules, now, resolution="repair", **asked)
    assert sorted(rules_of(found) & {"warranty", "window"}) == repair
    # The window binds everything else.
    assert rules_of(decided(rules, now, resolution="refund", **asked)) == {"window"}


@pytest.mark.parametrize(
    ("reason", "now", "in_warranty"),
    [
        ("defective", WINDOW_ENDS, True),
        ("defective", WINDOW_ENDS + SECOND, False),
        ("unwanted", WINDOW_ENDS, False),
    ],
)
def test_what_is_defective_within_the_window_is_in_warranty(reason: str, now: datetime, in_warranty: bool) -> None:
    items = [ONE[0] | {"reason": reason}]
    rules = policy(eligibility={"out_of_warranty_repair": "declined"})
    assert ("warranty" not in rules_of(decided(rules, now, resolution="repair", items=items))) == in_warranty


def test_out_of_warranty_a_shop_that_quotes_declines_nothing_for_it() -> None:
    assert "warranty" not in rules_of(decided(resolution="repair", items=ONE))


@pytest.mark.parametrize(("now", "fired"), [(at(20, month=11), set()), (at(21, 0, 0, 0, month=11), {"window"})])
def test_a_window_of_no_days_ends_with_the_day_of_delivery(now: datetime, fired: set[str]) -> None:
    assert rules_of(decided(policy(eligibility={"window_days": 0}), now)) == fired


def test_every_rule_that_stands_in_the_way_is_named_with_its_unit() -> None:
    found = decided(now=WINDOW_ENDS + SECOND, items=ONE, line1={"final_sale": True, "returned_quantity": 3})
    assert [(rule.rule.value, rule.unit_id) for rule in found.decision.rules] == [
        ("window", "1-1"),
        ("final_sale", "1-1"),
        ("already_returned", "1-1"),
    ]


# Approval


@pytest.mark.parametrize(("inclusive", "worth"), [(False, 2 * 3667 + 700), (True, 2 * 3667)])
def test_the_amount_that_is_reviewed_is_after_discount_and_with_tax(inclusive: bool, worth: int) -> None:
    # 12000 less 999 make units of 3667 each; 1050 tax make 350 each.
    line = {"discount_total": 999, "tax_total": 1050}
    tenders = [{"tender_id": "t1", "kind": "card", "captured": 20000}]
    for limit, outcome in ((worth, "allowed"), (worth - 1, "review")):
        found = decided(
            policy(approval={"review_above": limit}), line1=line, tenders=tenders, prices_include_tax=inclusive
        )
        assert found.decision.outcome == outcome


def test_the_reviewer_sees_every_reason() -> None:
    story = Story(policy(approval={"review_above": 7999, "review_after_returns": 1}), facts=Facts(customer_returns=1))
    [entry] = [entry for entry in story.view.timeline if entry.event == "in_review"]
    assert entry.detail
    assert "worth 80.00 USD, an operator looks at more than 79.99 USD" in entry.detail
    assert "1 returns by this customer in the last 90 days" in entry.detail


def test_whoever_reviews_is_reminded_once_a_business_day_is_over() -> None:
    # From Tuesday 24 November; Wednesday is the first business day after it.
    story = Story(policy(approval={"review_above": 7999}))
    story.ret.agenda.withdraw(SendMail)
    story.wait(at(25, month=11) - SECOND)
    assert mails(story) == []
    story.wait(at(25, month=11))
    assert mails(story) == [("review_waits", "operations")]
    story.wait(at(1))
    assert mails(story) == [("review_waits", "operations")]


def test_nobody_is_reminded_of_a_review_that_is_over() -> None:
    story = Story(policy(approval={"review_above": 7999}))
    approval.approve(story.ret, Approve(by="reviewer"), LATER)
    story.go(LATER)
    story.ret.agenda.withdraw(SendMail)
    story.wait(at(25, month=11))
    assert mails(story) == []


@pytest.mark.parametrize("resolution", ["refund", "store_credit"])
def test_kept_goes_before_paid_at_handover(resolution: str) -> None:
    both = {"keep_item_below": 8001, "instant_refund_below": 8001}
    assert Story(policy(approval=both), resolution=resolution).view.goods.state == "kept"
    story = Story(policy(approval=both | {"keep_item_below": 8000}), resolution=resolution)
    assert story.paid == []
    story.scan(TrackingStatus.ACCEPTED)
    assert (story.paid, story.view.goods.state) == ([8000], "in_transit")


def test_nothing_is_below_nothing() -> None:
    free = {"unit_price": 0}
    story = Story(line1=free)
    assert (story.view.goods.state, story.view.status) == ("awaiting", "label_sent")


# Money


@pytest.mark.parametrize(("deduction", "costs"), [("99.9999", (100, 1001)), ("100", (0, 1101))])
def test_only_a_whole_deduction_takes_the_tax_and_spares_the_fee(deduction: str, costs: tuple[int, int]) -> None:
    rules = MoneyRules(
        restocking_fee_percent=Decimal(10),
        condition_deduction_percent=dict.fromkeys(Grade, Decimal(deduction)),
    )
    claim = RefundableUnit("1-1", UnitPrice(net=1001, gross=1101), Reason.UNWANTED, Grade.D)
    fees = unit_fees(claim, rules)
    assert (fees["restocking_fee"], fees["condition_deduction"]) == costs


@pytest.mark.parametrize(("fee", "amount"), [(1100, 1), (1101, 0), (1102, 0)])
def test_fees_never_take_more_than_there_is(fee: int, amount: int) -> None:
    claim = RefundableUnit("1-1", UnitPrice(net=1001, gross=1101), Reason.UNWANTED, Grade.A)
    money = MoneyRules(return_shipping_fee=fee)
    settled = settle([claim], money, cap=10**9, per_return=per_return(money))
    assert (settled.amount, settled.breakdown.return_shipping_fee) == (amount, fee)


@pytest.mark.parametrize(("refunded", "amount"), [(7399, 8000), (7400, 8000), (7401, 7999), (15400, 0)])
def test_no_more_than_captured_less_refunded(refunded: int, amount: int) -> None:
    tenders = [{"tender_id": "t1", "kind": "card", "captured": 15400, "refunded": refunded}]
    story = Story(tenders=tenders)
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A)
    assert (story.view.settlement.amount, sum(story.paid)) == (amount, amount)
    assert (story.view.settlement.breakdown.units, story.view.status) == (8000, "refunded")


@pytest.mark.parametrize(
    ("card", "paid"),
    [
        (11000, [("gift", 5000, "failed"), ("card", 3000, "succeeded"), ("card", 5000, "succeeded")]),
        (7999, [("gift", 5000, "failed"), ("card", 3000, "succeeded")]),
    ],
)
def test_the_next_tender_pays_all_of_it_or_nothing(card: int, paid: list[tuple[str, int, str]]) -> None:
    tenders = [
        {"tender_id": "gift", "kind": "gift_card", "captured": 5000},
        {"tender_id": "card", "kind": "card", "captured": 11000, "refunded": 11000 - card},
    ]
    story = Story(policy(money={"on_refund_failure": "next_tender"}), tenders=tenders)
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A)
    apply_payment_status(story.ret, story.ret.money.payments[0], PaymentStatus.FAILED, LATER)
    story.go(LATER)
    assert [(one.tender_id, one.amount, one.state) for one in story.ret.money.payments] == paid
    assert bool(story.ret.open_steps) == (len(paid) < 3)


@pytest.mark.parametrize(
    ("days", "expires"), [(0, None), (1, at(25, month=11)), (365, datetime(2027, 11, 24, 23, 59, 59, tzinfo=NEW_YORK))]
)
def test_store_credit_lasts_to_the_end_of_its_last_day(days: int, expires: datetime | None) -> None:
    story = Story(policy(money={"store_credit_valid_days": days}), resolution="store_credit")
    assert credit_expires(story.ret, NOW) == expires


def test_a_pending_refund_is_asked_after_soon_and_then_once_a_day() -> None:
    ret, payment, now, waits = Story().ret, Payment("t1", 8000), NOW, []
    for _ in range(8):
        payments.payment_answered(ret, payment, PaymentStatus.PENDING, "re_1", now)
        due = ret.dates.ask_payment
        assert due
        waits.append((due - now) / timedelta(hours=1))
        asked = []
        for moment in (due - SECOND, due):
            alarms.fire_due_deadlines(ret, moment)
            asked.append(ret.agenda.has(CheckPendingRefunds))
        assert asked == [False, True]
        ret.agenda.withdraw(CheckPendingRefunds)
        now = due
    assert waits == [1, 2, 4, 8, 16, 24, 24, 24]


@pytest.mark.parametrize(("value", "right"), [(15400, True), (15401, False), (0, True), (-1, False)])
def test_an_amount_by_hand_is_at_most_what_was_captured(value: int, right: bool) -> None:
    story = Story()
    message = Override(by="operator", why="goodwill", field="amount", value=value)
    if right:
        override.override(story.ret, message, NOW)
        story.receive(BOTH)
        story.inspect(u1_1=Grade.A, u1_2=Grade.A)
        assert sum(story.paid) == value
        return
    with pytest.raises(Refused, match="from 0 to 15400"):
        override.check_override(story.ret, message)
