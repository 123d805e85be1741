"""What a return claims of its order, in our books: units and money. Other returns of the order hear of it."""

from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import FailureError

from client.names import return_workflow_id
from workflows.returns.step_runner import StepRunner

with workflow.unsafe.imports_passed_through():
    from activities.returns.claims import ClaimActivities, ClaimsInput, MoneyInput
    from lifecycle.returns.advance import money_claimed
    from lifecycle.returns.commands import ClaimMoney, ClaimUnits, NotifySiblingReturns, ReleaseUnits
    from lifecycle.returns.order_money import MoneyAnswer
    from lifecycle.returns.settlement import money_claim, units_back
    from lifecycle.returns.settlement.payments import as_credit


async def claim_units(runner: StepRunner, _: ClaimUnits) -> None:
    """Claim the units that are awaited, and the order's shipping if it was held before."""
    units = {unit.unit_id: unit.reason.sellers_fault for unit in runner.ret.expected}
    given = _claims_input(runner, "claim_units", units)
    shipping = await runner.run_step(
        "claim", ClaimActivities.update_unit_claims, given, summary="Claim the units again"
    )
    runner.ret.opened.holds_shipping = shipping is True


async def release_units(runner: StepRunner, _: ReleaseUnits) -> None:
    """Release all that is claimed."""
    given = _claims_input(runner, "release_claims", None)
    await runner.run_step("release", ClaimActivities.update_unit_claims, given, summary="Release the claimed units")
    money_claim.released(runner.ret)


def _claims_input(runner: StepRunner, step: str, units: dict[str, bool] | None) -> ClaimsInput:
    ret = runner.ret
    return ClaimsInput(
        **runner.new_step(step), order_id=ret.request.order.order_id, unit_ids=units, shipping=ret.opened.holds_shipping
    )


async def claim_money(runner: StepRunner, _: ClaimMoney) -> None:
    """Claim what the return would give back as known now, and go on with what the books answer."""
    ret = runner.ret
    given = MoneyInput(
        **runner.new_step("claim_money"),
        wanted=money_claim.wanted(ret),
        last_units=units_back.last_units(ret),
        shipping=units_back.with_the_last(ret),
        as_credit=as_credit(ret),
    )
    answer = await runner.run_step("claim_money", ClaimActivities.claim_money, given, summary="Claim the order's money")
    found = answer if isinstance(answer, MoneyAnswer) else None
    money_claimed(ret, given.wanted, found, workflow.now())


async def notify_sibling_returns(_: StepRunner, command: NotifySiblingReturns) -> None:
    """Signal them; one that has closed meanwhile has reported the outcome of its units already."""
    for return_id in command.return_ids:
        with suppress(FailureError):
            await workflow.get_external_workflow_handle(return_workflow_id(return_id)).signal("order_may_be_whole")
