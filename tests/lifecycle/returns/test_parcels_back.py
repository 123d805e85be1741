"""Parcels that go to the customer: turned back by the carrier, or sent by the shop. They hand nothing over."""

from datetime import UTC, datetime, timedelta

import pytest
from httpx import Headers
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.carrier.easypost_webhooks import EasyPostWebhooks
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingEvent, TrackingStatus
from lifecycle.returns import closing
from lifecycle.returns.aggregate.outbound_item import OutboundItem
from lifecycle.returns.aggregate.parcels import Parcel
from lifecycle.returns.commands import ProvideHandover
from lifecycle.returns.goods import handover
from tests.lifecycle.orders import NOW, policy
from tests.lifecycle.returns.story import BOTH, LATER, Story
from tests.webhooks.partners import SECRETS, scan

SCANS = (TrackingStatus.ACCEPTED, TrackingStatus.IN_TRANSIT, TrackingStatus.DELIVERED)
MUCH_LATER = LATER + timedelta(days=30)


def returned(rules: object = None) -> Story:
    """Handed over, turned back a day later; the new label is out."""
    story = Story(rules)  # type: ignore[arg-type]
    story.scan(TrackingStatus.ACCEPTED)
    story.scan(TrackingStatus.RETURNED, LATER, LATER)
    handover.label_bought(story.ret, Parcel("T-2", "/label-2", "buy_return_label-2"), LATER)
    return story


def passed_over(story: Story) -> list[str | None]:
    return [entry.detail for entry in story.view.timeline if entry.event == "scan_passed_over"]


@pytest.mark.parametrize("status", SCANS)
@pytest.mark.parametrize("after", [timedelta(seconds=1), timedelta(days=2)])
def test_a_scan_of_a_parcel_that_went_back_starts_no_clock(status: TrackingStatus, after: timedelta) -> None:
    story = returned()
    story.scan(status, LATER + after, LATER + after)
    view = story.view
    assert (view.status, view.handover.at, view.deadlines.target) == ("label_sent", None, None)
    assert passed_over(story) == [f"T-1 {status}: it went back to the customer"]
    story.wait(MUCH_LATER)
    assert (story.view.status, story.paid) == ("expired", [])


def test_only_the_new_label_hands_the_goods_over() -> None:
    story = returned()
    story.scan(TrackingStatus.DELIVERED, LATER + timedelta(hours=2), LATER + timedelta(hours=2))
    at = LATER + timedelta(days=3)
    handover.track(
        story.ret, TrackingEvent(event_id="new", tracking_code="T-2", status=TrackingStatus.ACCEPTED, at=at), at
    )
    assert (story.view.status, story.view.handover.at) == ("in_transit", at)
    story.receive(BOTH, now=at)
    story.inspect(u1_1=Grade.A, u1_2=Grade.A, now=at)
    assert story.paid == [8000]


def test_a_second_word_that_it_went_back_buys_no_second_label() -> None:
    story = returned()
    story.ret.agenda.withdraw(ProvideHandover)
    story.scan(TrackingStatus.RETURNED, LATER + timedelta(hours=1), LATER + timedelta(hours=1))
    assert not story.ret.agenda.has(ProvideHandover)
    assert story.view.status == "label_sent"


def test_a_scan_of_it_does_not_open_an_expired_return_again() -> None:
    story = returned()
    story.wait(LATER + timedelta(days=16))
    assert story.view.status == "expired"
    at = LATER + timedelta(days=17)
    story.scan(TrackingStatus.DELIVERED, at, at)
    assert story.view.status == "expired"


def test_its_code_is_known_however_it_is_typed() -> None:
    story = returned()
    at = LATER + timedelta(hours=1)
    event = TrackingEvent(event_id="e", tracking_code="t-1", status=TrackingStatus.DELIVERED, at=at)
    handover.track(story.ret, event, at)
    assert (story.view.status, len(story.ret.parcels)) == ("label_sent", 2)


def test_a_parcel_lost_on_its_way_back_is_not_paid_as_lost() -> None:
    story = returned()
    story.scan(TrackingStatus.LOST, LATER + timedelta(hours=1), LATER + timedelta(hours=1))
    assert (story.receptions, story.paid) == (["awaiting", "awaiting"], [])


def test_a_pickup_that_went_back_offers_new_times() -> None:
    slot = {"start": NOW.isoformat(), "end": (NOW + timedelta(hours=3)).isoformat()}
    story = Story(method="pickup", pickup_slot=slot)
    story.scan(TrackingStatus.ACCEPTED)
    story.scan(TrackingStatus.RETURNED, LATER, LATER)
    assert story.ret.agenda.has(ProvideHandover)
    assert (story.ret.request.pickup_slot, story.ret.way.booked, story.ret.way.slots) == (None, None, [])


def test_a_drop_off_code_is_gone_with_the_parcel_that_went_back() -> None:
    story = Story(method="drop_off")
    story.ret.way.code = "123"
    story.scan(TrackingStatus.ACCEPTED)
    story.scan(TrackingStatus.RETURNED, LATER, LATER)
    assert story.ret.way.code is None


