"""Money as it is typed."""

import re
from typing import Final

from lifecycle.contract.money import exponent

_TYPED: Final = re.compile(r"^(?P<whole>\d{1,9})(?:[.,](?P<part>\d+))?$")


def minor_units(typed: str, currency: str) -> int | None:
    """``minor_units("45.5", "USD")`` is 4550; None when it is no amount of that currency.

    Point and comma both part the units from their parts; neither groups thousands.
    """
    places = exponent(currency)
    match = _TYPED.match(typed.strip())
    part = (match and match["part"]) or ""
    if match is None or len(part) > places:
        return None
    return int(match["whole"] + part.ljust(places, "0"))


def example(currency: str) -> str:
    """How an amount of that currency is typed."""
    places = exponent(currency)
    return f"45.{'0' * places}" if places else "4500"
