"""A step of a return that waits for an operator."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lifecycle.returns.aggregate.payment import Payment
from lifecycle.shared.parked_step import ParkedStep


@dataclass
class ParkedReturnStep(ParkedStep):
    """A step that failed for good, or a question that the goods raise."""

    #: The refund that it is about, if it is about one.
    payment: Payment | None = None
    #: What the warehouse says of it, and its photos.
    note: str | None = None
    photos: list[str] = field(default_factory=list)

    def update(self, error: str, note: str | None, photos: Sequence[str]) -> None:
        """It came up again before anybody answered: the newest is what the operator has to see."""
        self.error, self.note, self.photos = error, note or self.note, [*self.photos, *photos]
