"""On which day a batch for a supplier is made: dates from calendars, made by hand."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lifecycle.contract.policy import InvalidPolicy, Policy, parse_policy
from lifecycle.suppliers.batches import plan_batch


def asked_on(weekday: str, now: str, zone: str = "America/New_York", country: str = "US") -> str | None:
    clock = {"timezone": zone, "country": country, "closed_days": ["2026-12-28"]}
    policy = Policy.model_validate({"supplier": {"batch_weekday": weekday}, "clock": clock})
    at = plan_batch(policy, datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone))).ask_at
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S") if at else None


@pytest.mark.parametrize(
    ("weekday", "now", "expected"),
    [
        ("thursday", "2026-11-11 10:00", "2026-11-12 00:00:00"),
        ("thursday", "2026-11-11 23:59:59", "2026-11-12 00:00:00"),
        ("thursday", "2026-11-12 00:00:00", "2026-11-19 00:00:00"),
        ("thursday", "2026-11-19 12:00", "2026-11-27 00:00:00"),  # the 26th is Thanksgiving
        ("saturday", "2026-11-11 10:00", "2026-11-16 00:00:00"),
        ("friday", "2026-12-22 10:00", "2026-12-29 00:00:00"),  # Christmas, the weekend, a day of the shop's own
        ("sunday", "2026-10-26 10:00", "2026-11-02 00:00:00"),  # clocks went back on the 1st
        ("monday", "2027-03-12 10:00", "2027-03-15 00:00:00"),  # and forward on the 14th
    ],
)
def test_a_batch_is_made_at_the_beginning_of_its_day(weekday: str, now: str, expected: str) -> None:
    assert asked_on(weekday, now) == expected


def test_the_day_is_the_shops_own() -> None:
    assert asked_on("sunday", "2026-11-11 10:00", "Asia/Jerusalem", "IL") == "2026-11-15 00:00:00"
    assert asked_on("saturday", "2026-11-11 10:00", "Asia/Jerusalem", "IL") == "2026-11-15 00:00:00"


def test_without_a_weekday_only_the_number_counts() -> None:
    assert asked_on("", "2026-11-11 10:00") is None


def test_a_plan_holds_the_keys_in_force() -> None:
    plan = plan_batch(parse_policy("[supplier]\nbatch_size = 3\nremind_after_days = 30"), datetime.now(ZoneInfo("UTC")))
    assert (plan.size, plan.remind_after_days) == (3, 30)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("batch_size = 0", "supplier.batch_size"),
        ("batch_size = 1001", "supplier.batch_size"),
        ("batch_size = 2.0", "supplier.batch_size"),
        ('batch_weekday = "Monday"', "supplier.batch_weekday"),
        ("batch_weekday = 1", "supplier.batch_weekday"),
        ("remind_after_days = 0", "supplier.remind_after_days"),
        ("remind_after_days = 366", "supplier.remind_after_days"),
        ("batch_sise = 3", "supplier.batch_sise"),
    ],
)
def test_a_wrong_key_is_named(line: str, field: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        parse_policy(f"[supplier]\n{line}")
    assert [name for name, _ in caught.value.problems] == [field]
