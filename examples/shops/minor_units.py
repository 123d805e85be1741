"""What every mapping here needs: amounts as minor units, and dictionaries without what is not there."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lifecycle.contract.money import exponent

Json = dict[str, Any]


def minor(amount: str | float, currency: str) -> int:
    """``minor("12.50", "EUR")`` is 1250: by the places that ISO 4217 gives a currency, half up."""
    shifted = Decimal(str(amount)).scaleb(exponent(currency))
    return int(shifted.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def present(**fields: Any) -> Json:
    """The fields that say something: left out is what Homeward takes for its default."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {}, 0, False)}


def latest(dates: Iterable[str | None]) -> str | None:
    """The last of some dates; None where one of them is not known yet, or there is none."""
    known = list(dates)
    return max((date for date in known if date), default=None) if all(known) else None
