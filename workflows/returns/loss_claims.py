"""Parcels that the carrier lost: their worth is claimed from it."""

from temporalio import workflow

from workflows.returns.step_runner import StepRunner
from workflows.shared.command_queue import Handlers
from workflows.shared.steps import StepIds

with workflow.unsafe.imports_passed_through():
    from activities.returns.loss_claims import LossClaimActivities, LossInput
    from lifecycle.contract.money import format_money
    from lifecycle.returns.commands import FileLossClaim
    from lifecycle.returns.state import Return


class LossClaims:
    """The loss claims of one return."""

    def __init__(self, ret: Return, ids: StepIds, runner: StepRunner) -> None:
        self._ret = ret
        self._ids = ids
        self._runner = runner
        self.handlers: Handlers = {FileLossClaim: self._file}

    async def _file(self, lost: FileLossClaim) -> None:
        name = self._ids.next("carrier_claim")
        given = LossInput(
            return_id=self._ret.return_id,
            step=name,
            tracking_code=lost.tracking_code,
            amount=lost.amount,
            currency=self._ret.request.order.currency,
            now=workflow.now(),
        )
        await self._runner.run_step(
            "carrier_claim",
            LossClaimActivities.file_claim,
            given,
            summary=f"Claim {format_money(lost.amount, given.currency)} from the carrier",
            profile="carrier",
        )
