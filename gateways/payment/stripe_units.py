"""Stripe's own units: where its minor unit is not ISO 4217's (https://docs.stripe.com/currencies)."""

from gateways.errors import Declined
from lifecycle.contract.money import exponent, format_money

#: Sent without decimals, although ISO 4217 gives the ariary two.
_EXPONENTS = {"MGA": 0}
#: Without decimals, and yet sent with two that must be zeros.
_EXPONENTS |= dict.fromkeys(("ISK", "UGX"), 2)
#: How many of the last digits must be zeros: three decimals are sent, card networks carry two.
_ZEROS = {3: 1}


def to_stripe(amount: int, currency: str) -> int:
    """Our minor units as Stripe's; raises ``Declined`` (``amount_not_exact``) rather than round."""
    ours, theirs = exponent(currency), _EXPONENTS.get(currency, exponent(currency))
    sent: int
    sent, rest = divmod(amount * 10**theirs, 10**ours)
    if rest or sent % 10 ** _ZEROS.get(theirs, 0):
        raise Declined(f"Stripe cannot carry {format_money(amount, currency)} exactly", "amount_not_exact")
    return sent


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's minor units as ours, rounded down: never more than is there."""
    theirs = _EXPONENTS.get(currency, exponent(currency))
    ours: int = amount * 10 ** exponent(currency) // 10**theirs
    return ours
