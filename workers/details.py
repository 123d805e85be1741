"""What an operator reads of a workflow in Temporal's UI is rendered when the UI asks, not whenever something changes.

The SDK's own way, ``set_current_details``, would render it a dozen times for each return, mostly for nobody.
"""

from typing import Any, Final, Protocol, runtime_checkable

from temporalio import workflow
from temporalio.worker import (
    HandleQueryInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

#: Temporal's own name of the question, of all its SDKs.
_METADATA: Final = "__temporal_workflow_metadata"


@runtime_checkable
class _Detailed(Protocol):
    """A workflow of ours; a relay is none."""

    def details(self) -> str:
        """Where it stands; Markdown."""
        ...


class Details(Interceptor):
    """Adds a workflow's details to what the SDK tells of it."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002, ARG002 (the SDK's)
        """See the SDK: called once for each worker."""
        return _Asked


class _Asked(WorkflowInboundInterceptor):
    async def handle_query(self, input: HandleQueryInput) -> Any:  # noqa: A002 (the SDK's name)
        answer = await self.next.handle_query(input)
        one = workflow.instance()
        if input.query == _METADATA and isinstance(one, _Detailed):
            answer.current_details = one.details()
        return answer
