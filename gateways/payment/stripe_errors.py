"""Stripe's errors as gateway errors, by what to do about them."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from gateways import retry_after
from gateways.errors import Busy, Declined, GatewayError, Unavailable, code_or

#: Stripe's words, where the protocol has one of its own.
_WORDS = {
    "resource_missing": "not_found",
    "charge_already_refunded": "amount_too_large",
    "amount_too_large": "amount_too_large",
    "charge_expired_for_capture": "hold_expired",
}


@contextmanager
def gateway_errors() -> Iterator[None]:
    """Turn the SDK's errors into ``gateways.errors``.

    A conflict, a 5xx or a lost connection leaves open what happened: each next try asks first.
    What Stripe says itself about a repeat (``stripe-should-retry``) decides the rest, except
    that a 5xx is always asked after.
    """
    try:
        yield
    except stripe.RateLimitError as error:
        wait = retry_after.parse(_header(error, "retry-after"))
        raise Busy("Stripe is busy", "429", wait, error.user_message) from error
    except stripe.APIConnectionError as error:
        raise Unavailable("the connection to Stripe was lost", "connection_lost") from error
    except stripe.StripeError as error:
        raise _gateway_error(error) from error


def _gateway_error(error: stripe.StripeError) -> GatewayError:
    status = error.http_status
    # An answer that is no JSON came from something in between, and says nothing of the effect.
    unclear = isinstance(error, stripe.APIError) and (status is None or status < 300)
    if unclear or (status is not None and status >= 500):
        return Unavailable(_answered(status), str(status or "unclear"), error.user_message)
    told = _header(error, "stripe-should-retry")
    if told == "true" or (status == 409 and told != "false"):
        return Unavailable(_answered(status), str(status), error.user_message)
    code = _code(error)
    return Declined(f"Stripe refused: {code}", code, error.user_message)


def _answered(status: int | None) -> str:
    """Our own text for an answer that leaves open what happened."""
    return f"Stripe answered {status}" if status else "Stripe's answer cannot be read"


def _code(error: stripe.StripeError) -> str:
    """The most specific word: why the card refused, else what was wrong."""
    refused = error.error.decline_code if isinstance(error, stripe.CardError) and error.error else None
    word = code_or(refused or error.code, "refused")
    return _WORDS.get(word, word)


def _header(error: stripe.StripeError, name: str) -> str | None:
    return {key.lower(): value for key, value in (error.headers or {}).items()}.get(name)
