"""How Stripe fails, sorted by what to do about it."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import stripe

from gateways.errors import Busy, Declined, GatewayError, Unavailable

#: Stripe's words, where the protocol has one of its own.
_WORDS = {
    "resource_missing": "not_found",
    "charge_already_refunded": "amount_too_large",
    "amount_too_large": "amount_too_large",
    "charge_expired_for_capture": "hold_expired",
}


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Turn the SDK's errors into ``gateways.errors``.

    A conflict, a 5xx or a lost connection leaves open what happened: each next try asks first.
    What Stripe says itself about a repeat (``stripe-should-retry``) decides the rest, except
    that a 5xx is always asked after.
    """
    try:
        yield
    except stripe.RateLimitError as error:
        raise Busy(_message(error), "429", _retry_after(error.headers or {})) from error
    except stripe.APIConnectionError as error:
        raise Unavailable("the connection to Stripe was lost", "connection_lost") from error
    except stripe.StripeError as error:
        raise _sorted(error) from error


def _sorted(error: stripe.StripeError) -> GatewayError:
    status = error.http_status
    # An answer that is no JSON came from something in between, and says nothing of the effect.
    unclear = isinstance(error, stripe.APIError) and (status is None or status < 300)
    if unclear or (status is not None and status >= 500):
        return Unavailable(_message(error), str(status or "unclear"))
    told = {key.lower(): value for key, value in (error.headers or {}).items()}.get("stripe-should-retry")
    if told == "true" or (status == 409 and told != "false"):
        return Unavailable(_message(error), str(status))
    return Declined(_message(error), _code(error))


def _code(error: stripe.StripeError) -> str:
    """The most telling word: why the card refused, else what was wrong."""
    refused = error.error.decline_code if isinstance(error, stripe.CardError) and error.error else None
    word = refused or error.code or "refused"
    return _WORDS.get(word, word)


def _message(error: stripe.StripeError) -> str:
    return error.user_message or "Stripe did not say why"


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Seconds; null where there are none, or they are no number."""
    text = {key.lower(): value for key, value in headers.items()}.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        return None
    return timedelta(seconds=seconds) if math.isfinite(seconds) and 0 <= seconds <= 86_400 else None
