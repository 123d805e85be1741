"""How a step that gives up waits for a person, and how one that nobody needs any more ends."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Protocol, TypeVar

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, FailureError, is_cancelled_exception

from workflows.shared.steps import ByHand, brief_step, caused_by, partner_step, reason

with workflow.unsafe.imports_passed_through():
    from activities.shared.errors import UNFORESEEN
    from lifecycle.contract.messages import ResolveAttention
    from lifecycle.returns.agenda import Payment
    from lifecycle.returns.decisions import attention
    from lifecycle.returns.state import ParkedStep, Return

Result = TypeVar("Result")


class Named(Protocol):
    """The input of a step that has a name of its own."""

    @property
    def step(self) -> str:
        """The activity's id, and the step's name in the ledger."""
        ...


class Attempts:
    """Runs the steps of one return; ``stir`` is called when one has given up."""

    def __init__(self, ret: Return, stir: Callable[[], None]) -> None:
        self._ret = ret
        self._stir = stir

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
    ) -> Result | ByHand | None:
        """Run a step until it works, a person says it is done or to be skipped, or nobody needs it.

        Under way it goes on while it is ``needed``; once it has given up, a person is asked only while it
        is worth asking.
        Null when it was skipped, or is needed no more, or ``on_failure`` knew another way. Where nothing but its
        time is over, ``late`` says so by how long one attempt may take, and it is tried on.
        """
        while needed():
            try:
                return await self._as_long_as(needed, start())
            except FailureError as error:
                # A child that was cancelled from outside has not done what it was for.
                if is_cancelled_exception(error) and not isinstance(error, ChildWorkflowError):
                    return None
                if attempt := late(error):
                    self._stir()
                    await self._ended(attempt, needed)
                    continue
                if on_failure(error):
                    return None
                unforeseen = caused_by(error, UNFORESEEN) is not None
                parked = attention.park(self._ret, kind, reason(error), workflow.now(), payment, unforeseen=unforeseen)
            self._stir()
            answer = await self._answer(parked, lambda: needed() and asked())
            if answer is None or answer.action == "skip":
                return None
            if answer.action == "mark_done":
                return ByHand(answer.reference)
        return None

    async def step(
        self,
        kind: str,
        step: Callable[..., Awaitable[Result]],
        given: Named,
        *,
        summary: str,
        partner: str = "records",
        asked: Callable[[], bool] = lambda: True,
        on_failure: Callable[[BaseException], bool] = lambda _: False,
    ) -> Result | ByHand | None:
        """Run a step on a partner, or on our own database, as ``run`` does; ``given`` names it."""

        def start() -> Awaitable[Result]:
            return partner_step(
                step,
                given,
                name=given.step,
                summary=summary,
                partner=partner,
                timeout=self._ret.opened.step_timeout,
                urgent=self._ret.escalated,
            )

        return await self.run(kind, start, asked=asked, on_failure=on_failure)

    async def briefly(
        self,
        kind: str,
        step: Callable[..., Awaitable[Result]],
        given: Named,
        *,
        summary: str,
        partner: str = "records",
    ) -> Result | ByHand | None:
        """Run a step on our own database inside the workflow task, as ``run`` does; ``given`` names it."""
        return await self.run(kind, lambda: brief_step(step, given, name=given.step, summary=summary, partner=partner))

    async def _answer(self, parked: ParkedStep, needed: Callable[[], bool]) -> ResolveAttention | None:
        """Wait for a person; null when nobody needs the step any more."""
        await workflow.wait_condition(lambda: parked.answer is not None or not needed())
        if parked.answer is None:
            attention.unpark(self._ret, parked)
        return parked.answer

    async def _ended(self, attempt: timedelta, needed: Callable[[], bool]) -> None:
        """Wait until an attempt that is still under way has ended: two at once could both have the effect."""
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: not needed(), timeout=attempt, timeout_summary="Until it is tried on")

    async def _as_long_as(self, needed: Callable[[], bool], running: Awaitable[Result]) -> Result:
        """Wait for it; when nobody needs it any more, ask it to stop and wait for what came of it."""
        task = asyncio.ensure_future(running)
        await workflow.wait_condition(lambda: task.done() or not needed())
        if not task.done():
            task.cancel()
        return await task
