"""The repair of one unit: what may be said to it, what follows, and its clock.

Plain functions over one plain state. Each ``check_*`` raises ``Refused`` with the reason and
changes nothing; the function of the same name without it checks again and then acts. What has
to be done outside is put into queues that the workflow empties.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import REPAIRED, Grade
from lifecycle.contract.messages import ResolveAttention
from lifecycle.contract.view import Attention, TimelineEntry
from lifecycle.repairs.commands import RepairAgenda, ReportToReturn, SendRepairMail, ShelveUnit, TakeParts
from lifecycle.repairs.messages import (
    Diagnosis,
    DiagnosisOutcome,
    EstimateAnswer,
    Part,
    RepairCheck,
    RepairSummary,
    RepairView,
    RepairWork,
)
from lifecycle.shared.answer_time import ANSWER_DAYS, REMIND_DAYS
from lifecycle.shared.parked_step import ParkedStep, find_waiting
from lifecycle.shared.repair_messages import MOVES, RepairEvent, RepairInput, RepairOutcome, RepairResult, RepairState
from lifecycle.shared.stock_move import StockMove

#: Rounds of work: a check that fails after the last ends it.
ROUNDS = 2


@dataclass
class Repair:
    """One unit on the bench. Money in minor units; an estimate is None unless the customer is asked for it."""

    given: RepairInput
    #: When it came into its state.
    since: datetime
    state: RepairState = RepairState.DIAGNOSING
    outcome: RepairOutcome | None = None
    estimate: int | None = None
    rounds: int = 1
    parts: list[Part] = field(default_factory=list)
    #: When something was last recorded, and how often operations have been mailed since.
    recorded_at: datetime | None = None
    bench_reminders: int = 0
    #: When the customer is reminded, and until when they can answer.
    remind_at: datetime | None = None
    answer_by: datetime | None = None
    #: Nobody wants it any more: the return, or somebody in Temporal, has called it off.
    called_off: bool = False
    seen: set[tuple[str, str]] = field(default_factory=set)
    parked: list[ParkedStep] = field(default_factory=list)
    timeline: list[TimelineEntry] = field(default_factory=list)
    agenda: RepairAgenda = field(default_factory=RepairAgenda)

    @property
    def over(self) -> bool:
        """Whether nothing more can be said to it."""
        return self.state.ended or self.called_off

    @property
    def result(self) -> RepairResult:
        """How it ended; only once it has."""
        if self.outcome is None:
            raise ValueError("the repair has not ended")
        return RepairResult(unit_id=self.given.unit_id, outcome=self.outcome, estimate=self.estimate)

    def note(self, at: datetime, event: str, by: str = "engine", detail: str | None = None) -> None:
        """Put an entry on the timeline."""
        self.timeline.append(TimelineEntry(at=at, event=event, by=by, detail=detail))


def begin(repair: Repair, now: datetime) -> None:
    """The unit comes onto the bench."""
    repair.recorded_at = repair.since = now
    repair.note(now, "diagnosing")
    _report(repair, now)


def check_diagnosis(repair: Repair, message: Diagnosis) -> None:
    """Refuse a diagnosis where none is due, and one out of warranty without its price."""
    if ("diagnosis", message.diagnosis_id) in repair.seen:
        return
    if repair.state is RepairState.REPAIRING and message.outcome is DiagnosisOutcome.UNREPAIRABLE:
        return  # found on the open unit; nothing else would lead out of a repair that cannot be done
    _require(repair, RepairState.DIAGNOSING)
    repairable = message.outcome is DiagnosisOutcome.REPAIRABLE
    if repairable and not repair.given.in_warranty and message.estimate is None:
        raise Refused("estimate: expected the price of the repair, which is out of warranty")


def diagnose(repair: Repair, message: Diagnosis, now: datetime) -> None:
    """Take the diagnosis: work, ask the customer first, or end.

    In warranty nobody is asked and nothing is charged, whatever the bench's estimate; an estimate
    of nothing asks nobody either.
    """
    check_diagnosis(repair, message)
    if not _first_time(repair, "diagnosis", message.diagnosis_id, now):
        return
    repair.note(now, "diagnosed", by=message.by, detail=_detail(message.outcome, message.note))
    if message.outcome is DiagnosisOutcome.NO_FAULT:
        end(repair, RepairState.DONE, RepairOutcome.NO_FAULT, now)
    elif message.outcome is DiagnosisOutcome.UNREPAIRABLE:
        end(repair, RepairState.UNREPAIRABLE, RepairOutcome.UNREPAIRABLE, now)
    elif message.estimate and not repair.given.in_warranty:
        _ask_customer(repair, message.estimate, now)
    else:
        _move(repair, RepairState.REPAIRING, now)


def _ask_customer(repair: Repair, estimate: int, now: datetime) -> None:
    calendar = repair.given.calendar
    repair.estimate = estimate
    repair.answer_by = calendar.end_of_day_after(now, ANSWER_DAYS)
    repair.remind_at = calendar.add_days(now, REMIND_DAYS)
    _move(repair, RepairState.AWAITING_CUSTOMER, now)
    repair.agenda.add(SendRepairMail("repair_estimate", "customer", mail_values(repair)))


def check_answer(repair: Repair) -> None:
    """Refuse an answer when no estimate waits for one."""
    _require(repair, RepairState.AWAITING_CUSTOMER)


def answer_estimate(repair: Repair, message: EstimateAnswer, now: datetime) -> None:
    """Take the customer's answer; a refused repair ends."""
    check_answer(repair)
    repair.note(now, "estimate_accepted" if message.accepted else "estimate_refused", by=message.by)
    repair.remind_at = repair.answer_by = None
    repair.recorded_at, repair.bench_reminders = now, 0
    if message.accepted:
        _move(repair, RepairState.REPAIRING, now)
    else:
        end(repair, RepairState.REFUSED, RepairOutcome.REFUSED, now)


