"""What the settlement counts and pays, rule by rule (CONTRACT sections 3, 5 and 7)."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Decline, Inspection, Override, PaymentEvent, PaymentStatus, TrackingStatus
from lifecycle.contract.resolutions import Resolution
from lifecycle.returns.advance import advance
from lifecycle.returns.commands import BookStock, Pay
from lifecycle.returns.decisions import approval, override
from lifecycle.returns.goods import reception
from lifecycle.returns.settlement import payments, units_back
from lifecycle.returns.settlement.payments import apply_payment_status
from tests.lifecycle.orders import NOW, policy
from tests.lifecycle.returns.story import BOTH, EVERYTHING, LATER, LIMIT, SHOE, TWO, Story, take


def test_one_settlement_when_every_awaited_unit_is_judged() -> None:
    story = Story()
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A)
    assert story.paid == []
    story.inspect(u1_2=Grade.C)
    assert story.paid == [4000 + 2800]
    assert [unit.refund for unit in story.view.units] == [4000, 2800]
    assert story.view.status == "refunded"


def test_what_is_owed_counts_ungraded_units_as_a() -> None:
    story = Story()
    assert story.view.settlement.amount == 8000
    story.receive(BOTH)
    story.inspect(u1_1=Grade.C)
    assert story.view.settlement.amount == 2800 + 4000


def test_lost_units_are_settled_at_once_when_no_other_is_awaited() -> None:
    story = Story(policy(money={"return_shipping_fee": 500}))
    story.scan(TrackingStatus.ACCEPTED)
    story.scan(TrackingStatus.LOST)
    assert (story.paid, story.view.goods.state) == ([8000], "lost")
    assert {unit.acceptance.value for unit in story.view.units} == {"accepted"}


def test_lost_units_wait_for_a_unit_that_was_received() -> None:
    story = Story()
    story.receive(SHOE)
    story.scan(TrackingStatus.LOST, LATER, LATER)
    assert (story.paid, story.receptions) == ([], ["received", "lost"])
    story.inspect(u1_1=Grade.A)
    assert story.paid == [8000]


def test_a_missing_unit_is_paid_when_it_comes() -> None:
    story = Story()
    story.receive(SHOE, complete=True)
    story.inspect(u1_1=Grade.A)
    assert (story.paid, story.receptions) == ([4000], ["received", "missing"])
    story.receive(SHOE)
    story.inspect(u1_2=Grade.C)
    assert (story.paid, story.view.settlement.amount) == ([4000, 2800], 6800)


def test_a_missing_unit_is_paid_by_override() -> None:
    story = Story()
    story.receive(SHOE, complete=True)
    story.inspect(u1_1=Grade.A)
    change = Override(by="operator", why="seen in the store", unit_id="1-2", field="acceptance", value="accepted")
    override.override(story.ret, change, LATER)
    story.go(LATER)
    assert story.paid == [4000, 4000]


def test_what_is_paid_is_never_taken_back() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    story.wait()
    story.receive(BOTH, now=LIMIT)
    story.inspect(u1_1=Grade.D, u1_2=None, now=LIMIT)
    assert story.paid == [8000]
    assert [entry.event for entry in story.view.timeline].count("shortfall") == 2
    with pytest.raises(Refused, match="settled and graded already"):
        story.inspect(u1_1=Grade.A, now=LIMIT)


def test_all_rejected_is_rejected_and_pays_nobody() -> None:
    story = Story()
    story.receive(BOTH)
    story.inspect(u1_1=None, u1_2=None)
    assert (story.view.status, story.paid, story.view.settlement.amount) == ("rejected", [], 0)
    assert {unit.disposition for unit in story.view.units} == {"return_to_customer"}


def test_an_amount_of_nothing_pays_nobody_and_ends_as_refunded() -> None:
    story = Story()
    story.receive(BOTH)
    story.inspect(u1_1=Grade.D, u1_2=Grade.D)
    assert (story.view.status, story.paid) == ("refunded", [])


@pytest.mark.parametrize(
    ("rule", "items", "shipping"),
    [
        ("always", TWO, 900),
        ("never", EVERYTHING, 0),
        ("seller_fault", EVERYTHING, 900),
        ("seller_fault", TWO, 0),
        ("seller_fault", [item | {"reason": "color"} for item in EVERYTHING], 0),
    ],
)
def test_original_shipping_goes_back_when_the_policy_says_so(
    rule: str, items: list[dict[str, Any]], shipping: int
) -> None:
    story = Story(policy(money={"refund_original_shipping": rule}), items=items)
    assert story.view.settlement.breakdown.shipping == shipping
    story.receive({"line_id": "1", "quantity": 3}, {"line_id": "2"})
    for unit in story.view.units:
        story.inspect(LATER, **{f"u{unit.unit_id.replace('-', '_')}": Grade.A})
    assert story.view.settlement.breakdown.shipping == shipping


def test_a_rejected_unit_keeps_the_original_shipping_back() -> None:
    story = Story(items=EVERYTHING)
    story.receive({"line_id": "1", "quantity": 3}, {"line_id": "2"})
    story.inspect(u1_1=Grade.A, u1_2=Grade.A, u1_3=Grade.A, u2_1=None)
    assert story.paid == [12000]


def test_the_return_shipping_fee_is_taken_once_over_two_settlements() -> None:
    story = Story(policy(money={"return_shipping_fee": 500}))
    story.receive(SHOE, complete=True)
    story.inspect(u1_1=Grade.A)
    story.receive(SHOE)
    story.inspect(u1_2=Grade.A)
    assert story.paid == [3500, 4000]


def test_more_than_expected_is_taken_and_listed_unpaid() -> None:
    story = Story()
    story.receive({"line_id": "1", "quantity": 5}, {"line_id": "9"})
    assert [(extra.line_id, extra.quantity) for extra in story.view.extras] == [("1", 3), ("9", 1)]
    assert story.view.settlement.amount == 8000


def test_a_serial_number_of_the_line_takes_its_next_unit() -> None:
    story = Story()
    story.receive(SHOE | {"serial_number": "S-2"}, SHOE | {"serial_number": "other"})
    assert story.receptions == ["received", "wrong_item"]
    assert [unit.acceptance for unit in story.view.units] == ["pending", "manual_review"]
    story.inspect(u1_1=Grade.A, u1_2=Grade.A)
    assert (story.paid, story.receptions) == ([8000], ["received", "received"])


def test_a_unit_may_be_graded_again_while_it_is_unpaid() -> None:
    story = Story()
    story.receive(BOTH)
    story.inspect(u1_1=None)
    story.inspect(u1_1=Grade.B)
    story.inspect(u1_2=Grade.A)
    assert story.paid == [8000]


def test_an_earlier_scan_that_comes_later_moves_the_deadlines() -> None:
    story = Story()
    now = NOW + timedelta(days=6)
    story.scan(TrackingStatus.DELIVERED, now, now)
    late = story.view.deadlines.target
    story.scan(TrackingStatus.ACCEPTED, NOW + timedelta(days=1), now)
    early = story.view.deadlines.target
    assert late
    assert early
    assert early < late


@pytest.mark.parametrize(("starts_on", "running"), [("requested", [True] * 3), ("handover", [False, True, True]),
                                                    ("received", [False, False, True])])  # fmt: skip
def test_the_clock_starts_when_the_policy_says(starts_on: str, running: list[bool]) -> None:
    story = Story(policy(clock={"starts_on": starts_on}))
    seen = [story.view.deadlines.target is not None]
    story.scan(TrackingStatus.ACCEPTED)
    seen.append(story.view.deadlines.target is not None)
    story.receive(SHOE)
    seen.append(story.view.deadlines.target is not None)
    assert seen == running


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"field": "colour", "value": 1}, "field: "),
        ({"field": "amount", "value": -1}, "minor units"),
        ({"field": "amount", "value": 15401}, "minor units"),
        ({"field": "amount", "value": 12.5}, "minor units"),
        ({"field": "method", "value": "pigeon"}, "expected one of"),
        ({"field": "resolution", "value": "exchange"}, "exchange for"),
        ({"field": "ship_by", "value": "soon"}, "value: "),
        ({"unit_id": "9-9", "field": "grade", "value": "A"}, "no unit 9-9"),
        ({"unit_id": "1-1", "field": "grade", "value": "E"}, "value: "),
        ({"unit_id": "1-1", "field": "price", "value": 1}, "field: "),
    ],
)
def test_an_override_that_makes_no_sense_is_refused(change: dict[str, Any], reason: str) -> None:
    story = Story()
    before = story.view
    with pytest.raises(Refused, match=reason):
        override.override(story.ret, Override.model_validate({"by": "x", "why": "y"} | change), NOW)
    assert story.view == before


def test_a_paid_unit_is_not_overridden() -> None:
    story = Story()
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A)
    change = Override(by="x", why="y", unit_id="1-1", field="grade", value="B")
    with pytest.raises(Refused, match="paid already"):
        override.override(story.ret, change, LATER)


CARDS = [
    {"tender_id": "gift", "kind": "gift_card", "captured": 5000},
    {"tender_id": "card", "kind": "card", "captured": 10400},
]


@pytest.mark.parametrize(
    ("rule", "tenders", "parts"),
    [
        ("next_tender", CARDS, [("gift", 5000, "failed"), ("card", 3000, "planned"), ("card", 5000, "planned")]),
        ("attention", CARDS, [("gift", 5000, "failed"), ("card", 3000, "planned")]),
        ("next_tender", [CARDS[0] | {"captured": 15400}], [("gift", 8000, "failed")]),
    ],
)
def test_a_refund_that_fails_goes_to_the_next_tender_or_to_an_operator(
    rule: str, tenders: list[dict[str, Any]], parts: list[tuple[str, int, str]]
) -> None:
    story = Story(policy(money={"on_refund_failure": rule}), tenders=tenders)
    story.receive(BOTH)
    inspection = {"inspection_id": "i", "units": [{"unit_id": name, "grade": "A"} for name in ("1-1", "1-2")]}
    reception.inspect(story.ret, Inspection.model_validate(inspection), LATER)
    advance(story.ret, LATER)
    payment = take(story.ret, Pay).payment
    payments.payment_answered(story.ret, payment, PaymentStatus.PENDING, "re_1", LATER)
    apply_payment_status(story.ret, payment, PaymentStatus.FAILED, LATER)
    assert [(paid.tender_id, paid.amount, paid.state) for paid in story.ret.money.payments] == parts
    assert bool(story.ret.open_steps) == (len(parts) < 3)
    assert "refund_failed" in [entry.event for entry in story.view.timeline]


def test_a_grade_by_override_sends_the_unit_where_its_grade_does() -> None:
    story = Story()
    story.receive(BOTH)
    story.ret.agenda.withdraw(BookStock)
    change = Override(by="x", why="y", unit_id="1-1", field="grade", value="B")
    override.override(story.ret, change, LATER)
    assert story.view.units[0].disposition == "open_box"
    assert [booking.unit_ids for booking in story.ret.agenda.waiting(BookStock)] == [("1-1",)]


def test_units_of_a_return_that_an_operator_declined_are_not_expected() -> None:
    story = Story(policy(approval={"review_above": 100}))
    approval.decline(story.ret, Decline(by="reviewer", reason="no"), NOW)
    assert {(unit.reception, unit.acceptance, unit.refund) for unit in story.view.units} == {
        ("not_expected", "rejected", 0)
    }


@pytest.mark.parametrize("early", [True, False])
def test_a_refund_that_the_provider_says_has_failed_is_never_taken_as_settled(early: bool) -> None:
    story = Story()
    story.receive(BOTH)
    raw = {"inspection_id": "i", "units": [{"unit_id": name, "grade": "A"} for name in ("1-1", "1-2")]}
    reception.inspect(story.ret, Inspection.model_validate(raw), LATER)
    advance(story.ret, LATER)
    payment = take(story.ret, Pay).payment
    if early:
        story.ret.money.early_news["re_1"] = PaymentStatus.FAILED
    status = PaymentStatus.SUCCEEDED if early else PaymentStatus.FAILED
    payments.payment_answered(story.ret, payment, status, "re_1", LATER)
    advance(story.ret, LATER)
    assert (story.view.status, story.view.settlement.state) == ("settling", "failed")
    assert [parked.step for parked in story.ret.open_steps] == ["refund"]


def test_one_serial_number_is_one_piece() -> None:
    story = Story()
    story.receive(SHOE | {"serial_number": "S-1"})
    story.receive(SHOE | {"serial_number": "S-1"})
    assert story.receptions == ["received", "awaiting"]
    assert [(extra.quantity, extra.serial_number) for extra in story.view.extras] == [(1, "S-1")]
    with pytest.raises(ValueError, match="quantity of 1"):
        story.receive({"line_id": "1", "quantity": 2, "serial_number": "S-2"})


def test_a_rejected_unit_goes_back_or_is_disposed_of() -> None:
    story = Story()
    story.receive(BOTH)
    unit = {"unit_id": "1-1", "accepted": False, "disposition": "restock"}
    inspection = Inspection.model_validate({"inspection_id": "i", "units": [unit]})
    with pytest.raises(Refused, match=r"units.0.disposition: expected return_to_customer or dispose"):
        reception.inspect(story.ret, inspection, LATER)


def test_an_accepted_unit_never_goes_back_to_the_customer_who_is_paid_for_it() -> None:
    story = Story()
    story.receive(BOTH)
    home = {"unit_id": "1-1", "grade": "A", "disposition": "return_to_customer"}
    units = [{"unit_id": "1-2", "accepted": False}, home]
    inspection = Inspection.model_validate({"inspection_id": "i", "units": units})
    with pytest.raises(Refused, match=r"units.1.disposition: expected one of restock, .* for an accepted unit"):
        reception.check_inspection(story.ret, inspection)


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("early", [True, False])
def test_events_of_a_refund_may_come_in_any_order(order: tuple[int, ...], early: bool) -> None:
    story = Story()
    story.receive(BOTH)
    raw = {"inspection_id": "i", "units": [{"unit_id": name, "grade": "A"} for name in ("1-1", "1-2")]}
    reception.inspect(story.ret, Inspection.model_validate(raw), LATER)
    advance(story.ret, LATER)
    payment = take(story.ret, Pay).payment
    if not early:
        payments.payment_answered(story.ret, payment, PaymentStatus.PENDING, "re_1", LATER)
    told = [("pending", 0), ("succeeded", 1), ("failed", 2)]
    for status, seconds in [told[number] for number in order]:
        at = LATER + timedelta(seconds=seconds)
        event = {"event_id": status, "reference": "re_1", "status": status, "at": at}
        payments.apply_payment_event(story.ret, PaymentEvent.model_validate(event), LATER)
    if early:
        payments.payment_answered(story.ret, payment, PaymentStatus.SUCCEEDED, "re_1", LATER)
    advance(story.ret, LATER)
    assert (story.view.settlement.state, story.view.settlement.paid[0].state) == ("failed", "failed")
    assert [parked.step for parked in story.ret.open_steps] == ["refund"]


def _back(story: Story) -> list[bool]:
    return [units_back.is_back(story.ret, unit) for unit in story.ret.units]


def test_only_what_was_accepted_for_money_or_lost_is_back() -> None:
    """The order's original shipping waits for all of its units: the customer has the others, or something for them."""
    rejected = Story()
    rejected.receive(BOTH)
    verdicts = [{"unit_id": "1-1", "grade": "D"}, {"unit_id": "1-2", "accepted": False, "disposition": "dispose"}]
    reception.inspect(rejected.ret, Inspection.model_validate({"inspection_id": "i", "units": verdicts}), LATER)
    rejected.go(LATER)
    assert _back(rejected) == [True, False]
    missing = Story()
    missing.receive(SHOE, complete=True)
    missing.inspect(u1_1=Grade.A)
    assert _back(missing) == [True, False]
    lost = Story()
    lost.scan(TrackingStatus.LOST)
    assert _back(lost) == [True, True]
    for instead in (Resolution.REPLACEMENT, Resolution.EXCHANGE, Resolution.REPAIR):
        lost.ret.units[0].remedy = instead
        assert _back(lost) == [False, True]
