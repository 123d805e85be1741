"""The columns of a return in Temporal's lists (CONTRACT section 7); never anything personal."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import View
from lifecycle.returns.views.return_view import summary_of_view
from lifecycle.shared.repair_messages import RepairInput
from lifecycle.support.messages import SupportRequest
from lifecycle.support.state import CaseStatus

if TYPE_CHECKING:
    from temporalio.client import WorkflowExecution

STATUS = SearchAttributeKey.for_keyword("ReturnStatus")
RESOLUTION = SearchAttributeKey.for_keyword("ReturnResolution")
METHOD = SearchAttributeKey.for_keyword("ReturnMethod")
ORDER = SearchAttributeKey.for_keyword("OrderId")
RESOLVE_BY = SearchAttributeKey.for_datetime("ResolveBy")
ESCALATED = SearchAttributeKey.for_bool("Escalated")
ATTENTION = SearchAttributeKey.for_keyword("NeedsAttention")
#: All of ours; a case or a repair shows some of them.
KEYS: tuple[SearchAttributeKey[Any], ...] = (STATUS, RESOLUTION, METHOD, ORDER, RESOLVE_BY, ESCALATED, ATTENTION)


class Columns(NamedTuple):
    """What Temporal's lists show of a return, in the order of ``KEYS``: a new column is one more of each.

    ``workflows.returns.operator_view`` fills them of an open return, ``columns_of_view`` of one that has closed; a
    namespace has to know their keys (``ops/temporal/namespace.sh``). A row of our own lists (``client.list_rows``)
    shows those of which it has a field.
    """

    status: str
    resolution: str
    method: str
    order_id: str
    resolve_by: datetime | None
    escalated: bool
    attention: str | None

    def by_name(self) -> dict[str, Any]:
        """Each value by the name of its search attribute."""
        return {key.name: value for key, value in zip(KEYS, self, strict=True)}


#: Of a return of which nothing else is known.
UNKNOWN = Columns(Status.REQUESTED.value, "", "", "", resolve_by=None, escalated=False, attention=None)


def columns_of_execution(execution: "WorkflowExecution") -> Columns:
    """The columns of a return as Temporal's lists show them."""
    known = execution.typed_search_attributes
    return Columns._make(known.get(key) or unknown for key, unknown in zip(KEYS, UNKNOWN, strict=True))


def columns_of_view(view: View) -> Columns:
    """The columns of a return as its view shows it."""
    shown = summary_of_view(view)
    return Columns(
        status=shown.status.value,
        resolution=view.settlement.resolution.value,
        method=view.handover.method.value,
        order_id=shown.order_id,
        resolve_by=shown.resolve_by,
        escalated=shown.escalated,
        attention=shown.attention,
    )


def at_start(request: ReturnRequest) -> TypedSearchAttributes:
    """What a return is started with; set on start they cost no event."""
    known = UNKNOWN._replace(
        resolution=request.resolution.value, method=request.method.value, order_id=request.order.order_id
    )
    return TypedSearchAttributes(
        [SearchAttributePair(key, value) for key, value in zip(KEYS, known, strict=True) if value is not None]
    )


def at_start_of_repair(given: RepairInput) -> TypedSearchAttributes:
    """What a repair is started with; set on start it costs no event."""
    return TypedSearchAttributes([SearchAttributePair(ORDER, given.order_id)])


def at_start_of_case(request: SupportRequest) -> TypedSearchAttributes:
    """What a support case is started with; set on start it costs no event."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(STATUS, CaseStatus.OPEN.value),
        SearchAttributePair(ESCALATED, value=False),
    ]
    if request.order_id:
        pairs.append(SearchAttributePair(ORDER, request.order_id))
    return TypedSearchAttributes(pairs)


def changes(shown: dict[str, Any], wanted: dict[str, Any]) -> list[SearchAttributeUpdate[Any]]:
    """What to upsert so that what is shown becomes what is wanted."""
    updates = []
    for key in KEYS:
        value = wanted.get(key.name)
        if value != shown.get(key.name):
            updates.append(key.value_unset() if value is None else key.value_set(value))
    return updates
