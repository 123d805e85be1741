"""What is said to a repair, and what it answers and shows (CONTRACT section 7).

Amounts are in minor units of ``currency``; unknown fields are ignored, nullable fields may be left out.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from lifecycle.contract.boundary import Ignored
from lifecycle.contract.messages import By
from lifecycle.contract.request import Amount, Count, Flag, invalid_as_request_error
from lifecycle.contract.texts import Identifier, Text
from lifecycle.contract.view import Attention, TimelineEntry
from lifecycle.shared.repair_messages import RepairInput, RepairOutcome, RepairState


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
    ignored: Ignored = []


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
    with invalid_as_request_error():
        return RepairInput.model_validate(raw)
