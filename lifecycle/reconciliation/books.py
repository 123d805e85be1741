"""What our own books say of one return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lifecycle.contract.statuses import ENDED_UNSETTLED
from lifecycle.contract.view import View

#: Steps that undo what another one made, and where they say which.
_UNDOES: Final = (("void_label", "label_step"), ("release_hold", "hold_step"))


@dataclass(frozen=True)
class BookedEffect:
    """A row of the ledger; ``result`` is empty while it is only begun."""

    done: bool
    result: Mapping[str, Any]
    asked: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class ReturnBooks:
    """All of one return. ``opened_at`` is None for one that the books do not know, ``view`` while it is open.

    ``effects`` by step, ``reservations`` are the keys of those that are open, ``claims`` how many units it holds.
    """

    return_id: str
    opened_at: datetime | None = None
    closed: bool = False
    view: View | None = None
    effects: Mapping[str, BookedEffect] = field(default_factory=dict)
    reservations: Sequence[str] = ()
    claims: int = 0

    @property
    def known(self) -> bool:
        """Whether there is a record of it."""
        return self.opened_at is not None

    @property
    def called_off(self) -> bool:
        """Whether it has ended without anything for the customer, so that nothing stays claimed."""
        return self.closed and self.view is not None and self.view.status in ENDED_UNSETTLED

    def undone(self, step: str) -> bool:
        """Whether what a step made was taken back, as far as the ledger knows."""
        return any(
            effect.done and (effect.asked.get(name) == step or effect.result.get("voided") == step)
            for taken_back, effect in self.effects.items()
            for undoing, name in _UNDOES
            if taken_back.startswith(undoing)
        )

    def captured(self, reference: str) -> bool:
        """Whether that hold was captured, as far as the ledger knows."""
        return any(
            effect.done and effect.result.get("reference") == reference
            for step, effect in self.effects.items()
            if step.startswith("capture_hold")
        )
