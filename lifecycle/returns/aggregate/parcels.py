"""How the goods come: what the customer needs to hand them over, and the parcels in which they come."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lifecycle.contract.messages import ResolveAttention
from lifecycle.contract.times import TimeWindow


@dataclass
class HandoverOptions:
    """What the customer needs to hand a parcel over: windows of a pickup, or points and code of a drop-off."""

    slots: list[TimeWindow] = field(default_factory=list)
    booked: TimeWindow | None = None
    points: list[dict[str, Any]] = field(default_factory=list)
    code: str | None = None
    #: How often what the customer has, or is about to get, was replaced, or taken back for a review.
    renewed: int = 0
    #: What an operator said to a label that is late while it is still being got.
    instead: ResolveAttention | None = None


@dataclass
class Parcel:
    """A label bought, or a parcel that turned up under a code of its own."""

    tracking_code: str
    label_url: str | None = None
    #: The name of the step that bought it; None for a parcel not labelled by us.
    step: str | None = None
    #: Its label was voided, or is about to be.
    voided: bool = False
    #: The carrier turned it back to the customer then: its scans say nothing of the goods any more.
    returned_at: datetime | None = None
    #: The carrier has called it lost, and with it whatever was on its way then.
    lost: bool = False
