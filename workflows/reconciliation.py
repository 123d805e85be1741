"""The daily comparison of our books with partners and Temporal; a schedule begins it."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from client.names import MESSAGES_QUEUE

with workflow.unsafe.imports_passed_through():
    from activities.reconciliation.daily import ReconciliationActivities


@workflow.defn(name="ReconciliationWorkflow")
class ReconciliationWorkflow:
    """Compares once."""

    @workflow.run
    async def run(self) -> int:
        """Compare; gives how much does not agree. A partner that is away is asked again until the next day."""
        found: int = await workflow.execute_activity(
            ReconciliationActivities.reconcile.__name__,
            activity_id="reconcile",
            task_queue=MESSAGES_QUEUE,
            result_type=int,
            schedule_to_close_timeout=timedelta(hours=20),
            start_to_close_timeout=timedelta(hours=6),
            heartbeat_timeout=timedelta(minutes=2),
            retry_policy=RetryPolicy(initial_interval=timedelta(minutes=1), maximum_interval=timedelta(minutes=30)),
            summary="Compare our books with partners and Temporal",
        )
        return found
