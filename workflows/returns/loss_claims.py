"""Parcels that the carrier lost: their worth is claimed from it."""

from temporalio import workflow

from workflows.returns.step_runner import StepRunner

with workflow.unsafe.imports_passed_through():
    from activities.returns.loss_claims import LossClaimActivities, LossInput
    from lifecycle.contract.money import format_money
    from lifecycle.returns.commands import FileLossClaim


async def file_claim(runner: StepRunner, lost: FileLossClaim) -> None:
    """Claim one parcel's worth."""
    currency = runner.ret.request.order.currency
    given = LossInput(
        **runner.new_step("carrier_claim"), tracking_code=lost.tracking_code, amount=lost.amount, currency=currency
    )
    summary = f"Claim {format_money(lost.amount, currency)} from the carrier"
    await runner.run_step("carrier_claim", LossClaimActivities.file_claim, given, summary=summary, profile="carrier")
