"""What would be refused is not proposed: what a return's view tells of it. The return itself has the last word."""

from collections.abc import Mapping
from typing import Any

from client.errors import NotAllowed
from lifecycle.contract.statuses import ENDED_UNSETTLED, Status
from lifecycle.contract.view import SettlementState, Unit, View
from lifecycle.shared.repair_messages import RepairState


def check_foreseen(act: str, view: View, said: Mapping[str, Any]) -> None:
    """Raise ``NotAllowed`` where the act would be refused as the return stands now."""
    if view.closed:
        raise NotAllowed(f"the return is closed, as {view.status}")
    reason = {
        "cancel": _cancel,
        "approve": _review,
        "decline": _review,
        "answer_charge": _charge,
        "answer_estimate": _estimate,
        "resolve_attention": _attention,
    }[act](view, said)
    if reason:
        raise NotAllowed(reason)


def _cancel(view: View, _: Mapping[str, Any]) -> str | None:
    if view.status in ENDED_UNSETTLED:
        return f"the return is {view.status}"
    if view.settlement.state is not SettlementState.PENDING:
        return "the settlement has begun"
    return "the goods have been handed over" if view.handover.at else None


def _review(view: View, _: Mapping[str, Any]) -> str | None:
    return None if view.status is Status.IN_REVIEW else f"the return is not in review, it is {view.status}"


def _charge(view: View, _: Mapping[str, Any]) -> str | None:
    return None if view.settlement.asked else "nothing is asked: no exchange waits for an answer to what it costs more"


def _estimate(view: View, said: Mapping[str, Any]) -> str | None:
    unit: Unit | None = next((unit for unit in view.units if unit.unit_id == said["unit_id"]), None)
    if unit is None:
        return f"unit_id: the return has no unit {said['unit_id']}"
    state = (unit.repair or {}).get("state")
    if state == RepairState.AWAITING_CUSTOMER:
        return None
    return f"no estimate waits for an answer: the repair is {state}" if state else f"{unit.unit_id} is not repaired"


def _attention(view: View, _: Mapping[str, Any]) -> str | None:
    return None if view.attention else "no step waits for an operator"
