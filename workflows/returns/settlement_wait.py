"""Waits for the settlement of one return, for whoever asked by Nexus: nothing polls meanwhile."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

from client.names import SETTLEMENT, SETTLEMENT_AWAITED, return_workflow_id

with workflow.unsafe.imports_passed_through():
    from activities.returns.closed_returns import ClosedReturnActivities

#: After which the return is asked again: one that an operator had go on from its records has forgotten who waits.
_ASKS_AGAIN: Final = timedelta(days=1)
_LOOKS_WITHIN: Final = timedelta(seconds=30)


@workflow.defn(name=SETTLEMENT)
class SettlementWorkflow:
    """Ends with the return's summary, once its customer has what is owed, or nothing is owed any more."""

    def __init__(self) -> None:
        self._summary: dict[str, Any] | None = None

    @workflow.signal
    def settled(self, summary: Any = None, *_: Any) -> None:
        """The return says that it is settled."""
        self._summary = summary if isinstance(summary, dict) else None

    @workflow.run
    async def run(self, return_id: str) -> dict[str, Any]:
        """Have the return say when it is settled; of one that has closed, the records say how."""
        while self._summary is None:
            if not await self._asked(return_id):
                return await _as_recorded(return_id)
            with suppress(TimeoutError):
                await workflow.wait_condition(lambda: self._summary is not None, timeout=_ASKS_AGAIN)
        return self._summary

    async def _asked(self, return_id: str) -> bool:
        """Whether the return runs, and knows who waits."""
        running = workflow.get_external_workflow_handle(return_workflow_id(return_id))
        try:
            await running.signal(SETTLEMENT_AWAITED, workflow.info().workflow_id)
        except FailureError:
            return False
        return True


async def _as_recorded(return_id: str) -> dict[str, Any]:
    found: dict[str, Any] | None = await workflow.execute_activity(
        ClosedReturnActivities.closed_summary.__name__,
        return_id,
        activity_id=ClosedReturnActivities.closed_summary.__name__,
        start_to_close_timeout=_LOOKS_WITHIN,
        summary="Read how the return ended",
    )
    if found is None:
        raise ApplicationError(f"no workflow carries {return_id}: an operator has to see to it", type="Refused")
    return found
