"""Goods that come late: a return stays open for them as long as for any parcel."""

from datetime import datetime

from lifecycle.returns.commands import SendMail
from lifecycle.returns.state import Return
from lifecycle.returns.units import COMING, GONE


def late_until(ret: Return, now: datetime, *, at_least: int = 0) -> datetime:
    """Until when a parcel may come late, counted from now; ``at_least`` so many days, whatever the policy says."""
    return ret.opened.calendar.add_days(now, max(at_least, ret.opened.terms.late_arrival_days))


def wait_for_late_goods(ret: Return, now: datetime) -> None:
    """The return stays open for them as long as for any parcel that comes late."""
    wait_until(ret, late_until(ret, now))


def wait_until(ret: Return, until: datetime | None) -> None:
    """The time for parcels that come late begins anew; None where none is waited for."""
    ret.dates.await_late_goods(until)
    ret.late_over = False


def wait_longer(ret: Return, now: datetime) -> None:
    """Left unpaid while goods are on their way: look again after the time for late parcels."""
    if not ret.money.begun and ret.handed_over and any(unit.reception in COMING for unit in ret.expected):
        wait_until(ret, late_until(ret, now, at_least=1))


def wait_once_settled(ret: Return, now: datetime) -> None:
    """Settled ahead, and the goods are still to come: for as long as any parcel may come late."""
    held = ret.hold is not None and ret.hold.state in ("placing", "held")
    waits = any(unit.reception in COMING | GONE for unit in ret.expected)
    if waits and not held and not ret.money.round_open and ret.dates.late_until is None and not ret.ended:
        wait_for_late_goods(ret, now)


def report_what_never_came(ret: Return) -> None:
    """Paid or replaced before it came, and it did not come: operations have to know."""
    never = [unit.unit_id for unit in ret.expected if unit.settled and unit.reception in COMING]
    if never and not ret.ended:
        ret.agenda.add(SendMail("never_came", to="operations", reason=", ".join(never)))
