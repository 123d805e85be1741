"""What goes wrong in an activity: never try again, try again later, or an unforeseen fault of our own.

What leaves an activity holds a code and a text of ours. A partner's own words, and the text of an unforeseen
exception, may quote a customer: they are kept beside the ledger and go nowhere else.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from temporalio.exceptions import ApplicationError

from client.errors import Unreachable
from gateways.database.ledger import KeyReused
from gateways.errors import Busy, Declined, GatewayError
from lifecycle.contract.errors import InvalidRequest

#: The type of the error of a step that fails for good by an unforeseen fault.
UNFORESEEN = "Unforeseen"
#: How long a step with an unforeseen fault is tried.
UNFORESEEN_GIVES_UP = timedelta(hours=24)
#: How many causes a failure names, and how many characters its text may have: Temporal shows no more than 2 KB.
_CAUSES, _LONGEST_TEXT = 3, 500


@dataclass(frozen=True)
class Failure:
    """How work failed: ``text`` and ``code`` are ours, ``words`` the partner's; ``final`` is never tried again.

    ``causes`` are what lies behind it, the nearest first: an exception's type, and where it was raised.
    """

    kind: str
    text: str
    code: str
    words: str | None = None
    final: bool = False
    retry_after: timedelta | None = None
    causes: tuple[tuple[str, str], ...] = ()

    @property
    def unforeseen(self) -> bool:
        """Whether it is a fault of ours rather than a partner's."""
        return self.kind == UNFORESEEN


class StepFailed(ApplicationError):
    """Work with ``partner`` failed; the worker adds when it is tried again, or that it failed for good."""

    def __init__(self, failure: Failure, profile: str) -> None:
        super().__init__(failure.text, failure.code, type=failure.kind, non_retryable=failure.final)
        self.how = failure
        self.partner = profile


@contextmanager
def application_errors(profile: str) -> Iterator[None]:
    """Turn whatever goes wrong in the work with a partner into ``StepFailed``."""
    try:
        yield
    except ApplicationError:
        raise
    except Exception as error:  # noqa: BLE001 - nobody foresaw it, and it has to fail for good some day all the same
        raise StepFailed(classify(error), profile) from None


def classify(error: Exception) -> Failure:
    """What an exception means for its step."""
    causes = tuple(_causes(error))
    if isinstance(error, KeyReused):
        return Failure("KeyReused", str(error), "key_reused", final=True, causes=causes)
    if isinstance(error, InvalidRequest):
        return Failure("InvalidRequest", str(error)[:_LONGEST_TEXT], "invalid_request", final=True, causes=causes)
    if isinstance(error, Unreachable):
        return Failure("Unavailable", str(error)[:_LONGEST_TEXT], "unreachable", causes=causes)
    if isinstance(error, GatewayError):
        return Failure(
            kind=type(error).__name__,
            text=str(error)[:_LONGEST_TEXT],
            code=error.code,
            words=error.words,
            final=isinstance(error, Declined),
            retry_after=error.retry_after if isinstance(error, Busy) else None,
            causes=causes,
        )
    text = f"{type(error).__name__} {_place(error)}".rstrip()
    return Failure(UNFORESEEN, text[:_LONGEST_TEXT], "unforeseen", words=str(error) or None, causes=causes)


def final_error(failure: Failure, wait: timedelta | None) -> ApplicationError:
    """The error that a step ends its attempt with; ``wait`` is None when it is not tried again by itself."""
    kind = failure.kind if failure.final or failure.unforeseen or wait is not None else "GaveUp"
    error = ApplicationError(failure.text, failure.code, type=kind, non_retryable=wait is None, next_retry_delay=wait)
    behind: BaseException = error
    for name, place in failure.causes:
        # Without a type: whoever asks for a cause by its type shall find the failure itself alone.
        behind.__cause__ = ApplicationError(f"{name} {place}".rstrip())
        behind = behind.__cause__
    return error


def _causes(error: BaseException) -> Iterator[tuple[str, str]]:
    """Types and places of what lies behind an error; their texts may quote anything."""
    for _ in range(_CAUSES):
        behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if behind is None:
            return
        yield type(behind).__name__, _place(behind)
        error = behind


def _place(error: BaseException) -> str:
    """Where an exception was raised: ``at FILE:LINE FUNCTION``."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f"at {last.filename.rpartition('/')[2]}:{last.lineno} {last.name}"
