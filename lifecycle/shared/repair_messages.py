"""The words of a repair: what starts it, what is said to it, what it answers and shows (CONTRACT section 7).

One unit on the bench, a child of its return. Amounts are in minor units of ``currency``;
unknown fields are ignored, nullable fields may be left out.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from lifecycle.calendar.clock import Calendar
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import By
from lifecycle.contract.request import Amount, Count, Flag, problems
from lifecycle.contract.texts import ONE_ID, Identifier, LongLine, ReturnId, Text
from lifecycle.contract.view import Attention, TimelineEntry

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


class DiagnosisOutcome(StrEnum):
    """What the bench found."""

    REPAIRABLE = "repairable"
    UNREPAIRABLE = "unrepairable"
    NO_FAULT = "no_fault"


class Diagnosis(BaseModel):
    """The bench looked at the unit. ``estimate`` is the price, tax included, of a repair out of warranty."""

    diagnosis_id: Identifier
    by: By = "bench"
    outcome: DiagnosisOutcome
    estimate: Amount | None = None
    note: Text | None = None


class EstimateAnswer(BaseModel):
    """The customer, or staff for them, accepts the estimate or refuses it."""

    by: By
    accepted: Flag


class Part(BaseModel):
    """So many of one spare part."""

    sku: Identifier
    quantity: Count = 1


class RepairWork(BaseModel):
    """The bench repaired the unit, with these parts from stock."""

    repair_id: Identifier
    by: By = "bench"
    parts: Annotated[list[Part], Field(max_length=100)] = []
    note: Text | None = None


class RepairCheck(BaseModel):
    """The bench tested whether it works."""

    check_id: Identifier
    by: By = "bench"
    passed: Flag
    note: Text | None = None


class RepairSummary(BaseModel):
    """The short answer to every update; ``attention`` is the waiting step's name or None."""

    return_id: str
    unit_id: str
    state: RepairState
    outcome: RepairOutcome | None
    estimate: int | None
    currency: str
    answer_by: AwareDatetime | None
    attention: str | None


class RepairView(BaseModel):
    """All there is to see of a repair. ``rounds`` of work were begun; ``closed``: nothing is left to do."""

    return_id: str
    order_id: str
    unit_id: str
    state: RepairState
    outcome: RepairOutcome | None
    estimate: int | None
    currency: str
    answer_by: AwareDatetime | None
    sku: str
    title: str
    serial_number: str | None
    location: str
    in_warranty: bool
    rounds: int
    parts: list[Part]
    closed: bool
    attention: Attention | None
    timeline: list[TimelineEntry]


def parse_repair(raw: Any) -> RepairInput:
    """Check what a repair is started with; raises ``InvalidRequest`` naming each field that is wrong."""
    try:
        return RepairInput.model_validate(raw)
    except ValidationError as error:
        raise InvalidRequest(problems(error)) from None
