"""Keeps the one relay of mails running, on whichever worker lives."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.relay import RelayActivities
    from activities.shifts import SHIFT

RELAY_ID = "outbox-relay"
RELAY_QUEUE = "returns-messages"


@workflow.defn(name="OutboxRelayWorkflow")
class OutboxRelayWorkflow:
    """One shift after another, each a run of its own so that history stays short."""

    @workflow.run
    async def run(self) -> None:
        """Relay until the shift ends or its worker stops, then start anew."""
        await workflow.execute_activity_method(
            RelayActivities.relay_outbox,
            activity_id="relay_outbox",
            task_queue=RELAY_QUEUE,
            start_to_close_timeout=SHIFT + timedelta(minutes=5),
            heartbeat_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=10)),
            summary="Send mails from the outbox",
        )
        workflow.continue_as_new()
