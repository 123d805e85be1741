"""What a support case keeps of the policy in force.

Reads holidays and time zones, so it is called by the opening step and never inside workflow code.
"""

from datetime import datetime

from lifecycle.calendar.business_hours import BusinessHours
from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.policy import Policy
from lifecycle.support.state import SupportTerms


def support_terms(policy: Policy, now: datetime) -> SupportTerms:
    """The promise of a case that is opened now."""
    rules = policy.support
    hours = BusinessHours(
        calendar=make_calendar(policy.clock, now), opens=_minutes(rules.opens), closes=_minutes(rules.closes)
    )
    return SupportTerms(
        answer_hours=rules.answer_business_hours, silent_days=rules.close_after_silent_days, hours=hours
    )


def _minutes(clock: str) -> int:
    """Minutes after midnight of ``HH:MM``."""
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
