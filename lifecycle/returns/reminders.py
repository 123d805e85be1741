"""Every reminder of a return: after how long it goes out, to whom, and as which mail.

What reminds of a question of money says what is asked, and is written where that is known (``settlement.agreement``).
"""

from datetime import datetime, timedelta

from lifecycle.returns.commands import SendMail
from lifecycle.returns.state import Return
from lifecycle.returns.units import IN_HAND, UnitState
from lifecycle.shared.answer_time import REMIND_DAYS

#: The customer is warned at least so long before their card is captured.
WARNING = timedelta(days=3)
#: How long a review may take before whoever reviews is reminded, in business days.
REVIEW_DAYS = 1
#: How often the warehouse is reminded of a unit that waits for nobody else, in business days.
WAREHOUSE_DAYS = 5


def remind_of_handover_later(ret: Return, now: datetime) -> None:
    """The customer has what they need: their reminder runs, for as many days as the policy says."""
    ret.dates.set_alarm("remind", ret.opened.calendar.add_days(now, ret.opened.terms.remind_after_days))


def remind_before_ship_by(ret: Return) -> None:
    """The ship-by date may have come forward, for a hold's sake: its reminder goes out before it all the same."""
    remind, ship_by = ret.dates.remind, ret.dates.ship_by
    if remind is not None and ship_by is not None and remind >= ship_by:
        ret.dates.set_alarm("remind", ship_by - WARNING)


def remind_of_handover(ret: Return, now: datetime) -> None:
    """Mail the customer that nothing has been handed over yet, and that the hold on their card may be captured."""
    ret.reminded = True
    ret.note(now, "reminded")
    ret.agenda.add(SendMail("hold_warning" if ret.money.begun else "reminder"))


def charge_reminder(ret: Return, asked: datetime) -> datetime:
    """When the customer is reminded of what an exchange would cost: in the middle of the time that they have."""
    return ret.opened.calendar.add_days(asked, REMIND_DAYS)


def due_soon(ret: Return, at: datetime) -> datetime | None:
    """When the business day before the target begins, for a clock that starts at ``at``.

    None where that day is over when the clock starts.
    """
    days = ret.opened.terms.target_business_days - 1
    return ret.opened.calendar.business_day_start(at, days) if days > 0 else None


def remind_of_target(ret: Return, now: datetime) -> None:
    """Mail whoever the return waits for that its target is the next business day."""
    ret.dates.clear_alarm("due_soon")
    ret.note(now, "reminded", detail="target")
    customer = ret.live and not ret.handed_over
    ret.agenda.add(SendMail("reminder") if customer else SendMail("due_soon", to="operations"))


def escalate(ret: Return, now: datetime) -> None:
    """The target has passed: mail operations."""
    ret.escalated = True
    ret.note(now, "escalated")
    ret.agenda.add(SendMail("escalation", to="operations"))


def remind_reviewer_later(ret: Return, now: datetime) -> None:
    """A review has begun: its reminder runs."""
    ret.dates.set_alarm("review", ret.opened.calendar.business_deadline(now, REVIEW_DAYS))


def remind_reviewer(ret: Return) -> None:
    """Mail operations once that the return still waits to be reviewed."""
    ret.dates.clear_alarm("review")
    if ret.in_review:
        ret.agenda.add(SendMail("review_waits", to="operations"))


def remind_warehouse_later(ret: Return, now: datetime) -> None:
    """Where nobody but the warehouse can go on: its reminder runs."""
    if ret.dates.warehouse is None and waits_for_warehouse(ret):
        ret.dates.set_alarm("warehouse", ret.opened.calendar.business_deadline(now, WAREHOUSE_DAYS))


def remind_warehouse(ret: Return) -> None:
    """Mail operations the units that still wait for the warehouse alone."""
    ret.dates.clear_alarm("warehouse")
    if waiting := waits_for_warehouse(ret):
        names = ", ".join(unit.unit_id for unit in waiting)
        ret.agenda.add(SendMail("warehouse_waits", to="operations", reason=names))


def waits_for_warehouse(ret: Return) -> list[UnitState]:
    """Units that nobody but the warehouse can move on: not wiped, or ungraded though paid or past the limit."""
    here = [unit for unit in ret.expected if unit.reception in IN_HAND and not ret.ended]
    late = ret.limit_reached and not ret.open_steps
    return [unit for unit in here if unit.needs_wipe or (not unit.judged and (unit.settled or _unwatched(unit, late)))]


def _unwatched(unit: UnitState, late: bool) -> bool:
    """Whether no clock watches it: the limit is over, no operator is asked, and the bench does not have it."""
    return late and unit.bench is None
