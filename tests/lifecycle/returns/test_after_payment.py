"""Units that come, are lost or are judged after they were paid, and those an operator has to look at."""

from datetime import timedelta

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Inspection, PaymentStatus, TrackingStatus
from lifecycle.returns.commands import FileLossClaim
from lifecycle.returns.goods import reception
from lifecycle.returns.settlement.payments import apply_payment_status
from tests.lifecycle.orders import policy
from tests.lifecycle.returns.story import BOTH, EVERYTHING, LIMIT, SHOE, Story


def test_a_unit_under_review_by_an_operator_is_not_paid_at_the_limit() -> None:
    story = Story()
    story.receive(BOTH)
    story.change("acceptance", "manual_review", "1-1")
    story.wait()
    assert story.paid == [4000]
    assert story.view.attention
    assert story.view.attention.error.endswith(": 1-1")
    story.change("acceptance", "accepted", "1-1", LIMIT)
    assert story.paid == [4000, 4000]
    assert story.ret.open_steps == []


def test_a_graded_unit_put_under_review_is_not_settled() -> None:
    story = Story()
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A)
    story.change("acceptance", "manual_review", "1-1")
    story.inspect(u1_2=Grade.A)
    assert (story.paid, story.view.settlement.amount) == ([], 4000)


def test_a_complete_receipt_makes_a_unit_missing_that_was_paid_on_its_way() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    story.wait()
    story.receive(SHOE, complete=True, now=LIMIT)
    assert (story.paid, story.receptions) == ([8000], ["received", "missing"])


def test_units_that_were_paid_on_their_way_and_then_lost_are_claimed_from_the_carrier() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    story.wait()
    story.scan(TrackingStatus.LOST, LIMIT, LIMIT)
    assert (story.paid, story.receptions) == ([8000], ["lost", "lost"])
    assert [lost.amount for lost in story.ret.agenda.waiting(FileLossClaim)] == [8000]


def test_a_paid_unit_that_comes_with_a_wrong_serial_number_is_received_once_accepted() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    story.wait()
    story.receive(SHOE | {"serial_number": "other"}, now=LIMIT)
    assert story.receptions[0] == "wrong_item"
    story.inspect(u1_1=Grade.B, now=LIMIT)
    assert (story.paid, story.receptions[0]) == ([8000], "received")


def test_a_paid_unit_that_is_rejected_shows_it_and_keeps_its_refund() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    story.wait()
    story.receive(BOTH, now=LIMIT)
    verdict = {"unit_id": "1-1", "accepted": False, "grade": "D"}
    reception.inspect(story.ret, Inspection.model_validate({"inspection_id": "i", "units": [verdict]}), LIMIT)
    unit = story.view.units[0]
    assert (unit.acceptance, unit.refund, unit.disposition) == ("rejected", 4000, "return_to_customer")
    assert (story.view.status, story.view.settlement.amount) == ("refunded", 8000)


def test_a_unit_worth_nothing_is_back_for_the_original_shipping() -> None:
    story = Story(items=EVERYTHING)
    story.receive({"line_id": "1", "quantity": 3}, complete=True)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A, u1_3=Grade.A)
    story.receive({"line_id": "2"})
    story.inspect(u2_1=Grade.D)
    assert story.paid == [12000, 900]


def test_nothing_is_paid_twice_when_one_refund_waits_and_another_is_paid_outside() -> None:
    tenders = [
        {"tender_id": "gift", "kind": "gift_card", "captured": 1500},
        {"tender_id": "card", "kind": "card", "captured": 13900},
    ]
    story = Story(tenders=tenders)
    story.receive(SHOE, SHOE | {"serial_number": "other"})
    story.wait()
    gift = story.ret.money.payments[0]
    apply_payment_status(story.ret, gift, PaymentStatus.FAILED, LIMIT)
    story.resolve("mark_done", "by hand")
    assert [step.step for step in story.ret.open_steps] == ["refund"]
    story.resolve("retry")
    held: dict[str, int] = {}
    for paid in story.view.settlement.paid:
        held[paid.tender_id] = held.get(paid.tender_id, 0) + paid.amount
    assert held == {"gift": 1500, "card": 6500}


def test_all_missing_pays_nothing_and_a_unit_that_comes_is_paid() -> None:
    story = Story()
    story.receive(complete=True)
    assert (story.view.status, story.paid, story.receptions) == ("label_sent", [], ["missing", "missing"])
    story.receive(SHOE)
    story.inspect(u1_1=Grade.A)
    assert story.paid == [4000]


def test_goods_on_their_way_that_an_operator_left_unpaid_are_looked_at_again() -> None:
    story = Story(policy(clock={"on_limit": "attention"}))
    story.scan(TrackingStatus.ACCEPTED)
    story.wait()
    story.resolve("skip")
    assert story.ret.open_steps == []
    story.wait(LIMIT + timedelta(days=31))
    assert [parked.error for parked in story.ret.open_steps] == ["its goods have not come"]
    assert story.paid == []
