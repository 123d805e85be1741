"""The return's clock stands still while the customer is asked for money (CONTRACT section 5)."""

from datetime import datetime, timedelta

from lifecycle.returns.state import Return

#: Days that a customer has to answer such a question, and after which they are reminded (CONTRACT section 7).
ANSWER_DAYS, REMIND_DAYS = 14, 7


def stop_or_resume_clock(ret: Return, at: datetime) -> None:
    """Stop the clock while a question is open; once none is, the deadlines move by the time it took."""
    dates, asked = ret.dates, _asked(ret)
    if asked and dates.stopped is None and dates.target is not None:
        dates.stopped = at
    elif not asked and dates.stopped is not None:
        took, dates.stopped = max(at - dates.stopped, timedelta()), None
        dates.target = _moved(ret, dates.target, took)
        dates.limit = _moved(ret, dates.limit, took)
        dates.due_soon = dates.due_soon + took if dates.due_soon else None
        dates.by_hand |= {"target", "limit"}


def _asked(ret: Return) -> bool:
    """Whether a repair's estimate, or what an exchange costs, waits for the customer's word."""
    estimate = any(unit.bench is not None and unit.bench.state == "awaiting_customer" for unit in ret.units)
    return estimate or ret.money.question is not None


def _moved(ret: Return, deadline: datetime | None, took: timedelta) -> datetime | None:
    """As much later, at the end of the day that is nearest to it."""
    calendar = ret.opened.calendar
    return calendar.end_of(calendar.day_of(deadline + took - timedelta(hours=12))) if deadline else None
