"""The way to the shop: scans early, late and unknown, cancelling, expiring, parcels that went back."""

from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Cancel, ChangeRequest, TrackingEvent, TrackingStatus
from lifecycle.returns import alarms
from lifecycle.returns.commands import ProvideHandover
from lifecycle.returns.decisions.change_request import MOST_CHANGES, check_asked
from lifecycle.returns.goods import handover
from lifecycle.returns.snapshot import restore, snapshot
from tests.lifecycle.orders import NOW, policy
from tests.lifecycle.returns.story import BOTH, LATER, SHOE, Story


def test_a_parcel_that_went_back_to_the_customer_gets_a_new_label_and_a_new_clock() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    assert story.view.deadlines.target
    story.scan(TrackingStatus.RETURNED, LATER, LATER)
    assert story.ret.agenda.has(ProvideHandover)
    assert (story.receptions, story.view.status) == (["awaiting", "awaiting"], "requested")
    deadlines = story.view.deadlines
    assert {story.view.handover.at, deadlines.target, deadlines.limit} == {None}


def test_a_scan_from_before_a_parcel_went_back_does_not_take_the_new_label_away() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    story.scan(TrackingStatus.RETURNED, LATER, LATER)
    story.scan(TrackingStatus.IN_TRANSIT, NOW + timedelta(hours=3), LATER)
    assert (story.ret.agenda.has(ProvideHandover), story.view.handover.at) == (True, None)


def test_a_clock_that_runs_since_the_request_goes_on_when_a_parcel_went_back() -> None:
    story = Story(policy(clock={"starts_on": "requested"}))
    before = story.view.deadlines
    story.scan(TrackingStatus.ACCEPTED)
    story.scan(TrackingStatus.RETURNED, LATER, LATER)
    assert (story.view.deadlines.target, story.view.deadlines.limit) == (before.target, before.limit)


def test_nothing_handed_over_expires_and_a_late_parcel_reopens() -> None:
    story = Story()
    story.wait(NOW + timedelta(days=16))
    assert (story.view.status, story.view.settlement.amount) == ("expired", 0)
    late = NOW + timedelta(days=20)
    story.scan(TrackingStatus.ACCEPTED, late, late)
    assert (story.view.status, story.view.settlement.amount) == ("in_transit", 8000)
    story.receive(BOTH, now=late)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A, now=late)
    assert (story.view.status, story.paid) == ("refunded", [8000])


def test_the_last_moment_to_hand_over_is_the_end_of_the_ship_by_day() -> None:
    story = Story()
    ship_by = story.view.deadlines.ship_by
    # 8 December 23:59:59 in New York.
    assert ship_by == datetime(2026, 12, 9, 4, 59, 59, tzinfo=UTC)
    story.wait(ship_by - timedelta(seconds=1))
    assert story.view.status == "label_sent"
    story.wait(ship_by)
    assert story.view.status == "expired"


def test_a_return_cancelled_before_its_label_is_not_opened_again() -> None:
    story = Story(policy(approval={"review_above": 100}))
    handover.cancel(story.ret, Cancel(by="customer"), NOW)
    with pytest.raises(Refused, match="cancelled"):
        story.receive(BOTH)
    story.scan(TrackingStatus.ACCEPTED)
    assert (story.view.status, story.receptions) == ("cancelled", ["awaiting", "awaiting"])


def test_cancelling_is_over_with_the_handover() -> None:
    story = Story()
    handover.check_cancel(story.ret)
    story.scan(TrackingStatus.ACCEPTED)
    with pytest.raises(Refused, match="handed over"):
        handover.cancel(story.ret, Cancel(by="customer"), NOW)


def test_a_handover_is_never_before_the_label_nor_after_now() -> None:
    story = Story()
    story.scan(TrackingStatus.ACCEPTED, LATER, LATER - timedelta(hours=1))
    assert story.view.handover.at == LATER - timedelta(hours=1)
    story.scan(TrackingStatus.ACCEPTED, NOW - timedelta(days=2), LATER)
    assert story.view.handover.at == NOW


def test_a_receipt_without_a_scan_is_the_handover() -> None:
    story = Story()
    story.receive(SHOE)
    assert story.view.handover.at == LATER
    assert story.view.status == "partially_received"


def test_an_unknown_tracking_code_is_one_more_parcel() -> None:
    story = Story()
    event = TrackingEvent(event_id="e", tracking_code="own", status=TrackingStatus.DELIVERED, at=NOW)
    handover.track(story.ret, event, NOW)
    assert [parcel.tracking_code for parcel in story.ret.parcels] == ["T-1", "own"]
    assert (story.view.status, story.view.goods.state) == ("in_transit", "delivered")
    assert story.view.handover.tracking_code == "T-1"


@pytest.mark.parametrize("wanted", [{"method": "drop_off"}, {"resolution": "store_credit"}])
def test_a_return_is_changed_so_often_and_no_more_also_after_it_was_revived(wanted: dict[str, str]) -> None:
    ret, message = Story().ret, ChangeRequest.model_validate({"by": "customer"} | wanted)
    ret.changes_asked = MOST_CHANGES - 1
    check_asked(ret, message)
    ret.changes_asked += 1
    for one in (ret, restore(ret.request.model_dump(mode="json"), snapshot(ret))):
        with pytest.raises(Refused, match="this return has been changed 30 times; ask the shop"):
            check_asked(one, message)


def test_a_return_recorded_before_changes_were_counted_takes_some() -> None:
    ret = Story().ret
    recorded = {name: value for name, value in snapshot(ret).items() if name != "changes_asked"}
    assert restore(ret.request.model_dump(mode="json"), recorded).changes_asked == 0


def test_an_operator_is_told_what_comes_of_it_and_not_of_a_look_at_the_clock() -> None:
    ret = Story().ret
    earlier, told = alarms.next_alarm(ret), alarms.next_deadline(ret)
    assert earlier
    assert told
    assert (earlier.at, told.at, told.what) == (ret.dates.look_again, ret.dates.remind, "reminder")
