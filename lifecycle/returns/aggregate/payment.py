"""One payment of a return."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

#: What ``paid`` calls money that went to the customer's store credit.
STORE_CREDIT = "store_credit"


@dataclass
class Payment:
    """One refund to one tender, or to store credit: its one entry in ``paid``."""

    tender_id: str
    amount: int
    #: The part of store credit that is given on top.
    bonus: int = 0
    #: From the captured hold, not from what the order paid.
    of_hold: bool = False
    state: Literal["planned", "pending", "succeeded", "failed"] = "planned"
    reference: str | None = None
    #: Staff say that they have paid it by other means.
    by_hand: bool = False
    #: It failed, and staff went on without it: it is not owed any more.
    given_up: bool = False
    #: When it failed, by the provider's own clock: what is older says nothing any more.
    failed_at: datetime | None = None
