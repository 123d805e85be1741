"""The clock of a repair: the customer's 14 days, and the bench that says nothing."""

from datetime import datetime

from lifecycle.calendar.clock import Alarm
from lifecycle.repairs.commands import SendRepairMail
from lifecycle.repairs.rules import Repair, end, mail_values
from lifecycle.shared.repair_messages import RepairOutcome, RepairState

#: Business days without a word from the bench after which operations are mailed; then twice as many, and so on.
BENCH_DAYS = 2
#: So often; the last one comes after half a year.
MOST_REMINDERS = 7


def next_alarm(repair: Repair) -> Alarm | None:
    """The nearest instant at which something has to happen by itself; None when there is none."""
    if repair.over:
        return None
    if repair.state is RepairState.AWAITING_CUSTOMER:
        alarms = [(repair.remind_at, "reminder of the estimate"), (repair.answer_by, "end of the estimate")]
    else:
        alarms = [(_bench_due(repair), "reminder to the bench")]
    return min((Alarm(at, what) for at, what in alarms if at is not None), default=None)


def _bench_due(repair: Repair) -> datetime | None:
    if not repair.state.on_bench or repair.recorded_at is None or repair.bench_reminders >= MOST_REMINDERS:
        return None
    days = BENCH_DAYS * 2**repair.bench_reminders
    return repair.given.calendar.business_deadline(repair.recorded_at, days)


def fire_due_alarms(repair: Repair, now: datetime) -> None:
    """Do what every instant that has passed by ``now`` asks for."""
    while (alarm := next_alarm(repair)) and alarm.at <= now:
        if repair.answer_by and repair.answer_by <= now:
            _silent(repair, now)
        elif alarm.at == repair.remind_at:
            repair.remind_at = None
            repair.note(now, "reminded", detail="estimate")
            repair.agenda.add(SendRepairMail("repair_reminder", "customer", mail_values(repair)))
        else:
            repair.bench_reminders += 1
            repair.note(now, "reminded", detail="bench")
            repair.agenda.add(SendRepairMail("repair_waits", "operations", mail_values(repair)))


def _silent(repair: Repair, now: datetime) -> None:
    repair.remind_at = repair.answer_by = None
    repair.note(now, "estimate_unanswered")
    end(repair, RepairState.REFUSED, RepairOutcome.SILENT, now)
