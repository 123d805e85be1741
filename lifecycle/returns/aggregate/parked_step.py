"""A step that waits for an operator."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.contract.messages import ResolveAttention
from lifecycle.returns.aggregate.payment import Payment


@dataclass
class ParkedStep:
    """A step that failed for good, until an operator answers."""

    step: str
    error: str
    since: datetime
    answer: ResolveAttention | None = None
    #: The refund that it is about, if it is about one.
    payment: Payment | None = None
    #: A running step waits for the answer itself; else the answer puts the refund on the agenda again.
    running: bool = False
    #: What it does, where ``step`` only says that nobody foresaw how it failed.
    own_kind: str = ""
    #: What the warehouse says of it, and its photos.
    note: str | None = None
    photos: list[str] = field(default_factory=list)
    #: Operations have been written to.
    called: bool = False

    @property
    def kind(self) -> str:
        """What it does: ``refund``, ``label`` and so on."""
        return self.own_kind or self.step

    @staticmethod
    def failed_for_good(
        kind: str, error: str, since: datetime, *, payment: Payment | None = None, unforeseen: bool = False
    ) -> "ParkedStep":
        """A running step that failed for good; an unforeseen failure is called that, its error names the step."""
        if unforeseen:
            return ParkedStep("unforeseen", f"{kind}: {error}", since, payment=payment, running=True, own_kind=kind)
        return ParkedStep(kind, error, since, payment=payment, running=True)

    def resolve(self, answer: ResolveAttention) -> None:
        """An operator has answered."""
        self.answer = answer

    def update(self, error: str, note: str | None, photos: Sequence[str]) -> None:
        """It came up again before anybody answered: the newest is what the operator has to see."""
        self.error, self.note, self.photos = error, note or self.note, [*self.photos, *photos]

    def mark_called(self) -> None:
        """Operations are being written to."""
        self.called = True

    def call_again(self) -> None:
        """Operations have to be written to once more."""
        self.called = False
