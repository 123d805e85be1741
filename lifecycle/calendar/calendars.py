"""Where calendars come from: the country's holidays and the zone's clock changes.

Reads libraries whose data changes with their releases, so it is called by the opening step
and never inside workflow code; what it gives is recorded.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

from lifecycle.calendar.clock import Calendar
from lifecycle.contract.policy import ClockRules


def make_calendar(clock: ClockRules, start: datetime, days: int = 400) -> Calendar:
    """The shop's days from ``start`` on, for so many calendar days."""
    zone = ZoneInfo(clock.timezone)
    first, last = start.astimezone(zone).date(), (start + timedelta(days=days)).astimezone(zone).date()
    # Every year has to be named: one that is not has silently no holiday.
    known = holidays.country_holidays(
        clock.country, subdiv=clock.subdivision or None, years=range(first.year, last.year + 1), expand=False
    )
    closed = {day for day in [*known, *clock.closed_days] if first <= day <= last}
    offset, changes = _offsets(zone, start, days)
    return Calendar(
        offset=offset,
        changes=changes,
        weekend=sorted(known.weekend),
        closed=sorted(day for day in closed if day.weekday() not in known.weekend),
    )


def _offsets(zone: ZoneInfo, start: datetime, days: int) -> tuple[int, list[tuple[datetime, int]]]:
    at = start.astimezone(UTC).replace(microsecond=0)
    first = offset = _offset(zone, at)
    changes = []
    for _ in range(days):
        following = at + timedelta(days=1)
        if _offset(zone, following) != offset:
            changed = _change(zone, at, following)
            offset = _offset(zone, changed)
            changes.append((changed, offset))
        at = following
    return first, changes


def _offset(zone: ZoneInfo, at: datetime) -> int:
    delta = at.astimezone(zone).utcoffset()
    return int(delta.total_seconds()) if delta else 0


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first second with the new offset, between two instants whose offsets differ."""
    before = _offset(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high
