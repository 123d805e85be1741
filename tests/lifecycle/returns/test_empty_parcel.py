"""Nothing received is not a refund: empty and foreign parcels go to an operator, and the customer is told."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Receipt, TrackingStatus
from lifecycle.contract.resolutions import Resolution
from lifecycle.returns import closing
from lifecycle.returns.aggregate.outbound_item import OutboundItem
from lifecycle.returns.commands import OutboundCommand, SendMail
from lifecycle.returns.goods import reception
from tests.lifecycle.orders import NOW, policy
from tests.lifecycle.returns.story import BOTH, LATER, LIMIT, SHOE, Story

MUG: dict[str, Any] = {"line_id": None, "sku": "MUG-1"}
OTHER_LINE: dict[str, Any] = {"line_id": "2"}
EMPTY: list[list[dict[str, Any]]] = [[], [MUG], [OTHER_LINE], [MUG, OTHER_LINE]]


def steps(story: Story) -> list[str]:
    return [parked.step for parked in story.ret.open_steps]


def mails(story: Story) -> list[str]:
    return [notice.template for notice in story.ret.agenda.waiting(SendMail) if notice.to == "customer"]


def sent(rules: object = None, **changes: object) -> Story:
    """Handed over."""
    story = Story(rules, **changes)  # type: ignore[arg-type]
    story.scan(TrackingStatus.ACCEPTED)
    story.ret.agenda.withdraw(SendMail)
    return story


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("units", EMPTY)
def test_a_parcel_that_held_nothing_of_the_return_waits_for_an_operator(
    units: list[dict[str, Any]], complete: bool
) -> None:
    story = sent()
    story.receive(*units, complete=complete)
    assert (story.view.status, story.view.settlement.state, story.paid) == ("in_transit", "pending", [])
    assert steps(story) == ["empty_parcel"]
    assert mails(story) == ["empty_parcel"]
    assert not closing.may_close(story.ret)


def test_what_the_warehouse_saw_reaches_the_operator() -> None:
    story = sent()
    raw = {"receipt_id": "r", "complete": True, "note": "cut open at the side", "photos": ["https://wh.example/1.jpg"]}
    reception.receive(story.ret, Receipt.model_validate(raw), LATER)
    attention = story.view.attention
    assert attention is not None
    assert (attention.error, attention.note, attention.photos) == (
        "the parcel was empty",
        "cut open at the side",
        ["https://wh.example/1.jpg"],
    )
    assert story.view.timeline[-2].detail == "0 units, complete: cut open at the side"


def test_what_came_instead_is_named() -> None:
    story = sent()
    story.receive(MUG, OTHER_LINE)
    assert story.view.attention is not None
    assert story.view.attention.error == "the parcel held nothing of this return, only 1 MUG-1, 1 LAMP"
    assert [(extra.line_id, extra.sku, extra.quantity) for extra in story.view.extras] == [
        (None, "MUG-1", 1),
        ("2", None, 1),
    ]


@pytest.mark.parametrize("starts_on", ["handover", "received"])
@pytest.mark.parametrize("units", EMPTY)
def test_it_hands_nothing_over_and_starts_no_clock(units: list[dict[str, Any]], starts_on: str) -> None:
    story = Story(policy(clock={"starts_on": starts_on}))
    story.receive(*units, complete=True)
    view = story.view
    assert (view.status, view.handover.at, view.deadlines.target) == ("label_sent", None, None)
    story.wait(NOW + timedelta(days=60))
    assert (story.view.status, story.paid, steps(story)) == ("label_sent", [], ["empty_parcel"])


def test_it_does_not_open_an_expired_return_again() -> None:
    story = Story()
    story.wait(NOW + timedelta(days=16))
    story.receive(MUG, now=NOW + timedelta(days=17))
    assert (story.view.status, steps(story)) == ("expired", ["empty_parcel"])
    story.resolve("mark_done")
    assert (story.view.status, steps(story)) == ("expired", [])


def test_the_goods_that_come_after_all_need_no_answer() -> None:
    story = sent()
    story.receive(complete=True)
    story.receive(BOTH)
    assert (story.view.status, steps(story)) == ("received", [])
    story.inspect(u1_1=Grade.A, u1_2=Grade.A)
    assert (story.view.status, story.paid) == ("refunded", [8000])


def test_extras_beside_units_change_nothing() -> None:
    story = sent()
    story.receive(SHOE, MUG, complete=True)
    assert (story.receptions, steps(story), mails(story)) == (["received", "missing"], [], [])
    story.inspect(u1_1=Grade.A)
    assert story.paid == [4000]


def test_an_empty_second_parcel_is_as_before() -> None:
    story = sent()
    story.receive(SHOE)
    story.receive(complete=True)
    assert (story.receptions, steps(story)) == (["received", "missing"], [])


def test_mark_done_closes_it_as_rejected_with_nothing_owed() -> None:
    story = sent()
    story.receive(complete=True)
    story.resolve("mark_done")
    view = story.view
    assert (view.status, view.settlement.amount, story.paid) == ("rejected", 0, [])
    assert [unit.refund for unit in view.units] == [0, 0]
    assert mails(story) == ["empty_parcel", "rejected"]
    story.ret.agenda.withdraw(SendMail)
    assert closing.may_close(story.ret)


@pytest.mark.parametrize("complete", [True, False])
def test_retry_counts_again(complete: bool) -> None:
    story = sent()
    story.receive(complete=complete)
    story.resolve("retry")
    assert (story.receptions, steps(story)) == (["in_transit", "in_transit"], [])
    story.receive(complete=True, now=LIMIT + timedelta(hours=1))
    assert (steps(story), mails(story)) == (["empty_parcel"], ["empty_parcel"])
    story.resolve("retry")
    story.receive(BOTH, now=LIMIT + timedelta(hours=2))
    story.inspect(u1_1=Grade.A, u1_2=Grade.A, now=LIMIT + timedelta(hours=2))
    assert (story.view.status, story.paid) == ("refunded", [8000])


@pytest.mark.parametrize("complete", [True, False])
def test_a_parcel_that_nobody_counts_again_comes_back_to_the_operator(complete: bool) -> None:
    story = sent()
    story.receive(complete=complete)
    story.resolve("retry")
    story.wait(LIMIT + timedelta(days=10))
    assert (steps(story), story.paid) == (["empty_parcel"], [])


@pytest.mark.parametrize("complete", [True, False])
def test_skip_waits_for_parcels_that_come_late_and_then_asks_again(complete: bool) -> None:
    story = sent()
    story.receive(complete=complete)
    story.resolve("skip")
    story.wait(LIMIT + timedelta(days=29))
    assert (steps(story), story.paid) == ([], [])
    story.wait(LIMIT + timedelta(days=31))
    assert (steps(story), story.paid) == (["empty_parcel"], [])
    story.resolve("mark_done")
    assert story.view.status == "rejected"


@pytest.mark.parametrize("complete", [True, False])
def test_a_late_parcel_is_paid_after_a_skip(complete: bool) -> None:
    story = sent()
    story.receive(complete=complete)
    story.resolve("skip")
    late = LIMIT + timedelta(days=10)
    story.receive(BOTH, now=late)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A, now=late)
    assert (story.view.status, story.paid) == ("refunded", [8000])


@pytest.mark.parametrize("answer", [None, "retry", "skip"])
def test_what_comes_after_the_limit_and_is_not_graded_is_asked_for_again_and_again(answer: str | None) -> None:
    story = sent()
    story.receive(complete=True)
    story.wait()
    if answer:
        story.resolve(answer)
    late = LIMIT + timedelta(days=2)
    story.receive(BOTH, now=late)
    assert (story.view.status, steps(story), story.paid) == ("received", [], [])
    for _ in range(2):
        story.ret.agenda.withdraw(SendMail)
        late += timedelta(days=9)
        story.wait(late)
        assert [notice.template for notice in story.ret.agenda.waiting(SendMail)] == ["warehouse_waits"]
    story.inspect(u1_1=Grade.A, u1_2=Grade.A, now=late)
    assert (story.view.status, story.paid) == ("refunded", [8000])


@pytest.mark.parametrize("on_limit", ["settle", "attention"])
@pytest.mark.parametrize("complete", [True, False])
def test_the_limit_pays_nothing_while_it_waits(complete: bool, on_limit: str) -> None:
    story = sent(policy(clock={"on_limit": on_limit}))
    story.receive(complete=complete)
    story.wait()
    assert story.ret.limit_reached
    assert story.ret.escalated
    assert (story.view.status, story.paid, steps(story)) == ("in_transit", [], ["empty_parcel"])


def test_the_limit_after_an_answer_asks_the_operator_again() -> None:
    story = sent()
    story.receive(now=NOW + timedelta(hours=1))
    story.ret.dates.late_until = None
    story.ret.parked.clear()
    story.wait()
    assert (story.paid, steps(story)) == ([], ["empty_parcel"])


def test_a_parcel_that_the_carrier_lost_is_paid_and_no_empty_one() -> None:
    story = sent()
    story.scan(TrackingStatus.LOST, LATER, LATER)
    assert (story.view.status, story.paid, steps(story)) == ("refunded", [8000], [])


def test_a_parcel_that_was_lost_and_turns_up_empty_is_looked_at_and_stays_paid() -> None:
    story = sent()
    story.scan(TrackingStatus.LOST, LATER, LATER)
    story.receive(complete=True)
    assert steps(story) == ["empty_parcel"]
    story.resolve("mark_done")
    assert (story.view.status, story.paid, story.receptions) == ("refunded", [8000], ["lost", "lost"])
    assert [entry.event for entry in story.view.timeline].count("shortfall") == 2


def test_a_carrier_that_calls_an_empty_parcel_lost_pays_nothing() -> None:
    story = sent()
    story.receive(complete=True)
    story.scan(TrackingStatus.LOST, LATER, LATER)
    assert (story.receptions, story.paid, steps(story)) == (["missing", "missing"], [], ["empty_parcel"])


def test_paid_at_handover_it_is_still_looked_at() -> None:
    story = sent(policy(approval={"instant_refund_below": 100000}))
    assert story.paid == [8000]
    story.receive(complete=True)
    assert (story.view.status, steps(story)) == ("refunded", ["empty_parcel"])
    story.resolve("mark_done")
    assert [entry.event for entry in story.view.timeline].count("shortfall") == 2
    assert (story.view.status, story.paid) == ("refunded", [8000])


@pytest.mark.parametrize("resolution", ["exchange", "replacement", "store_credit", "repair"])
def test_nothing_is_sent_or_credited_for_it(resolution: str) -> None:
    wanted = [{"sku": "SHOE-43", "quantity": 1, "unit_price": 4500}]
    story = sent(resolution=resolution, exchange_for=wanted if resolution == Resolution.EXCHANGE else None)
    for item in story.ret.wanted:
        item.state = "reserved"
    story.ret.agenda.withdraw(OutboundCommand)
    story.receive(complete=True)
    assert (story.view.settlement.state, story.paid, steps(story)) == ("pending", [], ["empty_parcel"])
    story.resolve("mark_done")
    assert (story.view.status, story.view.settlement.amount) == ("rejected", 0)
    assert {item.state for item in story.ret.wanted} <= {"dropped"}


def test_a_replacement_that_is_short_is_not_looked_for_meanwhile() -> None:
    story = sent(resolution="replacement")
    story.ret.agenda.withdraw(OutboundCommand)
    story.ret.wanted = [OutboundItem(f"1-{number}", "SHOE", 1, state="short") for number in (1, 2)]
    story.receive(complete=True)
    assert (story.ret.agenda.waiting(OutboundCommand), steps(story)) == ([], ["empty_parcel"])


def test_an_operator_who_calls_everything_missing_asks_an_operator_too() -> None:
    story = sent()
    story.change("reception", "missing", "1-1")
    assert steps(story) == []
    story.change("reception", "missing", "1-2")
    assert (steps(story), story.view.settlement.state) == (["empty_parcel"], "pending")


def test_a_repeated_receipt_asks_once() -> None:
    story = sent()
    receipt = Receipt(receipt_id="r", complete=True)
    for _ in range(2):
        reception.receive(story.ret, receipt, LATER)
        story.go(LATER)
    assert (steps(story), mails(story)) == (["empty_parcel"], ["empty_parcel"])


def test_an_unknown_line_is_refused_by_its_field() -> None:
    story = sent()
    raw = {"receipt_id": "r", "units": [{"line_id": "1"}, {"line_id": "9"}]}
    with pytest.raises(Refused, match=r"^units\.1\.line_id: the order has no line 9"):
        reception.check_receipt(story.ret, Receipt.model_validate(raw))


def test_what_belongs_to_no_line_needs_its_sku() -> None:
    with pytest.raises(ValueError, match="expected a line_id, or the sku"):
        Receipt.model_validate({"receipt_id": "r", "units": [{"quantity": 1}]})
