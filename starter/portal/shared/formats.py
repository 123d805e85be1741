"""Money and days as people read them, in the catalogue's language."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency

from gateways.language import locale
from lifecycle.contract.money import exponent
from starter.portal.shared.texts import catalogue

#: A day of the calendar; the class below has a method of that name.
_Day = date


def money(amount: int, currency: str) -> str:
    """Minor units as people write them: ``money(4033, "USD")`` is ``$40.33``."""
    # Babel's own number of places is CLDR's, which differs from ISO 4217 for some.
    value = Decimal(amount).scaleb(-exponent(currency))
    return format_currency(value, currency, locale=locale(), decimal_quantization=False)


class Days:
    """Instants as days and hours in the shop's time zone."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def day(self, at: datetime) -> str:
        """``Friday, November 27``."""
        return format_date(at.astimezone(self._zone), str(catalogue()["base"]["day"]), locale=locale())

    def date(self, at: datetime) -> str:
        """``Nov 27, 2026``."""
        return format_skeleton("yMMMd", at.astimezone(self._zone), tzinfo=self._zone, locale=locale())

    def on(self, day: _Day) -> str:
        """``Sep 1, 2027``, of a day that is one in every zone."""
        return format_skeleton("yMMMd", day, locale=locale())

    def short(self, day: _Day) -> str:
        """``Sep 1``, of such a day, where the year is known."""
        return format_skeleton("MMMd", day, locale=locale())

    def time(self, at: datetime) -> str:
        """``2:30 PM``."""
        return format_time(at, "short", tzinfo=self._zone, locale=locale())
