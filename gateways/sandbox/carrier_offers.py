"""What the built-in carrier offers: when its vans come, and where its drop-off points are.

Its vans keep Eastern Standard Time (UTC-5) all year: from 10 to 13 and from 14 to 17 o'clock,
on every day but Sunday.
"""

from datetime import datetime, time, timedelta, timezone

from gateways.carrier.protocol import DropOffPoint
from lifecycle.contract.request import Address
from lifecycle.contract.times import TimeWindow

_ZONE = timezone(timedelta(hours=-5))
_HOURS = ((10, 13), (14, 17))
_SUNDAY = 6
_OFFERED_DAYS = 3
#: How far ahead a window can be booked.
BOOKED_AHEAD = timedelta(days=14)
_POINTS = (
    ("Corner Shop", "12 Market St", "Mon-Sat 7:00-21:00"),
    ("Central Station Lockers", "1 Station Sq", "always open"),
    ("Filling Station", "200 Ring Rd", "Mon-Sun 6:00-23:00"),
    ("Garden Centre", "45 Mill Ln", "Mon-Sat 9:00-18:00"),
)


def windows(after: datetime) -> list[TimeWindow]:
    """The windows of the three days of work after the day of ``after``, soonest first."""
    day = after.astimezone(_ZONE).date()
    found: list[TimeWindow] = []
    while len(found) < _OFFERED_DAYS * len(_HOURS):
        day += timedelta(days=1)
        if day.weekday() == _SUNDAY:
            continue
        for first, last in _HOURS:
            start, end = (datetime.combine(day, time(hour), _ZONE) for hour in (first, last))
            found.append(TimeWindow(start=start.astimezone(after.tzinfo), end=end.astimezone(after.tzinfo)))
    return found


def can_be_booked(slot: TimeWindow, now: datetime) -> bool:
    """Whether a van comes then: one of the windows, not begun, and not too far ahead."""
    start, end = slot.start.astimezone(_ZONE), slot.end.astimezone(_ZONE)
    hours = start.date() == end.date() and (start.time(), end.time()) in {
        (time(first), time(last)) for first, last in _HOURS
    }
    return hours and start.weekday() != _SUNDAY and now < slot.start <= now + BOOKED_AHEAD


def points_near(address: Address) -> tuple[DropOffPoint, ...]:
    """Drop-off points in the customer's city, nearest first."""
    area = address.postal_code or address.city
    return tuple(
        DropOffPoint(
            point_id=f"{address.country}-{area}-{number}",
            name=name,
            line1=line1,
            city=address.city,
            postal_code=address.postal_code,
            country=address.country,
            hours=hours,
        )
        for number, (name, line1, hours) in enumerate(_POINTS, start=1)
    )
