"""Keeps the one relay of the inbox running, on whichever worker lives."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.inbox import InboxActivities
    from activities.shifts import SHIFT

from workflows.outbox_relay import RELAY_QUEUE

INBOX_ID = "inbox-relay"


@workflow.defn(name="InboxRelayWorkflow")
class InboxRelayWorkflow:
    """One shift after another, each a run of its own so that history stays short."""

    @workflow.run
    async def run(self) -> None:
        """Relay until the shift ends or its worker stops, then start anew."""
        await workflow.execute_activity_method(
            InboxActivities.relay_inbox,
            activity_id="relay_inbox",
            task_queue=RELAY_QUEUE,
            start_to_close_timeout=SHIFT + timedelta(minutes=5),
            # An event may have to wait for a worker that does not answer.
            heartbeat_timeout=timedelta(seconds=15),
            retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=10)),
            summary="Pass on what partners told",
        )
        workflow.continue_as_new()
