"""Every deadline of a return, a second before and when it passes."""

from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Cancel, TrackingStatus
from lifecycle.returns import closing
from lifecycle.returns.commands import BookStock, FileLossClaim, SendMail, VoidLabel
from lifecycle.returns.goods import handover
from lifecycle.returns.promise_clock import limit_enforced_at
from lifecycle.returns.views.return_view import summary_of
from tests.lifecycle.orders import NOW, policy
from tests.lifecycle.returns.story import BOTH, LATER, SHOE, Story
from tests.lifecycle.returns.test_boundaries import SECOND, at, events, mails

# Before the handover


def test_the_customer_is_reminded_to_the_second() -> None:
    story = Story()
    story.ret.agenda.withdraw(SendMail)
    week = NOW + timedelta(days=7)
    story.wait(week - SECOND)
    assert mails(story) == []
    story.wait(week)
    assert mails(story) == [("reminder", "customer")]


def test_who_has_handed_over_is_not_reminded() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED, NOW + timedelta(days=6), NOW + timedelta(days=6))
    story.wait(NOW + timedelta(days=7))
    assert "reminded" not in events(story)


@pytest.mark.parametrize(("ship_by", "reminded"), [(6, False), (7, True)])
def test_no_reminder_comes_after_the_ship_by_date(ship_by: int, reminded: bool) -> None:
    story = Story(policy(handover={"ship_by_days": ship_by}))
    story.wait(NOW + timedelta(days=10))
    assert ("reminded" in events(story), story.view.status) == (reminded, "expired")


@pytest.mark.parametrize(("late", "status"), [(-SECOND, "in_transit"), (timedelta(), "expired")])
def test_what_is_handed_over_in_the_last_second_is_in_time(late: timedelta, status: str) -> None:
    story = Story()
    ship_by = at(8)
    assert story.view.deadlines.ship_by == ship_by
    story.wait(ship_by + late)
    if late:
        story.scan(TrackingStatus.ACCEPTED, ship_by + late, ship_by + late)
        story.wait(ship_by)
    assert story.view.status == status
    assert story.ret.agenda.has(VoidLabel) == (status == "expired")


def test_a_day_to_ship_by_of_nothing_ends_today() -> None:
    story = Story(policy(handover={"ship_by_days": 0}))
    assert story.view.deadlines.ship_by == at(24, month=11)


@pytest.mark.parametrize("how", ["cancelled", "expired"])
def test_a_late_parcel_counts_in_the_last_second(how: str) -> None:
    for late, taken in ((-SECOND, True), (timedelta(), False)):
        story = Story()
        ended = NOW if how == "cancelled" else at(8)
        if how == "cancelled":
            handover.cancel(story.ret, Cancel(by="customer"), ended)
            story.go(ended)
        else:
            story.wait(ended)
        story.ret.agenda.withdraw(SendMail, VoidLabel)
        until = story.ret.dates.late_until
        assert until == ended + timedelta(days=30)
        story.wait(until + late)
        assert closing.may_close(story.ret) != taken
        if taken:
            story.receive(BOTH, now=until + late)
            assert story.view.status == "received"


@pytest.mark.parametrize(("days", "closes"), [(0, True), (1, False)])
def test_without_a_late_window_a_cancelled_return_closes_at_once(days: int, closes: bool) -> None:
    story = Story(policy(handover={"late_arrival_days": days}))
    handover.cancel(story.ret, Cancel(by="customer"), NOW)
    story.go(NOW)
    story.ret.agenda.withdraw(SendMail, VoidLabel)
    story.wait(NOW)
    assert closing.may_close(story.ret) == closes


# The promise. Handed over on Tuesday 24 November; Thanksgiving is the 26th.


def test_the_business_day_before_the_target_reminds_operations() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    story.ret.agenda.withdraw(SendMail)
    # 25, 27, 30 November, 1 December, and the target on the 2nd.
    assert story.view.deadlines.target == at(2)
    begins = at(1, 0, 0, 0)
    story.wait(begins - SECOND)
    assert mails(story) == []
    story.wait(begins)
    assert mails(story) == [("due_soon", "operations")]


def test_the_customer_is_reminded_of_the_target_while_the_shop_waits_for_them() -> None:
    story = Story(policy(clock={"starts_on": "requested"}))
    story.ret.agenda.withdraw(SendMail)
    story.wait(at(1, 0, 0, 0) - SECOND)
    assert mails(story) == []
    story.wait(at(1, 0, 0, 0))
    assert mails(story) == [("reminder", "customer")]


