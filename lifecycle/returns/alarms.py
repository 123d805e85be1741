"""What an alarm wakes: which instant comes next by itself, and what is done when it passes.

A reminder's periods and mails are in ``reminders``, the promise's last day in ``decisions.limit``.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from lifecycle.calendar.clock import Alarm
from lifecycle.returns import late_goods, reminders
from lifecycle.returns.commands import CheckPendingRefunds
from lifecycle.returns.decisions.exchange import fire_question_deadline
from lifecycle.returns.decisions.limit import enforce_limit, never_came
from lifecycle.returns.goods.advance_replacement import capture_due
from lifecycle.returns.goods.handover import expire
from lifecycle.returns.goods.late_label import fire_label_deadline, label_alarm
from lifecycle.returns.goods.outbound import retry_reservation
from lifecycle.returns.promise_clock import limit_enforced_at
from lifecycle.returns.state import Return

#: The timer is set early enough for whatever the parcel's first scan makes due: nothing comes of it by itself.
_CHECK: Final = "the next check"


def next_alarm(ret: Return) -> Alarm | None:
    """The nearest of them; None when nothing has to happen by itself."""
    return min(_alarms(ret), default=None)


def next_deadline(ret: Return) -> Alarm | None:
    """The nearest that something comes of, for an operator."""
    return min((alarm for alarm in _alarms(ret) if alarm.what != _CHECK), default=None)


def _alarms(ret: Return) -> Iterator[Alarm]:
    if ret.closed or ret.opening is None:
        return
    dates, asked = ret.dates, ret.money.question
    waits, promised = _waits_for_handover(ret), _promise_open(ret)
    candidates = (
        (label_alarm(ret), dates.label_by, "deadline of the label"),
        (waits and not ret.reminded, dates.remind, "reminder"),
        (waits and not dates.ship_by_passed, dates.ship_by, "ship-by date"),
        (waits, dates.look_again, _CHECK),
        (ret.in_review, dates.review, "reminder to the reviewer"),
        (promised, dates.due_soon, "reminder of the target"),
        (promised and not ret.escalated, dates.target, "target"),
        (promised and not ret.limit_reached, limit_enforced_at(ret), "limit"),
        (promised, dates.restock, "look for stock"),
        (True, asked.remind if asked else None, "reminder of what the exchange costs"),
        (True, asked.until if asked else None, "end of the question what the exchange costs"),
        (True, dates.ask_payment, "ask after the refund"),
        (True, dates.warehouse, "reminder to the warehouse"),
        (not ret.late_over, dates.late_until, "end of late arrival"),
    )
    for counts, at, what in candidates:
        if counts and at is not None:
            yield Alarm(at, what)


def _waits_for_handover(ret: Return) -> bool:
    held = ret.hold is not None and ret.hold.state == "held"
    waits = held or not (ret.money.begun or ret.came_empty)
    return ret.live and not ret.handed_over and waits and ret.dates.ship_by is not None


def _promise_open(ret: Return) -> bool:
    return not ret.ended and not ret.settled and ret.dates.stopped is None


def fire_due_deadlines(ret: Return, now: datetime) -> None:
    """Do what every deadline that has passed by ``now`` asks for, in the order of the story."""
    fire_label_deadline(ret, now)
    if _waits_for_handover(ret):
        _fire_handover_deadlines(ret, now)
    fire_question_deadline(ret, now)
    if _promise_open(ret):
        _fire_promise_deadlines(ret, now)
    dates = ret.dates
    if _passed(dates.review, now):
        reminders.remind_reviewer(ret)
    if _passed(dates.warehouse, now):
        reminders.remind_warehouse(ret)
    if _passed(dates.ask_payment, now):
        dates.clear_alarm("ask_payment")
        ret.agenda.add(CheckPendingRefunds())
    if _passed(dates.late_until, now):
        if ret.live and not ret.money.begun:
            never_came(ret, now)
        else:
            ret.late_over = True
            late_goods.report_what_never_came(ret)


def _passed(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


def _fire_handover_deadlines(ret: Return, now: datetime) -> None:
    dates = ret.dates
    if _passed(dates.remind, now) and not ret.reminded:
        reminders.remind_of_handover(ret, now)
    if _passed(dates.look_again, now):
        dates.set_alarm("look_again", reminders.due_soon(ret, now))
    if _passed(dates.ship_by, now):
        if ret.money.begun:
            dates.pass_ship_by()
            capture_due(ret)
        else:
            expire(ret, now)


def _fire_promise_deadlines(ret: Return, now: datetime) -> None:
    dates = ret.dates
    if _passed(dates.due_soon, now):
        reminders.remind_of_target(ret, now)
    if _passed(dates.target, now) and not ret.escalated:
        reminders.escalate(ret, now)
    if _passed(dates.restock, now):
        dates.clear_alarm("restock")
        retry_reservation(ret)
    if _passed(limit_enforced_at(ret), now) and not ret.limit_reached:
        ret.limit_reached = True
        ret.note(now, "limit_reached")
        enforce_limit(ret, now)
