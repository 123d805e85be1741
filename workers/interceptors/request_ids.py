"""Carries the id of an HTTP request into the workflow that it starts, and on to that one's steps, for their log lines.

It travels as a header, beside what is said, and is nobody's business but the log's. What no request began, such as
what a command or another workflow starts, has none, and costs nothing.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, TypeVar

from structlog.contextvars import bound_contextvars, get_contextvars
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.client import (
    OutboundInterceptor,
    StartWorkflowInput,
    StartWorkflowUpdateInput,
    StartWorkflowUpdateWithStartInput,
    WorkflowHandle,
    WorkflowUpdateHandle,
)
from temporalio.converter import PayloadConverter
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    HandleUpdateInput,
    Interceptor,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

#: The header's name, and the log's.
_HEADER: Final = "homeward-request-id"
_KEY: Final = "request_id"
_LONGEST: Final = 200

Headers = Mapping[str, Payload]
Sent = TypeVar("Sent", StartWorkflowInput, StartWorkflowUpdateInput, StartActivityInput, StartLocalActivityInput)


class RequestIds(ClientInterceptor, Interceptor):
    """Of a client, which gives it to its workers."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 (the SDK's name)
        """See the SDK."""
        return _Saying(next)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 (the SDK's name)
        """See the SDK: called once for each activity."""
        return _Step(next)

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002, ARG002 (the SDK's)
        """See the SDK: called once for each worker."""
        return _Workflow


def _header(request_id: object) -> dict[str, Payload]:
    return {_HEADER: PayloadConverter.default.to_payload(str(request_id))} if request_id else {}


def _id_of(headers: Headers) -> str | None:
    """The id; None where there is none, and for what is none, as the log is to fail nothing."""
    payload = headers.get(_HEADER)
    try:
        found = payload and PayloadConverter.default.from_payload(payload, str)
    except Exception:  # noqa: BLE001 - whatever was sent under this name
        return None
    return found[:_LONGEST] if found else None


def _bound(headers: Headers) -> AbstractContextManager[Any]:
    request_id = _id_of(headers)
    return bound_contextvars(**{_KEY: request_id}) if request_id else nullcontext()


class _Saying(OutboundInterceptor):
    """Sends the id of the request that is being answered here, if one is."""

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002 (the SDK's name)
        input.headers = {**input.headers, **_header(get_contextvars().get(_KEY))}
        return await super().start_workflow(input)

    async def start_workflow_update(self, input: StartWorkflowUpdateInput) -> WorkflowUpdateHandle[Any]:  # noqa: A002 (the SDK's name)
        input.headers = {**input.headers, **_header(get_contextvars().get(_KEY))}
        return await super().start_workflow_update(input)

    async def start_update_with_start_workflow(
        self,
        input: StartWorkflowUpdateWithStartInput,  # noqa: A002 (the SDK's name)
    ) -> WorkflowUpdateHandle[Any]:
        start = input.start_workflow_input
        start.headers = {**start.headers, **_header(get_contextvars().get(_KEY))}
        return await super().start_update_with_start_workflow(input)


class _Workflow(WorkflowInboundInterceptor):
    """Its lines have the id of the request that started it; those of an update that of its own."""

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Steps(outbound))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 (the SDK's name)
        with _bound(input.headers):
            return await self.next.execute_workflow(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002 (the SDK's name)
        with _bound(input.headers if _HEADER in input.headers else workflow.info().headers):
            return await self.next.handle_update_handler(input)


class _Steps(WorkflowOutboundInterceptor):
    """Gives steps the id of the request that started their workflow."""

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002 (the SDK's name)
        return super().start_activity(_with_id(input))

    def start_local_activity(self, input: StartLocalActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002 (the SDK's name)
        return super().start_local_activity(_with_id(input))


def _with_id(step: Sent) -> Sent:
    step.headers = {**step.headers, **_header(_id_of(workflow.info().headers))}
    return step


class _Step(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        with _bound(input.headers):
            return await self.next.execute_activity(input)