@pytest.mark.parametrize(("days", "reminded"), [(1, False), (2, True)])
def test_there_is_no_reminder_when_its_day_is_over_at_the_start(days: int, reminded: bool) -> None:
    story = Story(policy(clock={"target_business_days": days}))
    story.scan(TrackingStatus.ACCEPTED)
    story.ret.agenda.withdraw(SendMail)
    target = story.view.deadlines.target
    assert target
    story.wait(target - SECOND)
    assert (mails(story) == [("due_soon", "operations")]) == reminded


def test_it_escalates_at_the_target_and_promises_the_limit_from_then_on() -> None:
    story = Story()
    assert summary_of(story.ret).resolve_by is None
    story.scan(TrackingStatus.ACCEPTED)
    story.ret.agenda.withdraw(SendMail)
    story.wait(at(2) - SECOND)
    assert (story.view.escalated, summary_of(story.ret).resolve_by) == (False, at(2))
    story.wait(at(2))
    assert (story.view.escalated, summary_of(story.ret).resolve_by) == (True, at(4))
    assert mails(story) == [("due_soon", "operations"), ("escalation", "operations")]


def test_what_is_settled_before_its_target_never_escalates() -> None:
    story = Story()
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A)
    story.wait(at(20))
    assert not {"escalated", "limit_reached"} & set(events(story))


@pytest.mark.parametrize("spreads", [True, False])
@pytest.mark.parametrize(("on_limit", "paid", "attention"), [("settle", [8000], None), ("attention", [], "limit")])
def test_the_limit_is_enforced_to_the_second(
    on_limit: str, paid: list[int], attention: str | None, spreads: bool
) -> None:
    story = Story(policy(clock={"on_limit": on_limit}))
    story.ret.opened.spreads = spreads
    story.scan(TrackingStatus.ACCEPTED)
    limit, enforced = story.view.deadlines.limit, limit_enforced_at(story.ret)
    assert limit == at(4)
    assert enforced is not None
    # In its last hour, or as a return that opened before there was such an hour.
    assert limit - timedelta(hours=1) < enforced < limit if spreads else enforced == limit
    story.wait(enforced - SECOND)
    assert (story.paid, story.view.attention) == ([], None)
    story.wait(enforced)
    assert (story.paid, summary_of(story.ret).attention) == (paid, attention)
    assert "limit_reached" in events(story)


def test_target_and_limit_of_the_same_day_come_in_their_order() -> None:
    story = Story(policy(clock={"target_business_days": 3, "limit_business_days": 3}))
    story.scan(TrackingStatus.ACCEPTED)
    story.wait(at(30, month=11))
    told = [event for event in events(story) if event in ("escalated", "limit_reached", "refunded")]
    assert told == ["escalated", "limit_reached", "refunded"]


@pytest.mark.parametrize(
    ("scanned", "target"),
    [
        (at(24, 23, 59, 59, month=11), at(2)),
        (at(25, 0, 0, 0, month=11), at(3)),
    ],
)
def test_the_day_of_the_handover_is_day_0_in_the_shops_zone(scanned: datetime, target: datetime) -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED, scanned.astimezone(UTC), at(26, month=11))
    assert story.view.deadlines.target == target


def test_a_missing_unit_is_waited_for_as_long_as_a_late_parcel() -> None:
    for late, taken in ((-SECOND, True), (timedelta(), False)):
        story = Story()
        story.receive(SHOE, complete=True)
        story.inspect(u1_1=Grade.A)
        story.ret.agenda.withdraw(BookStock, SendMail)
        until = story.ret.dates.late_until
        assert until == LATER + timedelta(days=30)
        story.wait(until + late)
        assert closing.may_close(story.ret) != taken


def test_a_lost_parcel_is_settled_at_once_and_claimed_without_what_has_come() -> None:
    story = Story()
    story.receive(SHOE)
    story.scan(TrackingStatus.LOST, LATER, LATER)
    assert [lost.amount for lost in story.ret.agenda.waiting(FileLossClaim)] == [4000]
    assert story.paid == []
    story.inspect(u1_1=Grade.A)
    assert story.paid == [8000]
    story.scan(TrackingStatus.LOST, LATER, LATER)
    assert len(story.ret.agenda.waiting(FileLossClaim)) == 1
