"""What a return and the repair of one of its units say to each other (CONTRACT section 7).

One unit on the bench, a child of its return. Amounts are in minor units of ``currency``;
unknown fields are ignored, nullable fields may be left out.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from lifecycle.calendar.clock import Calendar
from lifecycle.contract.grades import Grade
from lifecycle.contract.request import Amount, Flag
from lifecycle.contract.texts import ONE_ID, Identifier, LongLine, ReturnId

#: ``{line_id}-{n}``.
UnitId = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00\n]*$"), ONE_ID]


class RepairState(StrEnum):
    """Where a repair stands; the last three are ends. Silence ends as ``refused``, a sound unit as ``done``."""

    DIAGNOSING = "diagnosing"
    AWAITING_CUSTOMER = "awaiting_customer"
    REPAIRING = "repairing"
    CHECKING = "checking"
    DONE = "done"
    REFUSED = "refused"
    UNREPAIRABLE = "unrepairable"

    @property
    def ended(self) -> bool:
        """Whether nothing can change any more."""
        return not MOVES[self]

    @property
    def on_bench(self) -> bool:
        """Whether the bench has the next step."""
        return self in (RepairState.DIAGNOSING, RepairState.REPAIRING, RepairState.CHECKING)


#: Every allowed move; checking to repairing is the one more round after a failed check.
MOVES: dict[RepairState, frozenset[RepairState]] = {
    RepairState.DIAGNOSING: frozenset(
        {RepairState.AWAITING_CUSTOMER, RepairState.REPAIRING, RepairState.DONE, RepairState.UNREPAIRABLE}
    ),
    RepairState.AWAITING_CUSTOMER: frozenset({RepairState.REPAIRING, RepairState.REFUSED}),
    RepairState.REPAIRING: frozenset({RepairState.CHECKING, RepairState.UNREPAIRABLE}),
    RepairState.CHECKING: frozenset({RepairState.REPAIRING, RepairState.DONE, RepairState.UNREPAIRABLE}),
    RepairState.DONE: frozenset(),
    RepairState.REFUSED: frozenset(),
    RepairState.UNREPAIRABLE: frozenset(),
}


class RepairOutcome(StrEnum):
    """How a repair ended, for the return to act on."""

    REPAIRED = "repaired"
    NO_FAULT = "no_fault"
    REFUSED = "refused"
    SILENT = "silent"
    UNREPAIRABLE = "unrepairable"


class RepairInput(BaseModel):
    """What a return starts the repair of one unit with. ``location`` is where the unit lies.

    With a ``shelf_grade`` it is the shop's own, booked there under that grade: once repaired it is
    stock of grade B, beyond repair it is stock no more.
    """

    return_id: ReturnId
    order_id: Identifier
    unit_id: UnitId
    sku: Identifier
    title: LongLine
    serial_number: Identifier | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    in_warranty: Flag
    location: Identifier = "main"
    shelf_grade: Grade | None = None
    #: The step that was to book it there, where an operator answered for it.
    booked_by: str | None = None
    calendar: Calendar


class RepairResult(BaseModel):
    """How it ended. ``estimate`` is what the customer was asked for; None when nobody was asked."""

    unit_id: UnitId
    outcome: RepairOutcome
    estimate: Amount | None = None


class RepairEvent(BaseModel):
    """A change of state, signalled to the return; ``outcome`` is set with the last.

    ``repairing`` with an ``estimate`` means that the customer has accepted it.
    """

    unit_id: UnitId
    state: RepairState
    estimate: Amount | None = None
    outcome: RepairOutcome | None = None
    at: AwareDatetime