def check_work(repair: Repair, message: RepairWork) -> None:
    """Refuse work on a unit that is not to be worked on."""
    if ("repair", message.repair_id) not in repair.seen:
        _require(repair, RepairState.REPAIRING)


def record_work(repair: Repair, message: RepairWork, now: datetime) -> None:
    """Take the work and its parts; the unit is to be checked next, whatever stock says of the parts."""
    check_work(repair, message)
    if not _first_time(repair, "repair", message.repair_id, now):
        return
    repair.note(now, "repaired", by=message.by, detail=_detail(_names(message.parts), message.note))
    if message.parts:
        repair.parts += message.parts
        repair.agenda.add(TakeParts(message.parts))
    _move(repair, RepairState.CHECKING, now)


def check_check(repair: Repair, message: RepairCheck) -> None:
    """Refuse a check of a unit that nobody has worked on."""
    if ("check", message.check_id) not in repair.seen:
        _require(repair, RepairState.CHECKING)


def record_check(repair: Repair, message: RepairCheck, now: datetime) -> None:
    """Take the check: done, one more round, or beyond repair."""
    check_check(repair, message)
    if not _first_time(repair, "check", message.check_id, now):
        return
    repair.note(now, "check_passed" if message.passed else "check_failed", by=message.by, detail=message.note)
    if message.passed:
        end(repair, RepairState.DONE, RepairOutcome.REPAIRED, now)
    elif repair.rounds < ROUNDS:
        repair.rounds += 1
        _move(repair, RepairState.REPAIRING, now)
    else:
        end(repair, RepairState.UNREPAIRABLE, RepairOutcome.UNREPAIRABLE, now)


def call_off(repair: Repair, now: datetime) -> None:
    """Nobody wants it any more: the unit stays as it is, and nobody is asked anything."""
    if repair.over:
        return
    repair.called_off = True
    repair.remind_at = repair.answer_by = None
    repair.note(now, "called_off", by="temporal")


# Steps that failed for good


def park(repair: Repair, step: str, error: str, now: datetime, *, unforeseen: bool = False) -> ParkedStep:
    """A step failed for good: it waits for an operator, everything else goes on."""
    parked = ParkedStep.failed_for_good(step, error, now, unforeseen=unforeseen)
    repair.parked.append(parked)
    repair.note(now, "attention", detail=f"{parked.step}: {parked.error}")
    return parked


