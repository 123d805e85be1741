"""What an operator sees of a return in the Temporal UI: columns and details, nothing personal."""

from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from lifecycle.deadlines import next_deadline
    from lifecycle.money import format_money
    from lifecycle.request import ReturnRequest
    from lifecycle.settling import owed
    from lifecycle.showing import resolve_by
    from lifecycle.state import Return
    from lifecycle.status import status_of
    from lifecycle.view import Status

STATUS = SearchAttributeKey.for_keyword("ReturnStatus")
RESOLUTION = SearchAttributeKey.for_keyword("ReturnResolution")
METHOD = SearchAttributeKey.for_keyword("ReturnMethod")
ORDER = SearchAttributeKey.for_keyword("OrderId")
RESOLVE_BY = SearchAttributeKey.for_datetime("ResolveBy")
ESCALATED = SearchAttributeKey.for_bool("Escalated")
ATTENTION = SearchAttributeKey.for_keyword("NeedsAttention")
KEYS: tuple[SearchAttributeKey[Any], ...] = (
    STATUS,
    RESOLUTION,
    METHOD,
    ORDER,
    RESOLVE_BY,
    ESCALATED,
    ATTENTION,
)

_WAITS_FOR = {
    Status.REQUESTED: "the label",
    Status.IN_REVIEW: "a reviewer: `homeward approve` or `homeward decline`",
    Status.LABEL_SENT: "the customer to hand the parcel over",
    Status.IN_TRANSIT: "the parcel to arrive",
    Status.PARTIALLY_RECEIVED: "the rest of the parcels",
    Status.RECEIVED: "the inspection",
    Status.SETTLING: "the payment provider",
}


def columns(ret: Return) -> dict[str, Any]:
    """The search attributes as they should be now."""
    step = next((parked.step for parked in ret.open_steps), None)
    return columns_of_request(ret.request) | {
        STATUS.name: status_of(ret).value,
        RESOLVE_BY.name: resolve_by(ret),
        ESCALATED.name: ret.escalated,
        ATTENTION.name: step,
    }


def columns_of_request(request: ReturnRequest) -> dict[str, Any]:
    """The search attributes that a start already knows; set with it they cost nothing."""
    return {
        STATUS.name: Status.REQUESTED.value,
        RESOLUTION.name: request.resolution.value,
        METHOD.name: request.method.value,
        ORDER.name: request.order.order_id,
        ESCALATED.name: False,
    }


def changes(shown: dict[str, Any], wanted: dict[str, Any]) -> list[SearchAttributeUpdate[Any]]:
    """What to upsert so that what is shown becomes what is wanted."""
    updates = []
    for key in KEYS:
        value = wanted.get(key.name)
        if value == shown.get(key.name):
            continue
        updates.append(key.value_unset() if value is None else key.value_set(value))
    return updates


def details(ret: Return) -> str:
    """Where it stands, what it waits for, what comes next; Markdown."""
    status = status_of(ret)
    money = format_money(owed(ret)[0], ret.request.order.currency)
    lines = [f"**{status}** · {ret.request.resolution} of {money} · {len(ret.expected)} units"]
    lines += [f"- **needs a person:** {parked.step}: {parked.error}" for parked in ret.open_steps]
    if status in _WAITS_FOR and not ret.open_steps:
        lines.append(f"- waits for {_WAITS_FOR[status]}")
    following = next_deadline(ret)
    if following:
        lines.append(f"- by itself next at {_instant(following)}")
    if ret.dates.target and ret.dates.limit:
        promise = f"target {_instant(ret.dates.target)}, limit {_instant(ret.dates.limit)}"
        lines.append(f"- promise: {promise}")
    lines += [f"- {_instant(entry.at)} {entry.event}" for entry in ret.timeline[-8:]]
    return "\n".join(lines)


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
