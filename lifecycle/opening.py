"""What the opening step decided and recorded, so that a replay reads nothing else.

It lands in the workflow's history, so it holds only what this return needs.
"""

from pydantic import BaseModel

from lifecycle.clock import Calendar
from lifecycle.eligibility import AllottedUnit
from lifecycle.policy import Terms
from lifecycle.view import Decision


class Opening(BaseModel):
    """The decision, the units it concerns, and the terms and calendar the return keeps."""

    decision: Decision
    units: list[AllottedUnit]
    terms: Terms
    calendar: Calendar
    #: With this return's units back, the whole order is back.
    completes_order: bool = False
    #: One of the units that other returns hold came back by the seller's fault.
    fault_elsewhere: bool = False
    #: No other return of the order has claimed its original shipping.
    shipping_free: bool = True
    #: Seconds a partner may take for one attempt, where the settings shorten the usual time.
    step_timeout: float | None = None
