"""Stands before a new version: what brings versions in starts it there, and goes on once it has completed."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy, VersioningBehavior

from client.names import RETURNS_QUEUE

with workflow.unsafe.imports_passed_through():
    from activities.shared.rollout import RolloutActivities

_CHECKS_WITHIN = timedelta(minutes=30)


@workflow.defn(name="RolloutGate", versioning_behavior=VersioningBehavior.PINNED)
class RolloutGate:
    """Completes where all open returns go on with its version's code, and fails where one would break.

    It is started on each queue of a version, and pinned there: the check runs on the new code, once.
    """

    @workflow.run
    async def run(self, *_: Any) -> dict[str, Any]:
        """Replay what is open; answers with what was replayed."""
        if workflow.info().task_queue != RETURNS_QUEUE:
            return {"checked_by": f"the gate of {RETURNS_QUEUE}"}
        found: dict[str, Any] = await workflow.execute_activity(
            RolloutActivities.check_open_workflows.__name__,
            activity_id=RolloutActivities.check_open_workflows.__name__,
            start_to_close_timeout=_CHECKS_WITHIN,
            retry_policy=RetryPolicy(maximum_attempts=3),
            summary="Replay open returns on this version's code",
        )
        return found
