"""How the customer can hand their parcel over."""

from dataclasses import dataclass, field
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
