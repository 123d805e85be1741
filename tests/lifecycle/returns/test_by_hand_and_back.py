"""Parcels that go back, facts changed by hand, and what the limit leaves to an operator."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Override, TrackingStatus
from lifecycle.returns import alarms
from lifecycle.returns.aggregate.parcels import Parcel
from lifecycle.returns.commands import ProvideHandover
from lifecycle.returns.decisions import override
from lifecycle.returns.goods import handover
from tests.lifecycle.orders import NOW, policy
from tests.lifecycle.returns.story import BOTH, EVERYTHING, LATER, SHOE, Story

ONE = [{"line_id": "1", "quantity": 1, "reason": "unwanted"}]


def change(story: Story, now: Any = LATER, **fields: Any) -> None:
    override.override(story.ret, Override.model_validate({"by": "x", "why": "y"} | fields), now)
    story.go(now)


def test_a_parcel_that_went_back_after_the_ship_by_date_does_not_expire_the_return() -> None:
    story = Story(policy(clock={"target_business_days": 50, "limit_business_days": 60}))
    story.scan(TrackingStatus.ACCEPTED)
    now = NOW + timedelta(days=20)
    story.scan(TrackingStatus.RETURNED, now, now)
    assert story.ret.agenda.has(ProvideHandover)
    due = alarms.next_alarm(story.ret)
    assert due is None or due.at > now, "rings before the new label is bought"
    alarms.fire_due_deadlines(story.ret, now)
    assert story.view.status != "expired"
    handover.label_bought(story.ret, Parcel("T-2", "/label", "buy_return_label-2"), now)
    assert story.view.deadlines.ship_by is not None
    assert story.view.deadlines.ship_by > now


def test_the_limit_decided_again_keeps_what_is_left_with_an_operator() -> None:
    story = Story()
    story.receive(SHOE, SHOE | {"serial_number": "X-9"})
    story.wait()
    assert story.paid == [4000]
    assert [parked.step for parked in story.ret.open_steps] == ["limit"]
    story.resolve("retry")
    assert [parked.step for parked in story.ret.open_steps] == ["limit"]


@pytest.mark.parametrize(("action", "paid"), [("mark_done", [4000, 4000]), ("skip", [4000])])
def test_what_the_limit_left_is_answered(action: str, paid: list[int]) -> None:
    story = Story()
    story.receive(SHOE, SHOE | {"serial_number": "X-9"})
    story.wait()
    story.resolve(action, "by hand")
    assert (story.paid, story.view.attention) == (paid, None)


def test_a_unit_under_review_by_hand_is_not_paid_at_the_limit() -> None:
    story = Story(items=ONE)
    story.receive(SHOE)
    change(story, unit_id="1-1", field="acceptance", value="manual_review")
    assert story.view.settlement.amount == 0
    story.wait()
    assert story.paid == []
    assert [parked.step for parked in story.ret.open_steps] == ["limit"]


def test_a_graded_unit_under_review_by_hand_is_not_paid() -> None:
    story = Story()
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A)
    change(story, unit_id="1-1", field="acceptance", value="manual_review")
    story.inspect(u1_2=Grade.A)
    assert story.paid == []


def test_original_shipping_goes_back_when_a_worthless_unit_was_settled_before() -> None:
    items = [EVERYTHING[0] | {"reason": "color"}, EVERYTHING[1] | {"reason": "defective"}]
    story = Story(items=items)
    story.receive({"line_id": "1", "quantity": 3}, complete=True)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A, u1_3=Grade.D)
    assert story.paid == [8000]
    story.receive({"line_id": "2"})
    story.inspect(u2_1=Grade.A)
    assert story.paid == [8000, 2500 + 900]


def test_a_paid_piece_with_another_serial_number_is_a_stock_piece_once_accepted() -> None:
    story = Story(items=ONE)
    story.scan(TrackingStatus.ACCEPTED)
    story.scan(TrackingStatus.LOST)
    assert story.paid == [4000]
    story.receive(SHOE | {"serial_number": "X-9"})
    assert story.receptions == ["wrong_item"]
    story.inspect(u1_1=Grade.A)
    assert story.receptions == ["received"]


@pytest.mark.parametrize("field", ["ship_by", "target", "limit"])
def test_a_deadline_by_hand_is_shown(field: str) -> None:
    story = Story(policy(clock={"starts_on": "requested"}))
    at = {"ship_by": NOW + timedelta(days=30), "target": NOW + timedelta(days=2), "limit": NOW + timedelta(days=30)}[
        field
    ]
    change(story, NOW, field=field, value=at.isoformat())
    assert getattr(story.view.deadlines, field) == at


def test_an_amount_by_hand_is_paid() -> None:
    story = Story()
    change(story, NOW, field="amount", value=1234)
    assert story.view.settlement.amount == 1234
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.C)
    assert story.paid == [1234]
