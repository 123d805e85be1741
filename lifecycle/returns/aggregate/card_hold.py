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

    def begin_placing(self, step: str) -> None:
        """The step of that name places it now."""
        self.step = step

    def place(self, reference: str | None, expires_at: datetime | None) -> None:
        """The card holds it; None for ``expires_at`` where an operator placed it."""
        self.state, self.reference, self.expires_at = "held", reference, expires_at

    def refuse(self) -> None:
        """The card does not hold it."""
        self.state = "none"

    def leave(self) -> None:
        """An operator goes on without releasing it: it ends by itself when it expires."""
        self.left = True

    def release(self) -> None:
        """The customer has it back."""
        self.state = "released"

    def capture(self, reference: str | None = None) -> None:
        """The customer has paid it."""
        self.state, self.reference = "captured", reference or self.reference

    def expire(self) -> None:
        """There is nothing to capture any more."""
        self.state = "expired"

    def pay_back(self, unit_id: str) -> None:
        """This unit's worth has gone back, or nothing of it is owed."""
        self.paid_back.append(unit_id)
