"""What an operator sees of a return in the Temporal UI: columns and details, nothing personal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from temporalio import workflow

from client.search_attributes import Columns, columns_of_view

with workflow.unsafe.imports_passed_through():
    from lifecycle.contract.money import format_money
    from lifecycle.contract.statuses import Status
    from lifecycle.contract.view import View
    from lifecycle.returns.alarms import next_deadline
    from lifecycle.returns.commands import ProvideHandover
    from lifecycle.returns.settlement.settling import owed, resolution_of
    from lifecycle.returns.state import Return
    from lifecycle.returns.views.return_view import resolve_by
    from lifecycle.returns.views.status import status_of
    from lifecycle.shared.markdown import literal

_WAITS_FOR = {
    Status.REQUESTED: "the label",
    Status.IN_REVIEW: "a reviewer: `homeward approve` or `homeward decline`",
    Status.LABEL_SENT: "the customer to hand the parcel over",
    Status.IN_TRANSIT: "the parcel to arrive",
    Status.PARTIALLY_RECEIVED: "the rest of the parcels",
    Status.RECEIVED: "the inspection",
    Status.SETTLING: "the payment provider or the carrier",
}


def columns_of_return(ret: Return) -> dict[str, Any]:
    """The search attributes as they should be now."""
    return Columns(
        status=status_of(ret).value,
        resolution=resolution_of(ret).value,
        method=ret.request.method.value,
        order_id=ret.request.order.order_id,
        resolve_by=resolve_by(ret),
        escalated=ret.escalated,
        attention=next((parked.step for parked in ret.open_steps), None),
    ).by_name()


def columns_of_closed(view: View) -> dict[str, Any]:
    """The same, of a return that had closed before; nothing of it waits for an operator."""
    return columns_of_view(view)._replace(attention=None).by_name()


def details(ret: Return) -> str:
    """Where it stands, what it waits for, what comes next; Markdown."""
    status = status_of(ret)
    money = format_money(owed(ret)[0], ret.request.order.currency)
    units = len(ret.expected)
    head = f"**{status}** · {resolution_of(ret)} of {money} · {units} unit{'' if units == 1 else 's'}"
    lines = [head, ""]
    lines += [f"- **needs an operator:** {literal(parked.step)}: {literal(parked.error)}" for parked in ret.open_steps]
    if not ret.open_steps:
        lines += [f"- waits for {what}" for what in _waits_for(ret, status)]
    following = next_deadline(ret)
    if following:
        lines.append(f"- next by itself: {following.what} at {_instant(following.at)}")
    if ret.dates.target and ret.dates.limit:
        promise = f"target {_instant(ret.dates.target)}, limit {_instant(ret.dates.limit)}"
        lines.append(f"- promise: {promise}")
    lines += [f"- {_instant(entry.at)} {entry.event}" for entry in ret.timeline[-8:]]
    return "\n".join(lines)


def _waits_for(ret: Return, status: Status) -> Iterator[str]:
    if question := ret.money.question:
        money = format_money(question.amount, ret.request.order.currency)
        yield f"the customer to say whether they pay {money}, more than agreed; the clock stands still"
    elif ret.dates.stopped:
        yield "the customer to answer the estimate; the clock stands still"
    elif any(unit.bench is not None and unit.bench.outcome is None for unit in ret.units):
        yield "the repair bench: `homeward repair list`"
    elif status is Status.REQUESTED and ret.way.slots and not ret.agenda.has(ProvideHandover):
        yield "the customer to choose a pickup"
    elif status is Status.REQUESTED and ret.dates.label_by:
        yield f"the label, until {_instant(ret.dates.label_by)}"
    elif status in _WAITS_FOR:
        yield _WAITS_FOR[status]
    if ret.hold is not None and ret.hold.state == "held":
        yield "the goods, against a hold on the card"
    for unit in ret.units:
        if unit.needs_wipe:
            yield f"a wipe of unit {literal(unit.unit_id)}: `homeward wipe`"


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
