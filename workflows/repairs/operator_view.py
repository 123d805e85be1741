"""What an operator sees of a repair in Temporal's lists and UI; nothing personal."""

from typing import Any

from temporalio import workflow

from client.search_attributes import ATTENTION, ORDER

with workflow.unsafe.imports_passed_through():
    from lifecycle.contract.money import format_money
    from lifecycle.repairs.deadlines import next_alarm
    from lifecycle.repairs.rules import Repair
    from lifecycle.shared.markdown import literal
    from lifecycle.shared.repair_messages import RepairState

_WAITS_FOR = {
    RepairState.DIAGNOSING: "the diagnosis: `homeward repair diagnose`",
    RepairState.AWAITING_CUSTOMER: "the customer's answer: `homeward repair estimate`",
    RepairState.REPAIRING: "the repair: `homeward repair record`",
    RepairState.CHECKING: "the check: `homeward repair check`",
}


def columns(repair: Repair) -> dict[str, Any]:
    """The search attributes as they should be now."""
    step = repair.parked[0].step if repair.parked else None
    return {ORDER.name: repair.given.order_id, ATTENTION.name: step}


def memo(repair: Repair) -> dict[str, Any]:
    """What the bench's queue lists without asking each repair."""
    given = repair.given
    return {
        "return_id": given.return_id,
        "unit_id": given.unit_id,
        "sku": given.sku,
        "location": given.location,
        "state": repair.state.value,
        "since": repair.since.isoformat(),
    }


def details(repair: Repair) -> str:
    """Where it stands, what it waits for, what comes next; Markdown."""
    given = repair.given
    what = f"{literal(given.sku)}, unit {literal(given.unit_id)} of {literal(given.return_id)}"
    terms = "in warranty" if given.in_warranty else "out of warranty"
    lines = [f"**{repair.state}** · {what} · {terms}", ""]
    lines += [f"- **needs an operator:** {literal(parked.step)}: {literal(parked.error)}" for parked in repair.parked]
    if repair.estimate is not None:
        lines.append(f"- estimate: {format_money(repair.estimate, given.currency)}")
    if repair.state in _WAITS_FOR and not repair.called_off:
        lines.append(f"- waits for {_WAITS_FOR[repair.state]}")
    following = next_alarm(repair)
    if following:
        lines.append(f"- next by itself: {following.what} at {following.at:%Y-%m-%d %H:%M UTC}")
    lines += [f"- {entry.at:%Y-%m-%d %H:%M UTC} {entry.event}" for entry in repair.timeline[-8:]]
    return "\n".join(lines)
