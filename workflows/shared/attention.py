"""Operations are called about steps that failed for good."""

from collections.abc import Iterable
from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.shared.steps import Steps

with workflow.unsafe.imports_passed_through():
    from activities.shared.attention import AttentionActivities, CallOperationsInput, FailedStep, Journey
    from lifecycle.shared.parked_step import ParkedStep


class Operations:
    """Operations, as one run calls them about ``what``; ``record`` is that of its ledger."""

    def __init__(self, steps: Steps, journey: Journey, record: str, what: str) -> None:
        self._steps = steps
        self._journey: Journey = journey
        self._record = record
        self._what = what

    async def call_about(self, parked: Iterable[ParkedStep], name: str, key: str) -> None:
        """Write about those of which they have not heard; whatever comes up meanwhile goes into the next mail."""
        waiting = [one for one in parked if not one.called]
        for one in waiting:
            one.mark_called()
        await self.call([FailedStep(step=one.step, error=one.error) for one in waiting], name, key)

    async def call(self, waiting: list[FailedStep], name: str, key: str) -> None:
        """Write about steps, as the activity of that name and the step of the ledger of that key.

        Where even that fails for good, the lists still show them.
        """
        given = CallOperationsInput(
            journey=self._journey, record=self._record, step=key, what=self._what, waiting=waiting, now=workflow.now()
        )
        with suppress(FailureError):
            await self._steps.start_activity(
                AttentionActivities.call_operations,
                given,
                name=name,
                summary="Mail operations about what needs an operator",
                profile="records",
            )