@pytest.mark.parametrize("status", list(TrackingStatus))
def test_a_parcel_of_ours_to_the_customer_hands_nothing_over(status: TrackingStatus) -> None:
    story = Story()
    story.ret.wanted.append(OutboundItem("exchange-1", "SHOE-43", 1, state="shipped", tracking_code="OUT-1"))
    story.ret.sent_back.append("OUT-2")
    for code in ("out-1", "OUT-2"):
        handover.track(story.ret, TrackingEvent(event_id=code, tracking_code=code, status=status, at=LATER), LATER)
    assert (story.view.status, story.receptions) == ("label_sent", ["awaiting", "awaiting"])
    assert [parcel.tracking_code for parcel in story.ret.parcels] == ["T-1"]
    assert len(passed_over(story)) == 2


def heard(story: Story, *scans: tuple[str, datetime], status: str | None = None) -> None:
    """What EasyPost's event of these scans comes to, as its webhook reads it."""
    about = {"status": status, "updated_at": scans[-1][1].isoformat()} if status else None
    hook = scan("T-1", *scans, about=about)
    for news in EasyPostWebhooks(SECRETS["easypost"]).read(hook.raw, Headers(hook.headers), datetime.now(UTC)):
        assert isinstance(news.message, TrackingEvent)
        handover.track(story.ret, news.message, max(news.message.at, LATER))
        story.go(max(news.message.at, LATER))


FULL = (
    ("in_transit", NOW),
    ("return_to_sender", LATER),
    ("in_transit", LATER + timedelta(hours=5)),
    ("delivered", LATER + timedelta(days=1)),
)


@settings(max_examples=50)
@given(cuts=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=6))
def test_by_easypost_whole_or_cut_to_any_part_the_way_back_pays_nothing(cuts: list[tuple[int, int]]) -> None:
    story = Story(policy())
    heard(story, *FULL[:2])
    handover.label_bought(story.ret, Parcel("T-2", "/label-2", "buy_return_label-2"), LATER)
    story.ret.agenda.withdraw(ProvideHandover)
    for start, length in cuts:
        part = FULL[start : start + length]
        heard(story, *part, status=part[-1][0])
    assert (story.view.status, story.view.handover.at, story.ret.agenda.has(ProvideHandover)) == (
        "label_sent",
        None,
        False,
    )


def lost_and_found() -> Story:
    """One of two units has come, the parcel with the other is called lost, and then went back to the customer."""
    story = Story()
    story.scan(TrackingStatus.ACCEPTED)
    story.receive({"line_id": "1"})
    story.scan(TrackingStatus.LOST, LATER, LATER)
    story.scan(TrackingStatus.RETURNED, LATER + timedelta(hours=1), LATER + timedelta(hours=1))
    return story


def test_a_lost_parcel_that_went_back_to_the_customer_is_not_paid_as_lost() -> None:
    story = lost_and_found()
    assert (story.receptions, story.ret.agenda.has(ProvideHandover)) == (["received", "awaiting"], True)
    story.inspect(u1_1=Grade.A, now=LATER + timedelta(hours=2))
    assert story.paid == []
    story.receive({"line_id": "1"}, now=LATER + timedelta(hours=3))
    story.inspect(u1_2=Grade.A, now=LATER + timedelta(hours=3))
    assert story.paid == [8000]


def test_what_was_paid_as_lost_and_went_back_to_the_customer_gets_a_label_again() -> None:
    story = Story()
    story.scan(TrackingStatus.LOST)
    assert (story.receptions, story.paid) == (["lost", "lost"], [8000])
    story.scan(TrackingStatus.RETURNED, LATER, LATER)
    assert (story.receptions, story.ret.agenda.has(ProvideHandover)) == (["awaiting", "awaiting"], True)
    handover.label_bought(story.ret, Parcel("T-2", "/label-2", "buy_return_label-2"), LATER)
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.C)
    assert (story.paid, closing.goods_ended(story.ret)) == ([8000], True)


def test_what_was_paid_as_lost_and_stays_with_the_customer_ends_after_the_days_for_late_goods() -> None:
    story = Story()
    story.scan(TrackingStatus.LOST)
    story.scan(TrackingStatus.RETURNED, LATER, LATER)
    handover.label_bought(story.ret, Parcel("T-2", "/label-2", "buy_return_label-2"), LATER)
    story.wait(NOW + timedelta(days=60))
    assert (story.paid, closing.goods_ended(story.ret)) == ([8000], True)


def test_another_parcel_that_went_back_leaves_a_lost_one_lost() -> None:
    story = Story()
    story.scan(TrackingStatus.LOST)
    event = TrackingEvent(event_id="other", tracking_code="T-9", status=TrackingStatus.RETURNED, at=LATER)
    handover.track(story.ret, event, LATER)
    assert story.receptions == ["lost", "lost"]
