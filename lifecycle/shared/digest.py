"""When operations are mailed about steps that failed for good: one mail for each kind of step, not for each return."""

from datetime import datetime, timedelta

#: A first step that fails for good waits so long for others of its kind, which have failed for the same reason.
GATHER = timedelta(seconds=30)
#: No two mails of one kind of step come sooner after each other.
EVERY = timedelta(minutes=15)
#: How many of those that wait a mail names.
NAMED = 10


def digest_due(last: datetime | None, now: datetime) -> datetime:
    """When the mail goes out that reports a step that fails for good now; ``last`` is when the one before goes out.

    As long as that one has not gone out, it reports this step too.
    """
    if last is None:
        return now + GATHER
    return last if now < last else max(now + GATHER, last + EVERY)
