"""Whether this machine has the time that the database and Temporal have."""

from datetime import datetime, timedelta
from typing import Final

from starter.doctor.finding import Finding, failed, ok

#: How far clocks may differ: timers and instants are of Temporal, windows and prices of this machine.
CLOCKS: Final = timedelta(seconds=5)


def compared(check: str, whose: str, there: datetime, asked: datetime, answered: datetime) -> Finding:
    """``there`` is what a server's clock showed at some moment between ``asked`` and ``answered`` by this machine's."""
    apart = max(asked - there, there - answered, timedelta())
    told = f"{apart.total_seconds():.0f} s from {whose}"
    return ok(check, told) if apart < CLOCKS else failed(check, told, "set the time of both machines by NTP")
