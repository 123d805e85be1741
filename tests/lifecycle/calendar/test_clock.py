"""Business days and deadlines; the dates are made by hand from calendars."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.calendar.calendars import make_calendar
from lifecycle.calendar.clock import Calendar
from lifecycle.contract.policy import ClockRules

NEW_YORK = ClockRules()
ZONES = [
    "America/New_York",
    "America/Santiago",
    "Europe/Berlin",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
]


def rules(country: str, timezone: str, **more: object) -> ClockRules:
    return ClockRules.model_validate({"country": country, "timezone": timezone} | more)


def local(text: str, clock: ClockRules) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(clock.timezone))


CLOSED = rules("US", "America/New_York", closed_days=["2026-11-27"])


#: ``[what, country, subdivision, zone, start, target, limit]``, made by hand from calendars.
PROMISES = json.loads((Path(__file__).parent.parent.parent / "data" / "promises.json").read_text())


@pytest.mark.parametrize(
    ("country", "subdivision", "zone", "start", "target", "limit"),
    [row[1:] for row in PROMISES],
    ids=[row[0] for row in PROMISES],
)
def test_target_and_limit(country: str, subdivision: str, zone: str, start: str, target: str, limit: str) -> None:
    clock = rules(country, zone, subdivision=subdivision)
    assert_promise(clock, start, target, limit)


def test_the_day_after_thanksgiving_where_the_shop_is_closed() -> None:
    assert_promise(CLOSED, "2026-11-20 09:00", "2026-12-01", "2026-12-03")


def assert_promise(clock: ClockRules, start: str, target: str, limit: str) -> None:
    begun = local(start, clock)
    calendar = make_calendar(clock, begun.astimezone(UTC))
    for days, expected in ((5, target), (7, limit)):
        assert calendar.business_deadline(begun, days) == local(f"{expected} 23:59:59", clock)


@pytest.mark.parametrize("zone", ZONES)
@given(start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), minutes=st.integers(0, 390 * 24 * 60))
def test_local_days_are_those_of_the_zone(zone: str, start: datetime, minutes: int) -> None:
    begun = start.replace(tzinfo=UTC)
    calendar = make_calendar(rules("US", zone), begun)
    at = begun + timedelta(minutes=minutes)
    assert calendar.day_of(at) == at.astimezone(ZoneInfo(zone)).date()
    end = calendar.end_of(calendar.day_of(at))
    assert end.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S") == "23:59:59"
    assert end.astimezone(ZoneInfo(zone)).date() == calendar.day_of(at)


WINTER = make_calendar(NEW_YORK, datetime(2026, 10, 1, tzinfo=UTC))
INSTANTS = st.datetimes(datetime(2026, 10, 1), datetime(2027, 9, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(INSTANTS, INSTANTS, st.integers(1, 20), st.integers(0, 5))
def test_deadlines_never_run_backwards(one: datetime, other: datetime, days: int, more: int) -> None:
    early, late = sorted((one, other))
    assert WINTER.business_deadline(early, days) <= WINTER.business_deadline(late, days)
    assert WINTER.business_deadline(early, days) <= WINTER.business_deadline(early, days + more)
    assert WINTER.business_deadline(early, days) > early


@given(INSTANTS, st.integers(1, 20))
def test_a_deadline_is_so_many_business_days_away(start: datetime, days: int) -> None:
    deadline = WINTER.business_deadline(start, days)
    assert WINTER.business_days_between(start, deadline) == days
    assert WINTER.is_business_day(WINTER.day_of(deadline))


def test_what_is_recorded_is_what_is_read_back() -> None:
    assert Calendar.model_validate_json(WINTER.model_dump_json()) == WINTER


def test_days_later_is_the_same_time_of_day_over_a_clock_change() -> None:
    before = local("2026-10-30 10:15", NEW_YORK)
    assert WINTER.add_days(before, 7) == local("2026-11-06 10:15", NEW_YORK)


def test_the_shops_own_closed_day_and_a_weekend_are_no_business_days() -> None:
    calendar = make_calendar(CLOSED, datetime(2026, 11, 1, tzinfo=UTC))
    assert not calendar.is_business_day(date(2026, 11, 26))
    assert not calendar.is_business_day(date(2026, 11, 27))
    assert not calendar.is_business_day(date(2026, 11, 28))
    assert calendar.is_business_day(date(2026, 11, 30))


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        pytest.param("America/Santiago", date(2026, 4, 4), "2026-04-05T03:59:59+00:00", id="23:59:59 comes twice"),
        pytest.param("America/Santiago", date(2026, 9, 5), "2026-09-06T03:59:59+00:00", id="midnight is skipped"),
    ],
)
def test_a_day_ends_with_its_very_last_second(zone: str, day: date, end: str) -> None:
    calendar = make_calendar(rules("CL", zone), datetime(2026, 1, 1, tzinfo=UTC))
    assert calendar.end_of(day).isoformat() == end
