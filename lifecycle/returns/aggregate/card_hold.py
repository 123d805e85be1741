"""The hold on the card behind an advance replacement."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass
class CardHold:
    """Money held on a card behind an advance replacement, in minor units; ``step`` places it."""

    tender_id: str
    amount: int
    step: str = ""
    state: Literal["placing", "held", "released", "captured", "expired", "none"] = "placing"
    reference: str | None = None
    expires_at: datetime | None = None
    #: An operator let it be: it ends by itself.
    left: bool = False
    #: Units whose worth has gone back after the capture.
    paid_back: list[str] = field(default_factory=list)
