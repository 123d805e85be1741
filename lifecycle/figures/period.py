"""The days that figures are of, and how a chart divides them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

#: Days of the longest period.
LONGEST: Final = 3 * 366
#: Days of the longest period that is shown by the day, and by the week.
_BY_DAY, _BY_WEEK = 31, 26 * 7


class Preset(StrEnum):
    """A period that has a name; it ends today."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True)
class Period:
    """From the beginning of the first day to the end of the last, at the shop."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """``ValueError`` for one that ends before it begins, or is too long."""
        if self.last < self.first:
            raise ValueError(f"the last day, {self.last}, is before the first, {self.first}")
        if (self.last - self.first).days >= LONGEST:
            raise ValueError(f"more than {LONGEST} days, from {self.first} to {self.last}")

    @property
    def parts(self) -> list[date]:
        """The first day of each part that a chart shows: days, weeks from Monday on, or months, by how long it is."""
        days = (self.last - self.first).days + 1
        every = [self.first + timedelta(number) for number in range(days)]
        if days <= _BY_DAY:
            return every
        weekly = days <= _BY_WEEK
        return [day for day in every if day == self.first or (day.weekday() == 0 if weekly else day.day == 1)]

    def instants(self, zone: ZoneInfo) -> list[datetime]:
        """When each part begins, and last when the period ends."""
        return [datetime.combine(day, time.min, zone) for day in (*self.parts, self.last + timedelta(days=1))]


def preset(name: Preset, today: date) -> Period:
    """This week, from Monday on, this month, this quarter, or this year, up to today."""
    match name:
        case Preset.WEEK:
            first = today - timedelta(days=today.weekday())
        case Preset.MONTH:
            first = today.replace(day=1)
        case Preset.QUARTER:
            first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        case Preset.YEAR:
            first = today.replace(month=1, day=1)
    return Period(first, today)
