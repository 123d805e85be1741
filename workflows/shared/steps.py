"""How a step is begun: local or regular, named, and summed up; and what an error of it says."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

from workflows.shared.pending_events import PendingEvents

with workflow.unsafe.imports_passed_through():
    from activities.shared.profiles import PROFILES
    from activities.shared.publishing import attaching

Result = TypeVar("Result")

#: A step on our own database is tried so often, for so long, inside the workflow task; after
#: that it goes on as a regular activity, which an operator can see and pause.
LOCAL_ATTEMPTS = 2
LOCAL_TIME = timedelta(seconds=3)
#: Temporal's own scale: 1 goes first, 3 is usual.
_URGENT = 1


@dataclass(frozen=True)
class DoneManually:
    """An operator said that the step is done; ``reference`` is theirs."""

    reference: str | None


class StepIds:
    """Names of steps, which are activity ids and parts of idempotency keys.

    Numbered from the second of a kind on: ``refund-t1``, ``refund-t1-2``; a number that would give the name of
    a step of another kind, such as the refund to a tender ``t1-2``, is left out.
    """

    def __init__(self, used: Mapping[str, int] | None = None) -> None:
        self.used: Counter[str] = Counter(used or {})

    def next(self, kind: str) -> str:
        """A name that this return has not used yet."""
        while True:
            self.used[kind] += 1
            name = kind if self.used[kind] == 1 else f"{kind}-{self.used[kind]}"
            if not self._is_anothers(kind, name):
                return name

    def _is_anothers(self, kind: str, name: str) -> bool:
        """Whether a step of another kind may have that name already."""
        if name != kind and name in self.used:
            return True
        other, _, number = name.rpartition("-")
        return other != kind and number.isdecimal() and 2 <= int(number) <= self.used.get(other, 0)


class Steps:
    """The steps of one run: which of them are under way outside, and the events that travel with them."""

    def __init__(self, pending_events: PendingEvents | None = None) -> None:
        self._pending_events = pending_events
        self._under_way: set[Any] = set()

    def run_locally(
        self, step: Callable[..., Awaitable[Result]], given: Any, *, name: str, summary: str, profile: str = "records"
    ) -> Awaitable[Result]:
        """Run a step on our own database inside the workflow task, where that is safe; else as a regular activity.

        Safe are the steps that every return takes, after which nothing is asked for that a message
        could ask for too: a query beside may end the workflow task early, and the local step's answer
        then comes together with the next message, but before it when it is replayed. For the same
        reason it is a regular activity while another one is under way.
        """
        if self._under_way:
            return self.start_activity(step, given, name=name, summary=summary, profile=profile)
        return self._run_locally(step, given, name=name, summary=summary, profile=profile)

    async def _run_locally(
        self, step: Callable[..., Awaitable[Result]], given: Any, *, name: str, summary: str, profile: str
    ) -> Result:
        try:
            with self._pending_events.inside() if self._pending_events else nullcontext():
                result: Result = await workflow.execute_local_activity_method(
                    step,
                    given,
                    activity_id=name,
                    schedule_to_close_timeout=LOCAL_TIME,
                    retry_policy=RetryPolicy(
                        maximum_attempts=LOCAL_ATTEMPTS, initial_interval=timedelta(milliseconds=200)
                    ),
                )
                return result
        except FailureError as error:
            # Not only what it raises live: replayed, a marker raises the bare cause, such as a time-out.
            if is_cancelled_exception(error):
                raise
            return await self.start_activity(step, given, name=name, summary=summary, profile=profile)

    def start_activity(
        self,
        step: Callable[..., Awaitable[Result]],
        given: Any,
        *,
        name: str,
        summary: str,
        profile: str,
        timeout: float | None = None,
        urgent: bool = False,
        within: timedelta | None = None,
    ) -> "workflow.ActivityHandle[Result]":
        """Start a step outside: label, money. ``timeout`` (seconds) shortens the partner's own.

        ``within`` bounds all its attempts together, and the time that it waits for a worker.
        An ``urgent`` one goes before others that wait for the same worker. Pending events are attached to it.

        Cancelled, it ends once no attempt is running any more, so that its effect is known.
        """
        kind = PROFILES[profile]
        with attaching(self._pending_events.events() if self._pending_events else None):
            started = workflow.start_activity_method(
                step,
                given,
                activity_id=name,
                task_queue=kind.queue,
                start_to_close_timeout=timedelta(seconds=timeout) if timeout else kind.attempt,
                schedule_to_close_timeout=within,
                retry_policy=kind.retry_policy,
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                summary=summary,
                priority=Priority(priority_key=_URGENT) if urgent else Priority.default,
            )
        self._under_way.add(started)
        started.add_done_callback(self._under_way.discard)
        if self._pending_events:
            self._pending_events.attach_to(started)
        return started


def reason(error: BaseException) -> str:
    """What went wrong, as an operator should read it: the step's own text, else the innermost cause's."""
    cause: BaseException = error
    while cause.__cause__ is not None and not isinstance(cause, ApplicationError):
        cause = cause.__cause__
    return getattr(cause, "message", None) or str(cause) or type(cause).__name__


def caused_by(error: BaseException, kind: str) -> ApplicationError | None:
    """The application error of that type in the chain of causes; None when there is none."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ApplicationError) and cause.type == kind:
            return cause
        cause = cause.__cause__
    return None
