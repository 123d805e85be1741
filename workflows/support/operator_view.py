"""What an operator sees of a support case in Temporal's lists and UI; nothing personal."""

from typing import Any

from temporalio import workflow

from client.search_attributes import ATTENTION, ESCALATED, ORDER, RESOLVE_BY, STATUS

with workflow.unsafe.imports_passed_through():
    from lifecycle.shared.markdown import literal
    from lifecycle.support import rules
    from lifecycle.support.state import Case, CaseStatus

_WAITS_FOR = {
    CaseStatus.OPEN: "our answer: `homeward support answer`, `return` or `close`",
    CaseStatus.ANSWERED: "the customer's word",
}


def columns(case: Case) -> dict[str, Any]:
    """The search attributes as they should be now."""
    return {
        STATUS.name: case.status.value,
        ORDER.name: case.request.order_id,
        RESOLVE_BY.name: rules.answer_by(case),
        ESCALATED.name: case.escalated,
        ATTENTION.name: case.trouble.step if case.trouble else None,
    }


def details(case: Case) -> str:
    """Where it stands, what it waits for, what comes next; Markdown."""
    request = case.request
    about = f" · about the return {literal(request.return_id)}" if request.return_id else ""
    lines = [f"**{case.status}** · asked by {request.channel}, for {request.lands_in}{about}", ""]
    lines.append(f"- the address that asked: {rules.in_words(rules.address_of(case))}")
    if case.trouble:
        lines.append(f"- **failed for good:** {literal(case.trouble.step)}: {literal(case.trouble.error)}")
    if case.wish:
        lines.append("- a return is being made of it")
    elif case.status in _WAITS_FOR:
        lines.append(f"- waits for {_WAITS_FOR[case.status]}")
    if case.became_return:
        lines.append(f"- became the return {literal(case.became_return)}")
    following = rules.next_alarm(case)
    if following:
        lines.append(f"- next by itself: {following.what} at {following.at:%Y-%m-%d %H:%M UTC}")
    lines += [f"- {entry.at:%Y-%m-%d %H:%M UTC} {entry.event}" for entry in case.timeline[-8:]]
    return "\n".join(lines)
