"""What the clients raise, and how Temporal's errors become that.

Temporal's library is loaded where its errors are converted: the HTTP client does without it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from temporalio.service import RPCError

_FIELD = re.compile(r"^(?P<field>[\w.]+): (?P<text>.+)$")
#: How a running workflow refuses content that only it can judge.
_WRONG_CONTENT = re.compile(r"^[\w.]+: expected ")
#: How Temporal speaks of search attributes: where they are set, and where they are searched.
_ABOUT_ATTRIBUTES = re.compile("search attribute|column name", re.IGNORECASE)
_NO_ANSWER: Final = "no worker answered in time; it is safe to try again"
_OUT_OF_REACH: Final = "Temporal is out of reach; what did not get there was not done, and it is safe to try again"
#: How the SDK says that a client that connects at its first call cannot.
_NOT_CONNECTED: Final = "Failed client connect"


class HomewardError(Exception):
    """Anything a caller may have to show its own user."""


class UnknownReturn(HomewardError):
    """No return has this id."""

    def __init__(self, return_id: str) -> None:
        self.return_id = return_id
        super().__init__(f"there is no return {return_id}")


class UnknownRepair(HomewardError):
    """No unit with this id is, or was lately, on the bench for this return."""

    def __init__(self, return_id: str, unit_id: str) -> None:
        super().__init__(f"there is no repair of unit {unit_id} of return {return_id}")


class UnknownCase(HomewardError):
    """No support case has this id."""

    def __init__(self, case_id: str) -> None:
        super().__init__(f"there is no support case {case_id}")


class UnknownPartner(HomewardError):
    """No partner has this name."""

    def __init__(self, partner: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no partner {partner}: expected one of {', '.join(known)}")


class UnknownFinding(HomewardError):
    """The last comparison of the books has found nothing like it."""

    def __init__(self, return_id: str, kind: str, subject: str | None) -> None:
        about = f" about {subject}" if subject is not None else ""
        super().__init__(f"there is no finding {kind} of return {return_id}{about}")


class UnknownEvent(HomewardError):
    """The inbox holds no event of this number."""

    def __init__(self, event_id: int) -> None:
        super().__init__(f"the inbox holds no event {event_id}")


class UnknownReservation(HomewardError):
    """Nothing was ever reserved on our shelves under this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no reservation {key}")


class NotAllowed(HomewardError):
    """The return's state does not allow this; nothing has changed. The message says why."""


class Unlikely(NotAllowed):
    """A partner's message hardly belongs to this return; whoever knows better confirms it."""

    def __init__(self, return_id: str, doubts: Sequence[str]) -> None:
        self.doubts = list(doubts)
        super().__init__(f"it hardly belongs to {return_id}: {'; '.join(doubts)}")


class Closed(NotAllowed):
    """The return is closed: nothing can be said to it any more."""


class Forgotten(Closed):
    """The return is closed, and so long ago that Temporal keeps nothing of it: only the database knows it."""


class Orphaned(NotAllowed):
    """The return is open and no workflow carries it: nothing can be said to it before it is revived."""

    @classmethod
    def of(cls, return_id: str, how: str) -> "Orphaned":
        """``how`` its workflow ended, and what can be done."""
        return cls(
            f"{return_id} cannot go on by itself: {how}; "
            f"`homeward revive {return_id}` goes on from its records, `homeward release {return_id}` ends it"
        )


class OtherRequest(NotAllowed):
    """The ``return_id`` belongs to another request."""


class WrongContent(NotAllowed):
    """A field is wrong as only the running return could know, such as an amount above what is left."""

    @property
    def problems(self) -> list[tuple[str, str]]:
        """``(field, what is wrong)``."""
        return _fields(str(self))


class InvalidInput(HomewardError):
    """What was sent is misshaped; ``problems`` holds ``(field, what is wrong)``."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(f"{field}: {text}" for field, text in self.problems))


class NotAuthorised(HomewardError):
    """The API key is wrong, or does not open this call."""


class Unreachable(HomewardError):
    """Temporal, its workers or the database gave no answer; repeating the call is safe."""


class OutOfReach(Unreachable):
    """Temporal cannot be spoken to. Where it went away in the middle of a call, that may have been done."""

    def __init__(self) -> None:
        super().__init__(_OUT_OF_REACH)


class NoAnswer(Unreachable):
    """Temporal can be spoken to, but no worker answered in time; what was asked may be done later."""

    def __init__(self) -> None:
        super().__init__(_NO_ANSWER)


class NotSetUp(Unreachable):
    """Temporal lacks a search attribute that returns are listed by; nothing was done."""

    def __init__(self, attribute: str) -> None:
        super().__init__(
            f"Temporal's namespace has no search attribute {attribute}, and nothing was done: "
            "whoever runs it has to register it (docs/operating.md, Search attributes)"
        )


@contextmanager
def client_errors() -> Iterator[None]:
    """Raise Temporal's errors as ours; those of ours pass."""
    from temporalio.client import (
        RPCTimeoutOrCancelledError,
        WorkflowUpdateFailedError,
        WorkflowUpdateRPCTimeoutOrCancelledError,
    )
    from temporalio.service import RPCError

    try:
        yield
    except WorkflowUpdateFailedError as error:
        raise _from_update(error.cause) from None
    except (RPCTimeoutOrCancelledError, WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
        raise NoAnswer from None
    except RPCError as error:
        raise _from_rpc(error) from None
    except RuntimeError as error:
        if not str(error).startswith(_NOT_CONNECTED):
            raise
        raise OutOfReach from None


def _from_rpc(error: "RPCError") -> HomewardError:
    from temporalio.service import RPCStatusCode

    if error.status is RPCStatusCode.INVALID_ARGUMENT:
        if missing := _missing_attribute(error.message):
            return NotSetUp(missing)
        return InvalidInput([("body", error.message)])
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return NoAnswer()
    if error.status is RPCStatusCode.UNAVAILABLE:
        return OutOfReach()
    return Unreachable(f"Temporal answered {error.status.name}: {error.message}")


def _missing_attribute(text: str) -> str | None:
    """The search attribute of ours that Temporal says it does not know; the caller is not to blame for it."""
    from client.search_attributes import KEYS

    if not _ABOUT_ATTRIBUTES.search(text):
        return None
    return next((key.name for key in KEYS if re.search(rf"\b{key.name}\b", text)), None)


def _from_update(cause: BaseException) -> HomewardError:
    from temporalio.exceptions import ApplicationError

    if isinstance(cause, ApplicationError) and cause.type == "InvalidRequest":
        return InvalidInput(_fields(cause.message))
    told = cause.message if isinstance(cause, ApplicationError) else str(cause)
    return WrongContent(told) if _WRONG_CONTENT.match(told) else NotAllowed(told)


def _fields(text: str) -> list[tuple[str, str]]:
    found = []
    for part in text.split("; "):
        match = _FIELD.match(part)
        found.append((match["field"], match["text"]) if match else ("body", part))
    return found
