"""Money, days and time windows as mails write them, in the language in use (``content/en/mails/words.toml``)."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import parse_pattern

from gateways.language import locale, text
from lifecycle.contract.money import exponent


def money(amount: int, currency: str) -> str:
    """Minor units as people read them: ``money(4033, "USD")`` is ``40.33 USD``."""
    places = exponent(currency)
    pattern = parse_pattern(_format("money"))
    # Babel's own number of places is CLDR's, which differs from ISO 4217 for some.
    pattern.frac_prec = (places, places)
    value = Decimal(amount).scaleb(-places)
    return str(pattern.apply(value, locale(), currency=currency, currency_digits=False))


def day(on: str) -> str:
    """A day of the calendar, given as ``2026-11-24``."""
    return format_date(date.fromisoformat(on), _format("date"), locale=locale())


def day_of(at: str, timezone: str) -> str:
    """The shop's own day of an instant."""
    return format_date(_local(at, timezone), _format("date"), locale=locale())


def window(interval: str, timezone: str) -> str:
    """A time window in the shop's own time: ``Tuesday, 24 November, 10:00 to 13:00 EST``."""
    start, end = (_local(part, timezone) for part in interval.split("/"))
    return text(
        "mails/words",
        "format.window",
        start=_written(start, "window_start"),
        end=_written(end, "window_end"),
        zone=end.tzname(),
    )


def moment(at: datetime, timezone: str) -> str:
    """An instant in the shop's own time: ``Tuesday, November 24, 10:00 EST``."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{_written(local, 'moment')} {local.tzname()}"


def _local(at: str, timezone: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(ZoneInfo(timezone))


def _written(local: datetime, name: str) -> str:
    # Without its zone: Babel would count the local time from UTC otherwise.
    return format_datetime(local.replace(tzinfo=None), _format(name), locale=locale())


def _format(name: str) -> str:
    return text("mails/words", f"format.{name}")
