"""What the promise's last day settles, and what it leaves to an operator (CONTRACT section 5)."""

from datetime import timedelta

import pytest

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Approve, TrackingStatus
from lifecycle.returns.commands import ProvideHandover
from lifecycle.returns.decisions import approval
from tests.lifecycle.orders import NOW, policy
from tests.lifecycle.returns.story import BOTH, LIMIT, SHOE, Story


def test_at_the_limit_graded_units_pay_by_grade_and_received_ones_as_a() -> None:
    story = Story()
    story.receive(BOTH)
    story.inspect(u1_1=Grade.D)
    story.wait()
    assert story.paid == [4000]
    assert [unit.grade for unit in story.view.units] == ["D", None]
    assert story.view.status == "refunded"


def test_at_the_limit_with_nothing_received_what_was_handed_over_pays_as_a() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    story.wait()
    assert (story.paid, story.receptions) == ([8000], ["in_transit", "in_transit"])


def test_at_the_limit_with_some_received_the_rest_is_missing() -> None:
    story = Story()
    story.receive(SHOE)
    story.wait()
    assert (story.paid, story.receptions) == ([4000], ["received", "missing"])


@pytest.mark.parametrize(("action", "paid"), [("mark_done", [4000]), ("skip", []), ("retry", [])])
def test_a_wrong_item_at_the_limit_is_for_an_operator(action: str, paid: list[int]) -> None:
    story = Story(items=[{"line_id": "1", "quantity": 1, "reason": "unwanted"}])
    story.receive(SHOE | {"serial_number": "X-9"})
    assert story.receptions == ["wrong_item"]
    assert story.view.settlement.amount == 0
    story.wait()
    assert story.view.attention
    assert story.view.attention.step == "limit"
    story.resolve(action, "by hand")
    assert story.paid == paid
    assert (story.view.attention is not None) == (action == "retry")


def test_goods_not_handed_over_at_the_limit_are_for_an_operator() -> None:
    story = Story(policy(clock={"starts_on": "requested"}))
    story.wait(NOW + timedelta(days=13))
    assert story.view.attention
    assert story.view.attention.step == "limit"
    assert story.paid == []


def test_a_review_at_the_limit_is_for_an_operator_and_goes_on_after_approval() -> None:
    story = Story(policy(clock={"starts_on": "requested"}, approval={"review_above": 100}))
    story.wait()
    assert story.view.attention
    story.resolve("skip")
    approval.approve(story.ret, Approve(by="reviewer"), LIMIT)
    story.go(LIMIT)
    assert story.ret.agenda.has(ProvideHandover)


def test_on_limit_attention_pays_nothing_by_itself() -> None:
    story = Story(policy(clock={"on_limit": "attention"}))
    story.receive(BOTH)
    story.wait()
    assert story.paid == []
    assert story.view.attention
    story.inspect(u1_1=Grade.A, u1_2=Grade.A, now=LIMIT)
    assert story.paid == [8000]
    assert story.ret.open_steps == []


def test_attention_for_the_limit_ends_with_the_return() -> None:
    story = Story(policy(clock={"starts_on": "requested"}))
    story.wait(NOW + timedelta(days=60))
    assert story.view.status == "expired"
    assert story.ret.open_steps == []
