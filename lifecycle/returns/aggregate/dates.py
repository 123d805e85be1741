"""The clock of a return."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Dates:
    """Instants of this return; a deadline is None before its start."""

    #: By when the customer has to hold what they need; None while nothing is being got for them.
    label_by: datetime | None = None
    label_sent: datetime | None = None
    handed_over: datetime | None = None
    requested: datetime | None = None
    first_receipt: datetime | None = None
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
