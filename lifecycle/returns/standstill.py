"""The return's clock stands still while the customer is asked for money (CONTRACT section 5)."""

from datetime import datetime

from lifecycle.returns.state import Return

#: Days that a customer has to answer such a question, and after which they are reminded (CONTRACT section 7).
ANSWER_DAYS, REMIND_DAYS = 14, 7


def stop_or_resume_clock(ret: Return, at: datetime) -> None:
    """Stop the clock while a question is open; once none is, the deadlines move by the time it took."""
    dates, asked = ret.dates, _asked(ret)
    if asked and dates.stopped is None and dates.target is not None:
        dates.stop_clock(at)
    elif not asked and dates.stopped is not None:
        dates.resume_clock(at, ret.opened.calendar)


def _asked(ret: Return) -> bool:
    """Whether a repair's estimate, or what an exchange costs, waits for the customer's word."""
    estimate = any(unit.bench is not None and unit.bench.state == "awaiting_customer" for unit in ret.units)
    return estimate or ret.money.question is not None
