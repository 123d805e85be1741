"""Keeps the delivery of events to subscribers running, on whichever worker lives."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.delivery import DeliveryActivities
    from activities.shifts import SHIFT

from workflows.outbox_relay import RELAY_QUEUE

DELIVERY_ID = "event-delivery"


@workflow.defn(name="EventDeliveryWorkflow")
class EventDeliveryWorkflow:
    """One shift after another, each a run of its own so that history stays short."""

    @workflow.run
    async def run(self) -> None:
        """Deliver until the shift ends or its worker stops, then start anew."""
        await workflow.execute_activity_method(
            DeliveryActivities.deliver_events,
            activity_id="deliver_events",
            task_queue=RELAY_QUEUE,
            start_to_close_timeout=SHIFT + timedelta(minutes=5),
            heartbeat_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=10)),
            summary="Bring events to subscribers",
        )
        workflow.continue_as_new()
