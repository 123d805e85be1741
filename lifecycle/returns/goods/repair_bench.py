"""Units on the repair bench, as their return sees them (CONTRACT section 7, RepairWorkflow).

The bench has a workflow of its own for each unit; here is what its events mean for the customer.
"""

from datetime import datetime

from lifecycle.contract.grades import Disposition
from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns.commands import BookStock, RepairCustomerUnit, SendMail
from lifecycle.returns.goods.outbound import replace_instead
from lifecycle.returns.promise_clock import stop_or_resume_clock
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.state import Return, remedy_of, these
from lifecycle.returns.units import Bench, UnitState
from lifecycle.shared.repair_messages import RepairEvent, RepairOutcome, RepairResult, RepairState

_SENT_BACK = {
    RepairOutcome.NO_FAULT: "no fault was found",
    RepairOutcome.REFUSED: "the estimate was not accepted",
    RepairOutcome.SILENT: "the estimate was not answered",
    RepairOutcome.UNREPAIRABLE: "it cannot be repaired",
}


def send_to_bench(ret: Return, unit: UnitState) -> None:
    """A unit that is to be repaired has come: its repair begins, without inspection."""
    if ret.ended or unit.settled or unit.bench is not None or unit.unchecked:
        return
    if rule_of(remedy_of(ret, unit)).sends == "repaired_unit" and unit.reception is Reception.RECEIVED:
        unit.bench = Bench(RepairState.DIAGNOSING.value)
        ret.agenda.add(RepairCustomerUnit(unit.unit_id))


def apply_repair_event(ret: Return, event: RepairEvent, now: datetime) -> None:
    """Apply an event of the repair; the clock stands still while the customer is asked for money."""
    unit = ret.unit(event.unit_id)
    if unit is None or unit.bench is None or unit.bench.outcome is not None:
        return
    unit.bench.state, unit.bench.estimate = event.state.value, event.estimate
    stop_or_resume_clock(ret, event.at)
    if event.outcome is not None:
        # Before the bench's own workflow ends: a part to be booked there holds nobody up here.
        finish_repair(ret, RepairResult(unit_id=event.unit_id, outcome=event.outcome, estimate=event.estimate), now)


def finish_repair(ret: Return, result: RepairResult, now: datetime) -> None:
    """The bench is done with a unit: it goes back, repaired or not, or something else takes its place."""
    unit = ret.unit(result.unit_id)
    if unit is None or unit.bench is None or unit.bench.outcome is not None:
        return
    unit.bench.outcome, unit.bench.estimate = result.outcome.value, result.estimate
    unit.bench.state = _state(result.outcome).value
    stop_or_resume_clock(ret, now)
    ret.note(now, "bench_done", by="bench", detail=f"{unit.unit_id}: {result.outcome}", about=these([unit]))
    if result.outcome is RepairOutcome.REPAIRED:
        unit.acceptance = Acceptance.ACCEPTED
    elif result.outcome is RepairOutcome.UNREPAIRABLE and unit.in_warranty:
        _replace(ret, unit, now)
    else:
        _give_back(ret, unit, _SENT_BACK[result.outcome])


def _state(outcome: RepairOutcome) -> RepairState:
    if outcome in (RepairOutcome.REFUSED, RepairOutcome.SILENT):
        return RepairState.REFUSED
    return RepairState.UNREPAIRABLE if outcome is RepairOutcome.UNREPAIRABLE else RepairState.DONE


def _replace(ret: Return, unit: UnitState, now: datetime) -> None:
    """In warranty and beyond repair: a replacement if there is one, else its price (section 7)."""
    unit.acceptance, unit.disposition = Acceptance.ACCEPTED, Disposition.RECYCLE
    replace_instead(ret, unit, "it cannot be repaired", now)
    if unit.needs_wipe:
        ret.agenda.add(SendMail("wipe_waits", to="operations", reason=unit.unit_id))
    ret.agenda.add(BookStock("restock", f"the repair of {unit.unit_id}", (unit.unit_id,)))


def not_repaired(ret: Return, unit_id: str) -> None:
    """An operator decided that the bench does nothing: the customer gets their unit back as it is."""
    unit = ret.unit(unit_id)
    if unit is not None and unit.bench is not None and unit.bench.outcome is None:
        unit.bench.state, unit.bench.outcome = RepairState.REFUSED.value, RepairOutcome.REFUSED.value
        _give_back(ret, unit, "it was not repaired")


def _give_back(ret: Return, unit: UnitState, why: str) -> None:
    unit.note, unit.refund = why, 0
    unit.acceptance, unit.disposition = Acceptance.REJECTED, Disposition.RETURN_TO_CUSTOMER
    ret.agenda.add(BookStock("restock", f"the repair of {unit.unit_id}", (unit.unit_id,)))


def shipped_home(ret: Return, unit_id: str) -> None:
    """A repaired unit has left the shop: it is not in stock any more."""
    unit = ret.unit(unit_id)
    if unit is not None:
        unit.disposition, unit.gone_back = Disposition.RETURN_TO_CUSTOMER, True
        ret.agenda.add(BookStock("restock", f"the repair of {unit_id}", (unit_id,)))
