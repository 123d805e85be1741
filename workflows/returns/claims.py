"""What a return claims of its order, in our books: units and money. Other returns of the order hear of it."""

from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import FailureError

from client.names import return_workflow_id
from workflows.returns.step_runner import StepRunner
from workflows.shared.command_queue import Handlers
from workflows.shared.steps import StepIds

with workflow.unsafe.imports_passed_through():
    from activities.returns.claims import ClaimActivities, ClaimsInput, MoneyInput
    from lifecycle.returns.advance import money_claimed
    from lifecycle.returns.commands import ClaimMoney, ClaimUnits, NotifySiblingReturns, ReleaseUnits
    from lifecycle.returns.order_money import MoneyAnswer
    from lifecycle.returns.prices import original_shipping
    from lifecycle.returns.resolutions.table import rule_of
    from lifecycle.returns.settlement import money_claim, units_back
    from lifecycle.returns.state import Return


class OrderClaims:
    """The claims of one return on its order."""

    def __init__(self, ret: Return, ids: StepIds, runner: StepRunner) -> None:
        self._ret = ret
        self._ids = ids
        self._runner = runner
        self.handlers: Handlers = {
            ClaimUnits: self._claim_units,
            ReleaseUnits: self._release_units,
            ClaimMoney: self._claim_money,
            NotifySiblingReturns: _notify_sibling_returns,
        }

    async def _claim_units(self, _: ClaimUnits) -> None:
        units = {unit.unit_id: unit.reason.sellers_fault for unit in self._ret.expected}
        given = self._claims_input("claim_units", units)
        shipping = await self._runner.run_step(
            "claim",
            ClaimActivities.update_unit_claims,
            given,
            summary="Claim the units again",
        )
        self._ret.opened.holds_shipping = shipping is True

    async def _release_units(self, _: ReleaseUnits) -> None:
        given = self._claims_input("release_claims", None)
        await self._runner.run_step(
            "release",
            ClaimActivities.update_unit_claims,
            given,
            summary="Release the claimed units",
        )
        money_claim.released(self._ret)

    def _claims_input(self, step: str, units: dict[str, bool] | None) -> ClaimsInput:
        ret = self._ret
        return ClaimsInput(
            return_id=ret.return_id,
            order_id=ret.request.order.order_id,
            step=self._ids.next(step),
            unit_ids=units,
            shipping=ret.opened.holds_shipping,
            now=workflow.now(),
        )

    async def _claim_money(self, _: ClaimMoney) -> None:
        ret, name = self._ret, self._ids.next("claim_money")
        wanted = money_claim.wanted(ret)
        given = MoneyInput(
            return_id=ret.return_id,
            step=name,
            wanted=wanted,
            last_units=units_back.last_units(ret),
            shipping=original_shipping(ret.request.order),
            as_credit=rule_of(ret.request.resolution).pays == "store_credit",
            now=workflow.now(),
        )
        answer = await self._runner.run_step(
            "claim_money",
            ClaimActivities.claim_money,
            given,
            summary="Claim the order's money",
        )
        found = answer if isinstance(answer, MoneyAnswer) else None
        money_claimed(ret, wanted, found, workflow.now())


async def _notify_sibling_returns(command: NotifySiblingReturns) -> None:
    """One that has closed meanwhile has reported the outcome of its units already."""
    for return_id in command.return_ids:
        with suppress(FailureError):
            await workflow.get_external_workflow_handle(return_workflow_id(return_id)).signal("order_may_be_whole")
