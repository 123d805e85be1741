"""What an operator changes by hand, and what follows from it."""

from datetime import timedelta

import pytest

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Cancel, Override, TrackingStatus
from lifecycle.returns.decisions import override
from lifecycle.returns.goods import handover
from tests.lifecycle.orders import NOW
from tests.lifecycle.returns.story import BOTH, LATER, LIMIT, Story


def test_an_agreed_amount_is_paid_although_all_is_rejected() -> None:
    story = Story()
    story.receive(BOTH)
    story.change("amount", 500)
    assert story.view.settlement.amount == 500
    story.inspect(u1_1=None, u1_2=None)
    assert (story.view.status, story.paid) == ("refunded", [500])


@pytest.mark.parametrize("field", ["target", "limit"])
def test_a_deadline_set_by_hand_stays_when_an_earlier_scan_comes(field: str) -> None:
    story = Story()
    story.scan(TrackingStatus.DELIVERED, LATER, LATER)
    agreed = story.view.deadlines.limit if field == "target" else LIMIT
    assert agreed
    story.change(field, agreed.isoformat())
    story.scan(TrackingStatus.ACCEPTED, NOW, LATER)
    assert getattr(story.view.deadlines, field) == agreed
    assert story.view.deadlines.target
    assert story.view.deadlines.limit
    assert story.view.deadlines.target <= story.view.deadlines.limit


@pytest.mark.parametrize("value", [1764000000, True, "2026-12-09T10:00:00"])
def test_a_deadline_is_an_instant_with_its_zone(value: object) -> None:
    story = Story()
    with pytest.raises(Refused, match="value: "):
        story.change("ship_by", value)


@pytest.mark.parametrize(
    ("field", "before", "after", "refused"),
    [
        ("target", timedelta(0), timedelta(seconds=1), "not after the limit"),
        ("limit", timedelta(0), timedelta(seconds=-1), "not before the target"),
    ],
)
def test_the_target_never_lies_after_the_limit(field: str, before: timedelta, after: timedelta, refused: str) -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    other = story.view.deadlines.limit if field == "target" else story.view.deadlines.target
    assert other
    story.change(field, (other + before).isoformat())
    with pytest.raises(Refused, match=refused):
        story.change(field, (other + after).isoformat())


@pytest.mark.parametrize("field", ["ship_by", "target", "limit"])
def test_no_day_that_is_over_is_promised(field: str) -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    for value in ("2020-01-01T00:00:00Z", LATER.isoformat()):
        message = Override(by="operator", why="a slip", field=field, value=value)
        with pytest.raises(Refused, match=r"value: expected an instant (that is still to come|not before the target)"):
            override.check_new(story.ret, message, LATER)
    days = story.view.deadlines
    agreed = {"ship_by": LIMIT, "target": days.limit, "limit": days.limit}[field]
    assert agreed
    message = Override(by="operator", why="on holiday", field=field, value=agreed.isoformat())
    override.check_new(story.ret, message, LATER)


@pytest.mark.parametrize("value", ["received", "in_transit"])
def test_what_an_operator_saw_come_was_handed_over_and_does_not_expire(value: str) -> None:
    story = Story()
    story.change("reception", value, "1-1", NOW)
    assert story.view.handover.at == NOW
    story.wait()
    assert story.view.status == "refunded"
    with pytest.raises(Refused):
        handover.cancel(story.ret, Cancel(by="customer"), LIMIT)


def test_a_rejection_taken_back_is_not_sent_back() -> None:
    story = Story()
    story.receive(BOTH)
    story.inspect(u1_1=None)
    story.change("acceptance", "accepted", "1-1")
    unit = story.view.units[0]
    assert (unit.acceptance, unit.disposition, unit.refund) == ("accepted", None, None)


def test_units_change_by_hand_field_by_field() -> None:
    story = Story()
    story.receive(BOTH)
    story.change("grade", "C", "1-1")
    story.change("disposition", "donate", "1-1")
    story.change("acceptance", "rejected", "1-2")
    first, second = story.view.units
    assert (first.grade, first.disposition, first.refund) == ("C", "donate", 2800)
    assert (second.acceptance, second.refund, story.paid) == ("rejected", 0, [2800])
    assert [entry.by for entry in story.view.timeline if entry.event == "overridden"] == ["operator"] * 3


@pytest.mark.parametrize(("grade", "goes"), [(None, None), (Grade.B, "open_box")])
@pytest.mark.parametrize("acceptance", ["accepted", "pending", "manual_review"])
def test_a_unit_that_is_not_rejected_any_more_does_not_go_back(
    acceptance: str, grade: Grade | None, goes: str | None
) -> None:
    story = Story()
    story.receive({"line_id": "1"})
    if grade:
        story.inspect(u1_1=grade)
    story.change("acceptance", "rejected", "1-1")
    assert story.view.units[0].disposition == "return_to_customer"
    story.change("acceptance", acceptance, "1-1")
    assert story.view.units[0].disposition == goes
