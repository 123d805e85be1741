"""How a step that fails for good waits for an operator, and how one that nobody needs any more ends."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Protocol, TypeVar

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, FailureError, is_cancelled_exception

from workflows.shared.steps import DoneManually, Steps, caused_by, reason

with workflow.unsafe.imports_passed_through():
    from activities.shared.errors import UNFORESEEN
    from lifecycle.contract.messages import ResolveAttention
    from lifecycle.returns.aggregate.parked_step import ParkedStep
    from lifecycle.returns.aggregate.payment import Payment
    from lifecycle.returns.decisions import attention
    from lifecycle.returns.state import Return

Result = TypeVar("Result")


class Named(Protocol):
    """The input of a step that has a name of its own."""

    @property
    def step(self) -> str:
        """The activity's id, and the step's name in the ledger."""
        ...


class StepRunner:
    """Runs the steps of one return; ``on_change`` is called when one has failed for good."""

    def __init__(self, ret: Return, steps: Steps, on_change: Callable[[], None]) -> None:
        self._ret = ret
        self.steps = steps
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
        payment: Payment | None = None,
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
                parked = attention.park(self._ret, kind, reason(error), workflow.now(), payment, unforeseen=unforeseen)
            self._on_change()
            answer = await self._answer(parked, lambda: needed() and asked())
            if answer is None or answer.action == "skip":
                return None
            if answer.action == "mark_done":
                return DoneManually(answer.reference)
        return None

    async def run_step(
        self,
        kind: str,
        step: Callable[..., Awaitable[Result]],
        given: Named,
        *,
        summary: str,
        profile: str = "records",
        asked: Callable[[], bool] = lambda: True,
        on_failure: Callable[[BaseException], bool] = lambda _: False,
    ) -> Result | DoneManually | None:
        """Run a step on a partner, or on our own database, as ``run`` does; ``given`` names it."""

        def start() -> Awaitable[Result]:
            return self.steps.start_activity(
                step,
                given,
                name=given.step,
                summary=summary,
                profile=profile,
                timeout=self._ret.opened.step_timeout,
                urgent=self._ret.escalated,
            )

        return await self.run(kind, start, asked=asked, on_failure=on_failure)

    async def run_step_locally(
        self,
        kind: str,
        step: Callable[..., Awaitable[Result]],
        given: Named,
        *,
        summary: str,
        profile: str = "records",
    ) -> Result | DoneManually | None:
        """Run a step on our own database inside the workflow task, as ``run`` does; ``given`` names it."""
        return await self.run(
            kind, lambda: self.steps.run_locally(step, given, name=given.step, summary=summary, profile=profile)
        )

    async def _answer(self, parked: ParkedStep, needed: Callable[[], bool]) -> ResolveAttention | None:
        """Wait for an operator; None when nobody needs the step any more."""
        await workflow.wait_condition(lambda: parked.answer is not None or not needed())
        if parked.answer is None:
            attention.unpark(self._ret, parked)
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
