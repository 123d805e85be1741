"""The support clock: promised hours pass only while the shop is open, over weekends, holidays and clock changes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.calendar.business_hours import BusinessHours
from lifecycle.calendar.clock import Calendar
from lifecycle.contract.policy import Policy, parse_policy
from lifecycle.support.terms import support_terms

NEW_YORK = ZoneInfo("America/New_York")
ZONES = ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"]


def hours(policy: str, start: datetime) -> BusinessHours:
    return support_terms(parse_policy(policy), start).hours


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("asked", "promised", "due"),
    [
        pytest.param("2026-11-10T10:00", 4, "2026-11-10T14:00", id="within a day"),
        pytest.param("2026-11-10T10:00", 8, "2026-11-12T10:00", id="over a night and Veterans Day"),
        pytest.param("2026-11-13T16:00", 4, "2026-11-16T12:00", id="over a weekend"),
        pytest.param("2026-11-14T12:00", 4, "2026-11-16T13:00", id="asked on Saturday"),
        pytest.param("2026-11-12T03:00", 1, "2026-11-12T10:00", id="asked before opening"),
        pytest.param("2026-11-12T20:00", 1, "2026-11-13T10:00", id="asked after closing"),
        pytest.param("2026-11-12T09:00", 8, "2026-11-12T17:00", id="all of one day"),
        pytest.param("2026-11-12T17:00", 8, "2026-11-13T17:00", id="asked at closing"),
        pytest.param("2026-11-25T16:00", 2, "2026-11-27T10:00", id="over Thanksgiving"),
        pytest.param("2026-12-31T16:30", 1, "2027-01-04T09:30", id="over New Year and a weekend"),
        pytest.param("2026-10-30T16:00", 2, "2026-11-02T10:00", id="over the end of summer time"),
    ],
)
def test_when_an_answer_is_due(asked: str, promised: int, due: str) -> None:
    assert hours("", at(asked)).after(at(asked), promised) == at(due)


def test_the_shops_own_closed_days_and_hours_count() -> None:
    policy = '[clock]\nclosed_days = [2026-11-16]\n[support]\nopens = "10:00"\ncloses = "24:00"'
    start = at("2026-11-13T20:00")
    assert hours(policy, start).after(start, 8) == at("2026-11-17T14:00")


def test_a_day_with_a_clock_change_in_opening_hours_is_as_long_as_it_lasts() -> None:
    """On 8 March 2026 clocks go forward at 02:00 in New York: from 00:00 to 04:00 there are three hours."""
    calendar = Calendar(offset=-5 * 3600, changes=[(datetime(2026, 3, 8, 7, tzinfo=UTC), -4 * 3600)])
    shop = BusinessHours(calendar=calendar, opens=0, closes=4 * 60)
    start = at("2026-03-08T00:00")
    assert shop.after(start, 3) == at("2026-03-08T04:00")
    assert shop.after(start, 4) == at("2026-03-09T01:00")


def test_a_shop_that_never_opens_is_reported() -> None:
    shop = BusinessHours(calendar=Calendar(offset=0, weekend=[0, 1, 2, 3, 4, 5, 6]), opens=0, closes=60)
    with pytest.raises(ValueError, match="does not open"):
        shop.after(datetime(2026, 1, 1, tzinfo=UTC), 1)


instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC))
minutes = st.integers(0, 1440)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    opens, closes = sorted(draw(st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True)))
    clock: dict[str, Any] = {
        "timezone": draw(st.sampled_from(ZONES)),
        "country": draw(st.sampled_from(["US", "DE", "IL", "AE"])),
    }
    clock["closed_days"] = draw(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5))
    support = {"opens": _clock(min(opens, 1439)), "closes": _clock(closes)}
    return Policy.model_validate({"clock": clock, "support": support})


def is_open(shop: BusinessHours, at: datetime) -> bool:
    """Whether the shop is open at an instant, its closing time included."""
    today = shop.calendar.day_of(at)  # and yesterday, where that closed at midnight
    spans = (shop._open_on(day) for day in (today - timedelta(days=1), today))
    return any(opening < closing and opening <= at <= closing for opening, closing in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@given(policies(), instants, st.integers(1, 40))
def test_it_is_never_due_outside_opening_hours(policy: Policy, start: datetime, promised: int) -> None:
    shop = support_terms(policy, start).hours
    due = shop.after(start, promised)
    assert due > start
    assert is_open(shop, due)
    local = due.astimezone(ZoneInfo(policy.clock.timezone))
    assert local.date() not in policy.clock.closed_days or local.time().isoformat() == "00:00:00"


@given(policies(), instants, st.integers(1, 40), st.integers(0, 100_000))
def test_who_asks_later_is_not_due_earlier(policy: Policy, start: datetime, promised: int, later: int) -> None:
    shop = support_terms(policy, start).hours
    assert shop.after(start + timedelta(seconds=later), promised) >= shop.after(start, promised)


@given(policies(), instants, st.integers(1, 20), st.integers(1, 20))
def test_hours_add_up(policy: Policy, start: datetime, first: int, then: int) -> None:
    shop = support_terms(policy, start).hours
    assert shop.after(shop.after(start, first), then) == shop.after(start, first + then)
