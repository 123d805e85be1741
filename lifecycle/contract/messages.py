"""What is said to a running return: updates and signals (CONTRACT section 7).

Unknown fields change nothing, and an answer names them; nullable fields may be left out.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.request import Amount, Count, ExchangeItem, Flag, Item, Method
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.texts import ONE_LINE, Identifier, Reference, Text, Words
from lifecycle.contract.times import Instant, PickupSlot

By = Words
#: Scanners put blanks around it.
SerialNumber = Annotated[Identifier, BeforeValidator(lambda typed: typed.strip() if isinstance(typed, str) else typed)]


class Deciding(BaseModel):
    """What somebody decides of a return that others may decide of at the same moment.

    ``seen``: how many entries of its timeline they knew; where somebody has decided since, it is refused.
    """

    seen: Annotated[int | None, Field(ge=0, exclude_if=lambda seen: seen is None)] = None


class Approve(Deciding):
    """An operator lets a reviewed return go on."""

    by: By
    note: Text | None = None


class Decline(Deciding):
    """An operator turns a reviewed return down."""

    by: By
    reason: Text


class Cancel(Deciding):
    """The customer, or staff for them, calls the return off."""

    by: By
    reason: Text | None = None


class Release(BaseModel):
    """An operator ends a return that no workflow carries."""

    by: By
    why: Text


class ReceiptUnits(BaseModel):
    """So many units of a line in one parcel; a serial number names one unit.

    What belongs to no line of the order has a null ``line_id`` and its ``sku``: an extra.
    """

    line_id: Identifier | None = None
    sku: Identifier | None = None
    quantity: Count = 1
    serial_number: SerialNumber | None = None

    @model_validator(mode="after")
    def _is_of_a_line_or_named(self) -> Self:
        if self.line_id is None and self.sku is None:
            raise ValueError("expected a line_id, or the sku of what belongs to no line")
        return self

    @model_validator(mode="after")
    def _one_piece_has_one_serial_number(self) -> Self:
        if self.serial_number is not None and self.quantity > 1:
            raise ValueError("expected a quantity of 1 with a serial number")
        return self


class Receipt(BaseModel):
    """The warehouse opened a parcel. ``complete``: nothing more is coming; no units: it was empty.

    ``note`` and ``photos`` (addresses, or ids in the warehouse's own system) are for whoever looks into it.
    """

    receipt_id: Identifier
    #: Left out of histories where nobody is named.
    by: Annotated[By, Field(exclude_if=lambda by: by == "warehouse")] = "warehouse"
    location: Identifier = "main"
    complete: Flag = False
    units: list[ReceiptUnits] = []
    note: Text | None = None
    photos: Annotated[list[Reference], Field(max_length=20, exclude_if=lambda photos: not photos)] = []


class InspectedUnit(BaseModel):
    """One unit's verdict. A rejected unit needs no grade; the customer reads the ``note``."""

    unit_id: Identifier
    accepted: Flag = True
    grade: Grade | None = None
    disposition: Disposition | None = None
    note: Text | None = None


class Inspection(BaseModel):
    """The warehouse looked at units; it may come in parts."""

    inspection_id: Identifier
    by: By = "warehouse"
    units: Annotated[list[InspectedUnit], Field(min_length=1)]


AttentionAction = Literal["retry", "mark_done", "skip"]


class ResolveAttention(Deciding):
    """What to do with a step that failed for good: the oldest one, or the one named by ``step``."""

    by: By
    action: AttentionAction
    reference: Reference | None = None
    step: Annotated[str, ONE_LINE] | None = None
    why: Text | None = None

    @property
    def told(self) -> str:
        """The answer as timelines show it: what to do, its reference, and why."""
        reference = f" ({self.reference})" if self.reference else ""
        return f"{self.action}{reference}" + (f": {self.why}" if self.why else "")


class Override(Deciding):
    """An operator changes a fact of the return, or of one unit, and says why."""

    by: By
    why: Annotated[Text, Field(min_length=1)]
    unit_id: Identifier | None = None
    field: Annotated[str, ONE_LINE]
    value: Any = None


class AttestWipe(Deciding):
    """An attestation that a unit's personal data was wiped, and how."""

    by: By
    unit_id: Identifier
    how: Annotated[Text, Field(min_length=1)]


class ChangeRequest(Deciding):
    """What the customer wants otherwise, before the handover; nulls stay as they are."""

    by: By
    items: Annotated[list[Item], Field(min_length=1, max_length=500)] | None = None
    resolution: Resolution | None = None
    method: Method | None = None
    exchange_for: Annotated[list[ExchangeItem], Field(min_length=1)] | None = None
    pickup_slot: PickupSlot | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_dump(exclude={"by", "seen"}, exclude_none=True):
            raise ValueError("expected at least one of items, resolution, method, exchange_for, pickup_slot")
        return self


class Piece(BaseModel):
    """So many of one thing that an exchange brings."""

    sku: Identifier
    quantity: Count = 1


class AnswerCharge(Deciding):
    """The customer, or staff for them, answers what an exchange would cost more than was agreed.

    ``accepted``: they pay. Else they get money ``instead``, a refund where nothing is said; or fewer
    pieces at no more than was agreed. ``exchange_for`` names the pieces that are still wanted, and
    may go with either. ``amount`` is the charge that they were shown; another one by now is refused.
    """

    by: By
    accepted: Flag
    instead: Literal["refund", "store_credit"] | None = None
    exchange_for: Annotated[list[Piece], Field(min_length=1, max_length=500)] | None = None
    amount: Amount | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.instead and (self.accepted or self.exchange_for):
            raise ValueError("expected no instead where pieces are still wanted")
        return self


class TrackingStatus(StrEnum):
    """What a carrier says of a parcel."""

    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"
    LOST = "lost"


class TrackingEvent(BaseModel):
    """One scan, from the carrier."""

    event_id: Identifier
    tracking_code: Identifier
    status: TrackingStatus
    at: Instant
    detail: Text | None = None


class PaymentStatus(StrEnum):
    """What a payment provider says of a refund."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PENDING = "pending"


class PaymentEvent(BaseModel):
    """An event of a refund, from the payment provider; ``reference`` is the refund's."""

    event_id: Identifier
    reference: Reference
    status: PaymentStatus
    at: Instant
    detail: Text | None = None