def check_resolve(repair: Repair, message: ResolveAttention) -> ParkedStep:
    """The step that this answer is for: the oldest, or the one it names; ``Refused`` when none waits."""
    return find_waiting(repair.parked, message)


def resolve(repair: Repair, message: ResolveAttention, now: datetime) -> None:
    """Take an operator's answer; the step itself goes on from it."""
    parked = check_resolve(repair, message)
    parked.resolve(message)
    repair.parked.remove(parked)
    repair.note(now, "attention_resolved", by=message.by, detail=f"{parked.step}: {message.told}")


# Moves


def _require(repair: Repair, state: RepairState) -> None:
    if repair.called_off:
        raise Refused("the repair was called off")
    if repair.state is not state:
        raise Refused(f"the repair is {repair.state}, not {state}")


def _first_time(repair: Repair, kind: str, message_id: str, now: datetime) -> bool:
    if (kind, message_id) in repair.seen:
        return False
    repair.seen.add((kind, message_id))
    repair.recorded_at, repair.bench_reminders = now, 0
    return True


def _move(repair: Repair, state: RepairState, now: datetime) -> None:
    if state not in MOVES[repair.state]:
        raise ValueError(f"no move from {repair.state} to {state}")
    repair.state, repair.since = state, now
    repair.note(now, state)
    _report(repair, now)


def end(repair: Repair, state: RepairState, outcome: RepairOutcome, now: datetime) -> None:
    """It is over; the return is signalled."""
    repair.outcome = outcome
    _move(repair, state, now)
    if repair.given.shelf_grade is not None:
        repair.agenda.add(ShelveUnit())


def _report(repair: Repair, now: datetime) -> None:
    event = RepairEvent(
        unit_id=repair.given.unit_id, state=repair.state, estimate=repair.estimate, outcome=repair.outcome, at=now
    )
    repair.agenda.add(ReportToReturn(event))


def _names(parts: list[Part]) -> str:
    return ", ".join(f"{part.quantity} x {part.sku}" for part in parts)


def _detail(what: str, more: str | None) -> str | None:
    return f"{what} ({more})" if what and more else what or more


def mail_values(repair: Repair) -> dict[str, Any]:
    """What a mail may say now: the amount in minor units, days in the shop's own calendar."""
    answer_by = repair.answer_by
    return {
        "amount": repair.estimate or 0,
        "unit_id": repair.given.unit_id,
        "title": repair.given.title,
        "state": repair.state.value,
        "answer_by": repair.given.calendar.day_of(answer_by).isoformat() if answer_by else None,
    }


def shelf_moves(repair: Repair) -> list[StockMove]:
    """Where the shop's own unit goes when the bench is done with it.

    Off its grade, and back on under that of repaired units where it works; beyond repair it leaves the stock.
    """
    given = repair.given
    works = repair.outcome in (RepairOutcome.REPAIRED, RepairOutcome.NO_FAULT)
    if given.shelf_grade is None or (works and given.shelf_grade is REPAIRED):
        return []
    moves = [_stock_move(given, given.shelf_grade, -1).model_copy(update={"after": given.booked_by})]
    return [*moves, _stock_move(given, REPAIRED, 1)] if works else moves


def _stock_move(given: RepairInput, grade: Grade, quantity: int) -> StockMove:
    return StockMove(
        kind="repair",
        unit_id=given.unit_id,
        sku=given.sku,
        location=given.location,
        grade=grade.value,
        quantity=quantity,
        serial_number=given.serial_number,
        title=given.title,
    )


# What is shown


def summary_of(repair: Repair) -> RepairSummary:
    """The short answer to an update."""
    view = view_of(repair, closed=False)
    step = view.attention.step if view.attention else None
    return RepairSummary.model_validate({**vars(view), "attention": step})


def view_of(repair: Repair, *, closed: bool) -> RepairView:
    """All there is to see."""
    oldest = next(iter(repair.parked), None)
    attention = Attention.model_validate(oldest, from_attributes=True) if oldest else None
    known = {**vars(repair.given), **vars(repair)}
    return RepairView.model_validate({**known, "closed": closed, "attention": attention})
