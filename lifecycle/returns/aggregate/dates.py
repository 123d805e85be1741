"""The clock of a return."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from lifecycle.calendar.clock import Calendar

#: Deadlines that are set and cleared by themselves, each named after its field.
AlarmName = Literal["label_by", "remind", "look_again", "due_soon", "restock", "ask_payment", "review", "warehouse"]


@dataclass
class Dates:
    """Instants of this return; a deadline is None before its start. Only its own methods set them."""

    #: By when the customer has to hold what they need; None while nothing is being got for them.
    label_by: datetime | None = None
    label_sent: datetime | None = None
    handed_over: datetime | None = None
    requested: datetime | None = None
    first_receipt: datetime | None = None
    #: When the customer is reminded to hand the goods over.
    remind: datetime | None = None
    ship_by: datetime | None = None
    #: Nothing was handed over by then, and the replacement is out already.
    ship_by_passed: bool = False
    target: datetime | None = None
    limit: datetime | None = None
    #: The business day before the target begins: whoever the return waits for is reminded.
    due_soon: datetime | None = None
    #: Not before this can ``due_soon`` be, were the goods handed over now: the alarm set for it
    #: with the label need not be restarted at the handover.
    look_again: datetime | None = None
    #: When the warehouse is reminded of a unit that waits for it alone.
    warehouse: datetime | None = None
    #: When whoever reviews is reminded.
    review: datetime | None = None
    settled: datetime | None = None
    #: When to look again for stock that was short.
    restock: datetime | None = None
    #: Since when the clock stands still: the customer is asked for money.
    stopped: datetime | None = None
    #: Until when a parcel that comes late still counts.
    late_until: datetime | None = None
    #: When to ask the payment provider about a pending refund.
    ask_payment: datetime | None = None
    #: Names of deadlines that an operator has set; the clock leaves them alone.
    by_hand: set[str] = field(default_factory=set)

    def set_alarm(self, name: AlarmName, at: datetime | None) -> None:
        """This deadline is at that instant; None: there is none."""
        setattr(self, name, at)

    def clear_alarm(self, name: AlarmName) -> None:
        """There is no such deadline any more."""
        setattr(self, name, None)

    def begin(self, now: datetime) -> None:
        """The return was asked for."""
        self.requested = now

    def send_label(self, at: datetime | None) -> None:
        """Since when the customer holds what they need; None while that is being renewed."""
        self.label_sent = at

    def await_handover(self, ship_by: datetime) -> None:
        """The customer has until ``ship_by``."""
        self.ship_by = ship_by

    def ship_no_later_than(self, last: datetime) -> None:
        """The ship-by date, where there is one, is ``last`` at the latest."""
        if self.ship_by is not None:
            self.ship_by = min(self.ship_by, last)

    def pass_ship_by(self) -> None:
        """Nothing was handed over in time, and the return goes on all the same."""
        self.ship_by_passed = True

    def hand_over(self, at: datetime) -> None:
        """The customer did their part at that instant."""
        self.handed_over = at

    def undo_handover(self) -> None:
        """The goods are with the customer again: what ran from the label must not ring before the new one."""
        self.handed_over = self.late_until = None
        self.remind = self.ship_by = self.look_again = None

    def receive(self, now: datetime) -> None:
        """The first unit has come."""
        self.first_receipt = now

    def start_clock(self, target: datetime, limit: datetime, due_soon: datetime | None) -> None:
        """The promise runs, but for what an operator has set; the target is never after the limit."""
        if "target" not in self.by_hand:
            self.target = min(target, self.limit) if self.limit and "limit" in self.by_hand else target
        if "limit" not in self.by_hand:
            self.limit = max(limit, self.target) if self.target else limit
        self.due_soon, self.look_again = due_soon, None

    def reset_clock(self) -> None:
        """The clock that ran has nothing to say any more."""
        self.target = self.limit = self.due_soon = None
        self.by_hand.clear()

    def set_by_hand(self, name: str, at: datetime) -> None:
        """An operator sets this deadline, the ship-by date, target or limit; the clock leaves it alone from now on."""
        setattr(self, name, at)
        self.by_hand.add(name)

    def stop_clock(self, at: datetime) -> None:
        """The promise does not run while the customer is asked for money."""
        self.stopped = at

    def resume_clock(self, at: datetime, calendar: Calendar) -> None:
        """The promise runs again: its deadlines move by the time that it stood still."""
        if self.stopped is None:
            return
        took, self.stopped = max(at - self.stopped, timedelta()), None
        self.target = _moved(calendar, self.target, took)
        self.limit = _moved(calendar, self.limit, took)
        self.due_soon = self.due_soon + took if self.due_soon else None
        self.by_hand |= {"target", "limit"}

    def await_late_goods(self, until: datetime | None) -> None:
        """Until when parcels that come late count; None: none is waited for."""
        self.late_until = until

    def settle(self, now: datetime) -> None:
        """The customer has what they are owed."""
        self.settled, self.ask_payment = now, None


def _moved(calendar: Calendar, deadline: datetime | None, took: timedelta) -> datetime | None:
    """As much later, at the end of the day that is nearest to it."""
    return calendar.end_of(calendar.day_of(deadline + took - timedelta(hours=12))) if deadline else None
