"""What the client raises, and how Temporal's errors are sorted into it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import ValidationError
from temporalio.client import (
    RPCTimeoutOrCancelledError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

_FIELD = re.compile(r"^(?P<field>[\w.]+): (?P<text>.+)$")


class HomewardError(Exception):
    """Anything a caller may have to tell its own user."""


class UnknownReturn(HomewardError):
    """No return has this id."""

    def __init__(self, return_id: str) -> None:
        self.return_id = return_id
        super().__init__(f"there is no return {return_id}")


class NotAllowed(HomewardError):
    """The return's state does not allow this; nothing has changed. The message says why."""


class InvalidInput(HomewardError):
    """What was sent is misshaped; ``problems`` holds ``(field, what is wrong)``."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(f"{field}: {text}" for field, text in self.problems))


class Unreachable(HomewardError):
    """Temporal, its workers or the database gave no answer; repeating the call is safe."""


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Raise Temporal's errors as ours; those of ours pass."""
    try:
        yield
    except WorkflowUpdateFailedError as error:
        raise _from_update(error.cause) from None
    except (RPCTimeoutOrCancelledError, WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
        raise Unreachable("no worker answered in time; it is safe to try again") from None
    except RPCError as error:
        raise _from_rpc(error) from None


def _from_rpc(error: RPCError) -> HomewardError:
    if error.status is RPCStatusCode.INVALID_ARGUMENT:
        return InvalidInput([("body", error.message)])
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return Unreachable("no worker answered in time; it is safe to try again")
    return Unreachable(f"Temporal answered {error.status.name}: {error.message}")


def _from_update(cause: BaseException) -> HomewardError:
    if isinstance(cause, ApplicationError) and cause.type == "InvalidRequest":
        return InvalidInput(_fields(cause.message))
    link: BaseException | None = cause
    while link is not None:
        if isinstance(link, ApplicationError) and link.type == ValidationError.__name__:
            return InvalidInput(_fields_of_pydantic(link.message))
        link = link.__cause__
    return NotAllowed(cause.message if isinstance(cause, ApplicationError) else str(cause))


def _fields(text: str) -> list[tuple[str, str]]:
    found = []
    for part in text.split("; "):
        match = _FIELD.match(part)
        found.append((match["field"], match["text"]) if match else ("body", part))
    return found


def _fields_of_pydantic(text: str) -> list[tuple[str, str]]:
    """Read pydantic's printed form: a headline, then each field, its reason indented by two, a link by four.

    What was given is cut off: it may be personal.
    """
    found = []
    field = "body"
    for line in text.splitlines()[1:]:
        if not line.startswith(" "):
            field = line
        elif not line.startswith("    "):
            found.append((field, line.partition(" [type=")[0].strip()))
            field = "body"
    return found or [("body", "expected what the contract says")]
