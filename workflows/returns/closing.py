"""The records of a return that ends: stored, and opened again where an event comes after the end."""

from temporalio import workflow

from workflows.returns.step_runner import StepRunner
from workflows.shared.steps import StepIds

with workflow.unsafe.imports_passed_through():
    from activities.returns.closing import CloseInput, ClosingActivities, ReopenInput
    from lifecycle.returns.settlement import money_claim, settling, units_back
    from lifecycle.returns.snapshot import snapshot
    from lifecycle.returns.state import Return
    from lifecycle.returns.views.return_view import view_of


class Closing:
    """The last step of one return, and the first of a run that resumes it."""

    def __init__(self, ret: Return, ids: StepIds, runner: StepRunner) -> None:
        self._ret = ret
        self._ids = ids
        self._runner = runner

    async def close(self) -> None:
        """Store the final view, and the state that a later event resumes from."""
        name = self._ids.next("close")
        given = CloseInput(
            return_id=self._ret.return_id,
            step=name,
            view=view_of(self._ret),
            state=snapshot(self._ret) | {"names": dict(self._ids.used)},
            freed=settling.freed(self._ret),
            frees_shipping=self._ret.opened.holds_shipping and not self._ret.money.shipping_paid,
            back=units_back.back(self._ret),
            given=money_claim.given(self._ret),
            now=workflow.now(),
        )
        await self._runner.run_step_locally(
            "close",
            ClosingActivities.close_return,
            given,
            summary="Store the final view",
        )

    async def reopen(self) -> None:
        """The records of a return that had closed open again."""
        name = self._ids.next("reopen")
        given = ReopenInput(return_id=self._ret.return_id, step=name, now=workflow.now())
        await self._runner.run_step(
            "reopen",
            ClosingActivities.reopen_return,
            given,
            summary="Open the records again",
        )
