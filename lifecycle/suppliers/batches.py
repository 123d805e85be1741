"""When what is gathered for a supplier makes a batch.

Reads holidays and time zones, so it is called by an activity and never inside workflow code.
"""

from datetime import datetime, timedelta

from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.policy import Policy
from lifecycle.suppliers.state import BatchPlan

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: Days; longer than any shop is closed in a row.
_LOOKS_AHEAD = 60


def plan_batch(policy: Policy, now: datetime) -> BatchPlan:
    """The plan of a batch that begins now, by the policy in force."""
    rules = policy.supplier
    return BatchPlan(size=rules.batch_size, ask_at=_ask_at(policy, now), remind_after_days=rules.remind_after_days)


def _ask_at(policy: Policy, now: datetime) -> datetime | None:
    """The beginning of the first business day from the next such weekday on; None where the number alone counts."""
    if not policy.supplier.batch_weekday:
        return None
    calendar = make_calendar(policy.clock, now, days=_LOOKS_AHEAD)
    today = calendar.day_of(now)
    ahead = (_WEEKDAYS.index(policy.supplier.batch_weekday) - today.weekday()) % 7 or 7
    day = today + timedelta(days=ahead)
    while not calendar.is_business_day(day):
        day += timedelta(days=1)
    return calendar.start_of(day)
