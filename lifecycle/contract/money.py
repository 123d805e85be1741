"""Money as integers in the currency's minor unit (CONTRACT section 3); nothing here is a float."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from babel.core import get_global

#: Exponents of ISO 4217 that are not 2. Babel's own figures are CLDR's, which are made for
#: display and differ (it gives IQD 0 where ISO 4217 says 3).
_EXPONENTS = dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"), 0)
_EXPONENTS |= dict.fromkeys(("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0)
_EXPONENTS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)

# Read while importing: inside a workflow nothing may open a file. Withdrawn currencies stay,
# so that a newer Babel never turns an open return's currency into an unknown one.
_CURRENCIES = frozenset(
    code
    for used in get_global("territory_currencies").values()
    for code, _since, _until, is_tender in used
    if is_tender
)


def is_currency(code: str) -> bool:
    """Whether ``code`` is an ISO 4217 currency that is, or once was, legal tender somewhere."""
    return code in _CURRENCIES


def exponent(code: str) -> int:
    """How many decimal places the currency's minor unit has: USD 2, JPY 0, KWD 3 (ISO 4217)."""
    return _EXPONENTS.get(code, 2)


def format_money(amount: int, currency: str) -> str:
    """Minor units for people to read: ``format_money(4033, "USD")`` is ``"40.33 USD"``."""
    places = exponent(currency)
    sign, digits = "-" if amount < 0 else "", str(abs(amount)).rjust(places + 1, "0")
    if not places:
        return f"{sign}{digits} {currency}"
    return f"{sign}{digits[:-places]}.{digits[-places:]} {currency}"


@dataclass(frozen=True)
class Cost:
    """What something costs the shop, in minor units."""

    amount: int
    currency: str


def cost_of(amount: str | None, currency: str | None) -> Cost | None:
    """What a partner calls ``5.20`` ``USD``; None where it names none, or nothing that can be read."""
    try:
        value = Decimal(str(amount)).scaleb(exponent(str(currency)))
        return Cost(int(value.to_integral_value()), str(currency)) if is_currency(str(currency)) else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def spread(total: int, parts: int) -> list[int]:
    """Split ``total`` into equal parts that add up to it.

    Largest remainder with equal weights: the first parts get the minor units left over
    (CONTRACT section 3). Raises ``ValueError`` when there is no part or nothing to split.
    """
    if parts < 1 or total < 0:
        raise ValueError(f"cannot spread {total} over {parts} parts")
    share, rest = divmod(total, parts)
    return [share + 1] * rest + [share] * (parts - rest)


def share_out(amount: int, rooms: Mapping[str, int]) -> list[tuple[str, int]]:
    """As much of ``amount`` as fits, one after another: ``(name, part)`` for each that gets something."""
    parts = []
    for name, room in rooms.items():
        part = min(amount, room)
        if part > 0:
            parts.append((name, part))
            amount -= part
    return parts


def percent(amount: int, percentage: Decimal) -> int:
    """``percentage`` % of a non-negative amount, rounded half up, exactly at any size."""
    numerator, denominator = percentage.as_integer_ratio()
    whole = 100 * denominator
    return (2 * amount * numerator + whole) // (2 * whole)
