"""Search attributes: what a return is started with, and lists made from them (CONTRACT section 7)."""

from typing import Final

from pydantic import AwareDatetime, BaseModel
from temporalio.client import WorkflowExecution
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from lifecycle.request import ReturnRequest
from lifecycle.view import Status

RETURN_STATUS: Final = SearchAttributeKey.for_keyword("ReturnStatus")
RETURN_RESOLUTION: Final = SearchAttributeKey.for_keyword("ReturnResolution")
RETURN_METHOD: Final = SearchAttributeKey.for_keyword("ReturnMethod")
ORDER_ID: Final = SearchAttributeKey.for_keyword("OrderId")
RESOLVE_BY: Final = SearchAttributeKey.for_datetime("ResolveBy")
ESCALATED: Final = SearchAttributeKey.for_bool("Escalated")
NEEDS_ATTENTION: Final = SearchAttributeKey.for_keyword("NeedsAttention")


class Listed(BaseModel):
    """One row of a list, a moment behind the return itself."""

    return_id: str
    order_id: str
    status: Status
    resolve_by: AwareDatetime | None
    escalated: bool
    attention: str | None


def at_start(request: ReturnRequest) -> TypedSearchAttributes:
    """What a return is started with; set on start they cost no event."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(RETURN_STATUS, Status.REQUESTED.value),
            SearchAttributePair(RETURN_RESOLUTION, request.resolution.value),
            SearchAttributePair(RETURN_METHOD, request.method.value),
            SearchAttributePair(ORDER_ID, request.order.order_id),
            SearchAttributePair(ESCALATED, value=False),
        ]
    )


def listing(status: Status | None, *, escalated: bool, attention: bool) -> str:
    """The visibility query for returns of which all that is given holds."""
    terms = ["WorkflowType = 'ReturnWorkflow'"]
    if status:
        terms.append(f"ReturnStatus = '{status}'")
    if escalated:
        terms.append("Escalated = true")
    if attention:
        terms.append("NeedsAttention IS NOT NULL")
    return " AND ".join(terms)


def listed(execution: WorkflowExecution) -> Listed:
    """One row, from what Temporal keeps of a workflow."""
    known = execution.typed_search_attributes
    return Listed(
        return_id=execution.id.removeprefix("return-"),
        order_id=known.get(ORDER_ID, ""),
        status=Status(known.get(RETURN_STATUS, Status.REQUESTED.value)),
        resolve_by=known.get(RESOLVE_BY),
        escalated=bool(known.get(ESCALATED, default=False)),
        attention=known.get(NEEDS_ATTENTION) or None,
    )
