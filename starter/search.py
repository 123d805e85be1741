"""Search attributes: what a return is started with, and lists made from them (CONTRACT section 7)."""

from pydantic import AwareDatetime, BaseModel
from temporalio.client import WorkflowExecution

from lifecycle.view import Status
from workflows.search_attributes import ATTENTION, ESCALATED, ORDER, RESOLVE_BY, STATUS


class Listed(BaseModel):
    """One row of a list, a moment behind the return itself."""

    return_id: str
    order_id: str
    status: Status
    resolve_by: AwareDatetime | None
    escalated: bool
    attention: str | None


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
        order_id=known.get(ORDER, ""),
        status=Status(known.get(STATUS, Status.REQUESTED.value)),
        resolve_by=known.get(RESOLVE_BY),
        escalated=bool(known.get(ESCALATED, default=False)),
        attention=known.get(ATTENTION) or None,
    )
