"""A step that fails for good waits for an operator, or is tried again a day later."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, FailureError, is_cancelled_exception

from workflows.shared.steps import DoneManually, Steps, caused_by, reason

with workflow.unsafe.imports_passed_through():
    from activities.shared.attention import FailedStep
    from activities.shared.errors import UNFORESEEN
    from lifecycle.contract.messages import ResolveAttention
    from lifecycle.shared import backoff
    from lifecycle.shared.parked_step import ParkedStep

Result = TypeVar("Result")


class Park(Protocol):
    """Records that a step waits for an operator."""

    def __call__(self, kind: str, error: str, now: datetime, /, *, unforeseen: bool) -> ParkedStep:
        """``error`` is what an operator reads."""
        ...


class ParkingStepRunner:
    """A step that failed for good waits for an operator, while everything else goes on.

    ``park`` and ``unpark`` record that; ``on_change`` is called when a step has failed for good.
    """

    def __init__(
        self, steps: Steps, park: Park, unpark: Callable[[ParkedStep], None], on_change: Callable[[], None]
    ) -> None:
        self.steps = steps
        self._park = park
        self._unpark = unpark
        self._on_change = on_change

    async def run(
        self,
        kind: str,
        start: Callable[[], Awaitable[Result]],
        *,
        needed: Callable[[], bool] = lambda: True,
        asked: Callable[[], bool] = lambda: True,
        on_failure: Callable[[BaseException], bool] = lambda _: False,
        late: Callable[[BaseException], timedelta | None] = lambda _: None,
        park: Park | None = None,
    ) -> Result | DoneManually | None:
        """Run a step until it works, an operator says it is done or to be skipped, or nobody needs it.

        Under way it goes on while it is ``needed``; once it has failed for good, an operator is asked only while it
        is worth asking.
        None when it was skipped, or is needed no more, or ``on_failure`` knew another way. Where nothing but its
        time is over, ``late`` says so by how long one attempt may take, and it is tried on.
        """
        while needed():
            try:
                return await self._while_needed(needed, start())
            except FailureError as error:
                # A child that was cancelled from outside has not done what it was for.
                if is_cancelled_exception(error) and not isinstance(error, ChildWorkflowError):
                    return None
                if attempt := late(error):
                    self._on_change()
                    await self._wait_for_attempt(attempt, needed)
                    continue
                if on_failure(error):
                    return None
                unforeseen = caused_by(error, UNFORESEEN) is not None
                parked = (park or self._park)(kind, reason(error), workflow.now(), unforeseen=unforeseen)
            self._on_change()
            answer = await self._answer(parked, lambda: needed() and asked())
            if answer is None or answer.action == "skip":
                return None
            if answer.action == "mark_done":
                return DoneManually(answer.reference)
        return None

    async def _answer(self, parked: ParkedStep, needed: Callable[[], bool]) -> ResolveAttention | None:
        """Wait for an operator; None when nobody needs the step any more."""
        await workflow.wait_condition(lambda: parked.answer is not None or not needed())
        if parked.answer is None:
            self._unpark(parked)
        return parked.answer

    async def _wait_for_attempt(self, attempt: timedelta, needed: Callable[[], bool]) -> None:
        """Wait until an attempt that is still under way has ended: two at once could both have the effect."""
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: not needed(), timeout=attempt, timeout_summary="Until the attempt has ended"
            )

    async def _while_needed(self, needed: Callable[[], bool], running: Awaitable[Result]) -> Result:
        """Wait for it; when nobody needs it any more, ask it to stop and wait for what came of it."""
        task = asyncio.ensure_future(running)
        await workflow.wait_condition(lambda: task.done() or not needed())
        if not task.done():
            task.cancel()
        return await task


class StepFailed(Exception):
    """A step failed for good, and nothing goes on without it for now."""


class BackOffStepRunner:
    """A step that failed for good is tried again a day later, and nothing else before it.

    ``call_operations`` tells operations of it.
    """

    def __init__(
        self,
        steps: Steps,
        journey: backoff.Troubled,
        profile: str,
        call_operations: Callable[[FailedStep], Awaitable[None]],
    ) -> None:
        self._steps = steps
        self._journey = journey
        self._profile = profile
        self._call_operations = call_operations

    @property
    def backing_off(self) -> bool:
        """Whether a step failed so lately that nothing is tried now."""
        return backoff.backing_off(self._journey, workflow.now())

    async def run_step(
        self,
        kind: str,
        step: Callable[..., Awaitable[Result]],
        given: Any,
        *,
        summary: str,
        name: str | None = None,
        on_failure: Callable[[BaseException], bool] = lambda _: False,
    ) -> Result:
        """Run a step outside, named after its kind unless it has another name; ``StepFailed`` where it failed for good.

        It is not tried again where ``on_failure`` knew another way.
        """
        try:
            result = await self._steps.start_activity(
                step, given, name=name or kind, summary=summary, profile=self._profile
            )
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            if not on_failure(error):
                backoff.record_failure(self._journey, kind, reason(error), workflow.now())
                await self._call_operations(FailedStep(step=kind, error=reason(error)))
            raise StepFailed(kind) from error
        backoff.record_success(self._journey, workflow.now())
        return result
