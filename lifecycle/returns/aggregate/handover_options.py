"""How the customer can hand their parcel over."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lifecycle.contract.messages import ResolveAttention


@dataclass(frozen=True)
class Window:
    """When the carrier comes to the door."""

    start: datetime
    end: datetime


@dataclass
class HandoverOptions:
    """What the customer needs to hand a parcel over: windows of a pickup, or points and code of a drop-off."""

    slots: list[Window] = field(default_factory=list)
    booked: Window | None = None
    points: list[dict[str, Any]] = field(default_factory=list)
    code: str | None = None
    #: How often what the customer has, or is about to get, was replaced, or taken back for a review.
    renewed: int = 0
    #: What an operator said to a label that is late while it is still being got.
    instead: ResolveAttention | None = None
