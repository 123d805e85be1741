"""The columns of a return in Temporal's lists (CONTRACT section 7); never anything personal."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import Status
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
KEYS: tuple[SearchAttributeKey[Any], ...] = (STATUS, RESOLUTION, METHOD, ORDER, RESOLVE_BY, ESCALATED, ATTENTION)


def of_request(request: ReturnRequest) -> dict[str, Any]:
    """What a start already knows, by name."""
    return {
        STATUS.name: Status.REQUESTED.value,
        RESOLUTION.name: request.resolution.value,
        METHOD.name: request.method.value,
        ORDER.name: request.order.order_id,
        ESCALATED.name: False,
    }


def at_start(request: ReturnRequest) -> TypedSearchAttributes:
    """What a return is started with; set on start they cost no event."""
    known = of_request(request)
    return TypedSearchAttributes([SearchAttributePair(key, known[key.name]) for key in KEYS if key.name in known])


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


def shown_of(execution: "WorkflowExecution") -> tuple[str, datetime | None, bool]:
    """Status, next promise and whether it is escalated, as Temporal's lists show it."""
    known = execution.typed_search_attributes
    return known.get(STATUS, Status.REQUESTED.value), known.get(RESOLVE_BY), bool(known.get(ESCALATED, default=False))


def changes(shown: dict[str, Any], wanted: dict[str, Any]) -> list[SearchAttributeUpdate[Any]]:
    """What to upsert so that what is shown becomes what is wanted."""
    updates = []
    for key in KEYS:
        value = wanted.get(key.name)
        if value != shown.get(key.name):
            updates.append(key.value_unset() if value is None else key.value_set(value))
    return updates
