"""The steps of a return, which wait for an operator when they fail for good."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypedDict, TypeVar

from temporalio import workflow

from workflows.shared.step_runner import ParkingStepRunner
from workflows.shared.steps import DoneManually, StepIds, Steps

with workflow.unsafe.imports_passed_through():
    from lifecycle.returns.decisions import attention
    from lifecycle.returns.state import Return

Result = TypeVar("Result")


class Named(Protocol):
    """The input of a step that has a name of its own."""

    @property
    def step(self) -> str:
        """The activity's id, and the step's name in the ledger."""
        ...


class NewStep(TypedDict):
    """What every step is given besides its own."""

    return_id: str
    step: str
    now: datetime


class StepRunner(ParkingStepRunner):
    """Runs the steps of one return; ``on_change`` is called when one has failed for good."""

    def __init__(self, ret: Return, ids: StepIds, steps: Steps, on_change: Callable[[], None]) -> None:
        super().__init__(steps, partial(attention.park, ret), ret.unpark, on_change)
        self.ret = ret
        self.ids = ids

    def new_step(self, kind: str) -> NewStep:
        """A step of that kind, under a name that this return has not used yet."""
        return {"return_id": self.ret.return_id, "step": self.ids.next(kind), "now": workflow.now()}

    def start(
        self,
        step: Callable[..., Awaitable[Result]],
        given: Named,
        *,
        summary: str,
        profile: str,
        within: timedelta | None = None,
    ) -> "workflow.ActivityHandle[Result]":
        """Start a step outside as ``Steps.start_activity`` does; ``given`` names it."""
        return self.steps.start_activity(
            step,
            given,
            name=given.step,
            summary=summary,
            profile=profile,
            timeout=self.ret.opened.step_timeout,
            urgent=self.ret.escalated,
            within=within,
        )

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
        start = partial(self.start, step, given, summary=summary, profile=profile)
        return await self.run(kind, start, asked=asked, on_failure=on_failure)

    async def run_step_locally(
        self, kind: str, step: Callable[..., Awaitable[Result]], given: Named, *, summary: str, profile: str = "records"
    ) -> Result | DoneManually | None:
        """Run a step on our own database inside the workflow task, as ``run`` does; ``given`` names it."""
        return await self.run(
            kind, lambda: self.steps.run_locally(step, given, name=given.step, summary=summary, profile=profile)
        )
