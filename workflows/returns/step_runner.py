"""The steps of a return, which wait for an operator when they fail for good."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol, TypeVar

from temporalio import workflow

from workflows.shared.step_runner import ParkingStepRunner
from workflows.shared.steps import DoneManually, Steps

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


class StepRunner(ParkingStepRunner):
    """Runs the steps of one return; ``on_change`` is called when one has failed for good."""

    def __init__(self, ret: Return, steps: Steps, on_change: Callable[[], None]) -> None:
        super().__init__(steps, partial(attention.park, ret), ret.unpark, on_change)
        self._ret = ret

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
