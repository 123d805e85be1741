"""A step that failed for good calls operations."""

from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.shared.steps import Steps

with workflow.unsafe.imports_passed_through():
    from activities.shared.attention import AttentionActivities, CallOperationsInput


async def call_operations(steps: Steps, given: CallOperationsInput, name: str) -> None:
    """Mail operations about steps that wait; where even that fails for good, the lists still show them."""
    with suppress(FailureError):
        await steps.start_activity(
            AttentionActivities.call_operations,
            given,
            name=name,
            summary="Mail operations about what needs an operator",
            profile="records",
        )
