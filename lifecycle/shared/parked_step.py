"""A step that waits for an operator, of a return or of a repair."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeVar

from lifecycle.contract.errors import Refused
from lifecycle.contract.messages import ResolveAttention


@dataclass
class ParkedStep:
    """A step that failed for good, until an operator answers."""

    step: str
    error: str
    since: datetime
    answer: ResolveAttention | None = None
    #: A running step waits for the answer itself; else the answer begins another.
    running: bool = False
    #: What it does, where ``step`` only says that nobody foresaw how it failed.
    own_kind: str = ""
    #: Operations have been written to.
    called: bool = False

    @property
    def kind(self) -> str:
        """What it does: ``refund``, ``label`` and so on."""
        return self.own_kind or self.step

    @classmethod
    def failed_for_good(cls, kind: str, error: str, since: datetime, *, unforeseen: bool = False) -> Self:
        """A running step that failed for good; an unforeseen failure is called that, its error names the step."""
        if unforeseen:
            return cls("unforeseen", f"{kind}: {error}", since, running=True, own_kind=kind)
        return cls(kind, error, since, running=True)

    def resolve(self, answer: ResolveAttention) -> None:
        """An operator has answered."""
        self.answer = answer

    def mark_called(self) -> None:
        """Operations are being written to."""
        self.called = True

    def call_again(self) -> None:
        """Operations have to be written to once more."""
        self.called = False


Parked = TypeVar("Parked", bound=ParkedStep)


def find_waiting(parked: Iterable[Parked], answer: ResolveAttention) -> Parked:
    """The step that an answer is for: the oldest, or the one it names; ``Refused`` when none waits."""
    for step in parked:
        if answer.step in (None, step.step, step.kind):
            return step
    raise Refused("no step waits for an operator" if answer.step is None else f"no step {answer.step} waits")
