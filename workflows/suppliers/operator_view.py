"""What an operator sees of a supplier's goods in the Temporal UI."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from lifecycle.contract.money import format_money
    from lifecycle.shared.markdown import literal
    from lifecycle.suppliers import rules
    from lifecycle.suppliers.state import SupplierReturn, UnitStage

_WAITS_FOR = {
    UnitStage.ASKED: "the supplier's authorisation: `homeward supplier authorise` or `refuse`",
    UnitStage.AUTHORISED: "our shipment: `homeward supplier ship`",
    UnitStage.SHIPPED: "the supplier's credit: `homeward supplier credit` or `refuse`",
}


def details(journey: SupplierReturn) -> str:
    """Where the goods stand, what they wait for, what comes next; Markdown."""
    summary = rules.summary_of(journey)
    counts = " · ".join(f"{count} {stage}" for stage, count in summary.units.items() if count)
    money = ", ".join(format_money(amount, currency) for currency, amount in summary.credited.items())
    lines = [f"**{counts or 'no units'}**" + (f" · {money} credited" if money else ""), ""]
    if journey.trouble:
        lines.append(f"- **failed for good:** {literal(journey.trouble.step)}: {literal(journey.trouble.error)}")
    lines += [f"- {len(units)} wait for {what}" for stage, what in _WAITS_FOR.items() if (units := journey.at(stage))]
    following = rules.next_alarm(journey)
    if following:
        lines.append(f"- next by itself: {following.what} at {_instant(following.at)}")
    for entry in journey.timeline[-8:]:
        detail = f" {literal(entry.detail)}" if entry.detail else ""
        lines.append(f"- {_instant(entry.at)} {entry.event}{detail}")
    return "\n".join(lines)


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
