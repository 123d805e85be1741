"""The promise's clock: from when target and limit run, and when they stand still (CONTRACT section 5)."""

from datetime import datetime, timedelta
from typing import Final

from lifecycle.returns.reminders import due_soon
from lifecycle.returns.state import Return
from lifecycle.shared.spread import spread

#: All limits of a day end in the same second: each return's is enforced some time in this last part of it.
LIMIT_SPREADS_OVER: Final = timedelta(hours=1)


def start_clock(ret: Return, at: datetime) -> None:
    """The promise runs from ``at``: target and limit in business days (CONTRACT section 5)."""
    terms, calendar = ret.opened.terms, ret.opened.calendar
    ret.dates.start_clock(
        target=calendar.business_deadline(at, terms.target_business_days),
        limit=calendar.business_deadline(at, terms.limit_business_days),
        due_soon=due_soon(ret, at),
    )


def limit_enforced_at(ret: Return) -> datetime | None:
    """When the limit is enforced: never after it, nor before the target, and as an operator says where one has."""
    dates = ret.dates
    if dates.limit is None or not ret.opened.spreads or "limit" in dates.by_hand:
        return dates.limit
    at = spread(ret.return_id, dates.limit, LIMIT_SPREADS_OVER)
    return max(at, dates.target) if dates.target else at


def reset_clock(ret: Return) -> None:
    """The clock that ran has nothing to say any more."""
    ret.dates.reset_clock()
    ret.escalated = ret.limit_reached = False


def stop_or_resume_clock(ret: Return, at: datetime) -> None:
    """Stop the clock while the customer is asked for money; once none is, the deadlines move by the time it took."""
    dates, asked = ret.dates, _asked(ret)
    if asked and dates.stopped is None and dates.target is not None:
        dates.stop_clock(at)
    elif not asked and dates.stopped is not None:
        dates.resume_clock(at, ret.opened.calendar)


def _asked(ret: Return) -> bool:
    """Whether a repair's estimate, or what an exchange costs, waits for the customer's word."""
    estimate = any(unit.bench is not None and unit.bench.state == "awaiting_customer" for unit in ret.units)
    return estimate or ret.money.question is not None
