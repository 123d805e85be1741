"""A step that gave up calls somebody at the shop."""

from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.shared.steps import partner_step

with workflow.unsafe.imports_passed_through():
    from activities.shared.attention import AttentionActivities, CallInput


async def call_operations(given: CallInput, name: str) -> None:
    """Write to operations of steps that wait; where even that gives up, the lists still show them."""
    with suppress(FailureError):
        await partner_step(
            AttentionActivities.call_operations,
            given,
            name=name,
            summary="Write to operations of what needs a person",
            partner="records",
        )
