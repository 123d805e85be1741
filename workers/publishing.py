"""Events of returns travel in the header of their steps, and are stored in the database before the step begins.

The step's own effect needs not know of it, and one that is tried again stores the same events again,
which changes nothing.
"""

from datetime import UTC, datetime
from typing import Any

from temporalio import activity, workflow
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from activities.shared.errors import application_errors
from activities.shared.publishing import EVENTS_HEADER, attached
from gateways.database.engine import Database
from gateways.database.messages import events
from lifecycle.returns.views.events import EventBatch


class Publishing(Interceptor):
    """Attaches pending events to steps where they are started, and stores them where they are carried out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 (the SDK's name)
        """See the SDK: called once for each activity."""
        return _Kept(next, self._database)

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002, ARG002 (the SDK's)
        """See the SDK: made anew for each workflow."""
        return _Inbound


class _Kept(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, database: Database) -> None:  # noqa: A002 (the SDK's name)
        super().__init__(next)
        self._database = database

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        taken = input.headers.get(EVENTS_HEADER)
        if taken is not None:
            batch: EventBatch = activity.payload_converter().from_payload(taken, EventBatch)
            with application_errors("records"):
                await self._database.write(lambda connection: events.write(connection, batch, datetime.now(UTC)))
        return await self.next.execute_activity(input)


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Loading(outbound))


class _Loading(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> "workflow.ActivityHandle[Any]":  # noqa: A002 (the SDK's name)
        if (batch := attached()) is not None:
            taken = workflow.payload_converter().to_payload(batch)
            input.headers = {**input.headers, EVENTS_HEADER: taken}
        return super().start_activity(input)
