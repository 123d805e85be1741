"""Sorting of what goes wrong in an activity: try again, try again after a while, or never."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.partners import PARTNERS
from gateways.database.ledger import KeyReused
from gateways.errors import Busy, Declined, GatewayError


@contextmanager
def sorted_failures(partner: str, give_up_after: timedelta | None = None) -> Iterator[None]:
    """Turn gateway errors into Temporal's: never for a refusal, later for the rest.

    A partner's Retry-After is honoured. When the waits of one step add up to
    ``give_up_after`` (the partner's own figure where it is null), the step gives up.
    """
    try:
        yield
    except (Declined, KeyReused) as error:
        code = getattr(error, "code", "")
        raise ApplicationError(str(error), code, type=type(error).__name__, non_retryable=True) from error
    except GatewayError as error:
        raise _later(error, partner, give_up_after) from error


def _later(error: GatewayError, partner: str, give_up_after: timedelta | None) -> ApplicationError:
    kind = PARTNERS[partner]
    attempt = activity.info().attempt
    wait = kind.wait(attempt)
    if isinstance(error, Busy) and error.retry_after:
        wait = max(error.retry_after, timedelta(milliseconds=1))
    given_up = kind.waited(attempt) >= (kind.give_up_after if give_up_after is None else give_up_after)
    return ApplicationError(
        str(error),
        type="GaveUp" if given_up else type(error).__name__,
        non_retryable=given_up,
        next_retry_delay=None if given_up else wait,
    )
