"""Business hours: the hours in which the shop answers, on its business days.

Counted on a recorded calendar, as business days are: no clock, no time zone and no holiday data is read here.
"""

from datetime import date, datetime, timedelta

from pydantic import BaseModel

from lifecycle.calendar.clock import Calendar

#: Days in a row on which no shop is closed.
_LONGEST_BREAK = 366


class BusinessHours(BaseModel):
    """When the shop is open on a business day; ``opens`` and ``closes`` are minutes after its midnight."""

    calendar: Calendar
    opens: int
    closes: int

    def after(self, start: datetime, hours: int) -> datetime:
        """The instant by which so many open hours have passed since the start; the shop is open then.

        A day on which the clocks change in opening hours is as long as it lasts.
        """
        left, day, idle = timedelta(hours=hours), self.calendar.day_of(start), 0
        while idle < _LONGEST_BREAK:
            opening, closing = self._open_on(day)
            begin = max(opening, start)
            idle += 1
            if begin < closing:
                if left <= closing - begin:
                    return begin + left
                left, idle = left - (closing - begin), 0
            day += timedelta(days=1)
        raise ValueError(f"the shop does not open within {_LONGEST_BREAK} days")

    def _open_on(self, day: date) -> tuple[datetime, datetime]:
        opening = self.calendar.at(day, self.opens)
        closing = self.calendar.at(day, self.closes)
        return opening, closing if self.calendar.is_business_day(day) else opening
