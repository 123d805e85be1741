"""Business days, from a recorded calendar: no clock, no time zone data, no holiday data is read here."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from pydantic import AwareDatetime, BaseModel


class Alarm(NamedTuple):
    """An instant at which something has to happen by itself, and what."""

    at: datetime
    what: str


class Calendar(BaseModel):
    """The days of one shop, as they were known when a return was opened.

    ``offset`` and ``changes`` say how far the shop's local time is from UTC, in seconds, at
    first and from each instant on; ``weekend`` holds weekdays (Monday is 0), ``closed`` the
    public holidays and the shop's own closed days.
    """

    offset: int
    changes: list[tuple[AwareDatetime, int]] = []
    weekend: list[int] = []
    closed: list[date] = []

    def day_of(self, instant: datetime) -> date:
        """The shop's local day of an instant."""
        return self._local(instant).date()

    def end_of(self, day: date) -> datetime:
        """23:59:59 of a local day, as an instant in UTC."""
        # From the next day's start, because where clocks go back at midnight 23:59:59 comes twice.
        return self._instant(datetime.combine(day + timedelta(days=1), time())) - timedelta(seconds=1)

    def end_of_day_after(self, instant: datetime, days: int) -> datetime:
        """23:59:59 of the local day that many calendar days after the instant's own."""
        return self.end_of(self.day_of(instant) + timedelta(days=days))

    def add_days(self, instant: datetime, days: int) -> datetime:
        """The same local time, that many calendar days later."""
        return self._instant(self._local(instant) + timedelta(days=days))

    def start_of(self, day: date) -> datetime:
        """The first instant of a local day, in UTC."""
        return self.end_of(day - timedelta(days=1)) + timedelta(seconds=1)

    def at(self, day: date, minutes: int) -> datetime:
        """So many minutes after midnight by the shop's clock on a local day, as an instant in UTC."""
        return self._instant(datetime.combine(day, time()) + timedelta(minutes=minutes))

    def is_business_day(self, day: date) -> bool:
        """Whether the shop works on that day."""
        return day.weekday() not in self.weekend and day not in self.closed

    def business_deadline(self, start: datetime, days: int) -> datetime:
        """23:59:59 of the ``days``-th business day after the start's own day, which is day 0."""
        day = self.day_of(start)
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_business_day(day)
        return self.end_of(day)

    def business_day_start(self, start: datetime, days: int) -> datetime:
        """The first instant of the ``days``-th business day after the start's own day, which is day 0."""
        return self.start_of(self.day_of(self.business_deadline(start, days)))

    def business_days_between(self, start: datetime, end: datetime) -> int:
        """How many business days after the start's own day have begun by ``end``."""
        day, last, count = self.day_of(start), self.day_of(end), 0
        while day < last:
            day += timedelta(days=1)
            count += self.is_business_day(day)
        return count

    def _offset_at(self, instant: datetime) -> int:
        offset = self.offset
        for change, following in self.changes:
            if instant < change:
                break
            offset = following
        return offset

    def _local(self, instant: datetime) -> datetime:
        naive = instant.astimezone(UTC).replace(tzinfo=None)
        return naive + timedelta(seconds=self._offset_at(instant))

    def _instant(self, local: datetime) -> datetime:
        """The instant of a local time: the first of two, and one that is skipped by the offset before."""
        guess = (local - timedelta(seconds=self.offset)).replace(tzinfo=UTC)
        for change, following in self.changes:
            if guess < change:
                break
            after = (local - timedelta(seconds=following)).replace(tzinfo=UTC)
            guess = max(after, change) if after < change else after
        return guess
