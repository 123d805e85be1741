"""A parent for repairs in tests: starts one as a return does, and keeps what it hears."""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError
from temporalio.workflow import ParentClosePolicy


@workflow.defn
class Listener:
    """Starts a repair, hears its news, answers with them and with what came of it."""

    def __init__(self) -> None:
        self._heard: list[dict[str, Any]] = []
        self._leave = False

    @workflow.run
    async def run(self, name: str, given: dict[str, Any]) -> list[Any]:
        """End with the repair, or when told to ``leave``."""
        repair = await workflow.start_child_workflow(
            "RepairWorkflow", given, id=name, task_queue="returns", parent_close_policy=ParentClosePolicy.ABANDON
        )
        await workflow.wait_condition(lambda: repair.done() or self._leave)
        if self._leave:
            return self._heard
        try:
            return [*self._heard, await repair]
        except ChildWorkflowError as error:
            return [*self._heard, type(error.__cause__).__name__]

    @workflow.signal
    def repair_event(self, event: dict[str, Any]) -> None:
        """News of the unit."""
        self._heard.append(event)

    @workflow.signal
    def leave(self) -> None:
        """Close before the repair does."""
        self._leave = True

    @workflow.query
    def heard(self) -> list[dict[str, Any]]:
        """The news so far."""
        return self._heard
