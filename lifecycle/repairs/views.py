"""What a repair shows of itself."""

from lifecycle.contract.view import Attention
from lifecycle.repairs.messages import RepairSummary, RepairView
from lifecycle.repairs.rules import Repair


def summary_of(repair: Repair) -> RepairSummary:
    """The short answer to an update."""
    given = repair.given
    return RepairSummary(
        return_id=given.return_id,
        unit_id=given.unit_id,
        state=repair.state,
        outcome=repair.outcome,
        estimate=repair.estimate,
        currency=given.currency,
        answer_by=repair.answer_by,
        attention=repair.parked[0].step if repair.parked else None,
    )


def view_of(repair: Repair, *, closed: bool) -> RepairView:
    """All there is to see."""
    given, oldest = repair.given, next(iter(repair.parked), None)
    return RepairView(
        **given.model_dump(exclude={"calendar"}),
        state=repair.state,
        outcome=repair.outcome,
        estimate=repair.estimate,
        answer_by=repair.answer_by,
        rounds=repair.rounds,
        parts=repair.parts,
        closed=closed,
        attention=Attention(step=oldest.step, error=oldest.error, since=oldest.since) if oldest else None,
        timeline=repair.timeline,
    )
