"""What a return shows of itself (CONTRACT section 6): the view, and the short summary."""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from lifecycle.contract.boundary import Ignored
from lifecycle.contract.fees import Breakdown
from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.request import ExchangeItem, Method
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.contract.times import TimeWindow


class Reception(StrEnum):
    """Where one unit is, as far as the shop knows."""

    AWAITING = "awaiting"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    LOST = "lost"
    WRONG_ITEM = "wrong_item"
    MISSING = "missing"
    NOT_EXPECTED = "not_expected"


class Acceptance(StrEnum):
    """What was decided about one unit."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MANUAL_REVIEW = "manual_review"


class SettlementState(StrEnum):
    """The customer's end."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    SETTLED = "settled"
    FAILED = "failed"


class GoodsState(StrEnum):
    """The item's end."""

    AWAITING = "awaiting"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    LOST = "lost"
    KEPT = "kept"


class Outcome(StrEnum):
    """What the policy said."""

    ALLOWED = "allowed"
    PARTIAL = "partial"
    REVIEW = "review"
    DECLINED = "declined"


class RuleName(StrEnum):
    """The policy's decision rules (CONTRACT section 5)."""

    NOT_DELIVERED = "not_delivered"
    WINDOW = "window"
    FINAL_SALE = "final_sale"
    RESOLUTION = "resolution"
    METHOD = "method"
    WARRANTY = "warranty"
    ALREADY_RETURNED = "already_returned"
    AMOUNT = "amount"
    FREQUENT_RETURNER = "frequent_returner"
    REJECTED_BEFORE = "rejected_before"
    SET = "set"


class FiredRule(BaseModel):
    """A rule that stood in the way; ``unit_id`` is null when it concerns the whole return."""

    rule: RuleName
    unit_id: str | None = None
    detail: str


class Decision(BaseModel):
    """What the policy said, and why."""

    outcome: Outcome
    rules: list[FiredRule] = []


class Paid(BaseModel):
    """One payment to one tender, in minor units.

    ``by_hand``: staff say that they made it by other means. ``given_up``: it failed, and staff went on without it.
    """

    tender_id: str
    amount: int
    state: Literal["pending", "succeeded", "failed"]
    reference: str | None = None
    by_hand: bool = Field(default=False, exclude_if=lambda by_hand: not by_hand)
    given_up: bool = Field(default=False, exclude_if=lambda given_up: not given_up)

    @property
    def how(self) -> Literal["pending", "succeeded", "failed", "by_hand", "given_up"]:
        """What to say of it."""
        return "by_hand" if self.by_hand else "given_up" if self.given_up else self.state


class Hold(BaseModel):
    """A card hold behind an advance replacement."""

    amount: int
    state: Literal["held", "released", "captured", "expired"]
    reference: str | None = None
    expires_at: AwareDatetime | None = Field(default=None, exclude_if=lambda at: at is None)


class Asked(BaseModel):
    """What an exchange would cost the customer, more than was agreed; they have ``until`` to answer.

    ``refund`` and ``store_credit`` are what they would get instead of ``exchange_for``. Minor units.
    """

    amount: int
    until: AwareDatetime
    refund: int
    store_credit: int
    exchange_for: list[ExchangeItem]


class Settlement(BaseModel):
    """The customer's end; ``amount`` is what is owed as known now."""

    state: SettlementState
    resolution: Resolution
    amount: int
    currency: str
    breakdown: Breakdown
    paid: list[Paid] = []
    hold: Hold | None = None
    asked: Asked | None = None

    @property
    def paid_how(self) -> Literal["as_asked", "by_hand", "not_paid"]:
        """Whether the customer's money went as they were told, or staff paid all of it by hand, or nothing of it."""
        tried = [paid for paid in self.paid if paid.amount > 0]
        went = [paid for paid in tried if paid.state != "failed"]
        if not went:
            return "not_paid" if any(paid.given_up for paid in tried) else "as_asked"
        return "by_hand" if all(paid.by_hand for paid in went) else "as_asked"


class Goods(BaseModel):
    """The item's end."""

    state: GoodsState


class Pickup(BaseModel):
    """When the carrier can come, and when it will."""

    slots: list[TimeWindow] = []
    booked: TimeWindow | None = None


class DropOff(BaseModel):
    """Where the parcel can be left, and the code that is shown there."""

    points: list[dict[str, str | None]] = []
    code: str | None = None


class Handover(BaseModel):
    """How the goods come back, and since when."""

    method: Method
    tracking_code: str | None = None
    label_url: str | None = None
    at: AwareDatetime | None = None
    pickup: Pickup | None = None
    drop_off: DropOff | None = None


class Unit(BaseModel):
    """One physical piece. ``refund`` is null until decided; ``flag`` says why an operator has to look at it.

    ``note`` is what was noted of it at its inspection, for the customer to read.
    """

    unit_id: str
    line_id: str
    sku: str
    serial_number: str | None = None
    reception: Reception
    acceptance: Acceptance
    grade: Grade | None = None
    disposition: Disposition | None = None
    refund: int | None = None
    wiped: dict[str, str] | None = None
    repair: dict[str, str | int | None] | None = None
    note: str | None = None
    flag: str | None = None


class Extra(BaseModel):
    """Something that came and was not expected; taken, and unpaid. Of no line, it has its ``sku``."""

    line_id: str | None
    sku: str | None = None
    quantity: int
    serial_number: str | None = None
    receipt_id: str


class Deadlines(BaseModel):
    """Instants, each 23:59:59 of its day in the policy's zone; null before their start.

    ``label_by`` is there, to the second, only while the customer waits for a label, a code or a pickup.
    """

    label_by: AwareDatetime | None = Field(default=None, exclude_if=lambda at: at is None)
    ship_by: AwareDatetime | None = None
    target: AwareDatetime | None = None
    limit: AwareDatetime | None = None


class Attention(BaseModel):
    """A step that failed for good and waits for an operator; ``note`` and ``photos`` are the warehouse's."""

    step: str
    error: str
    since: AwareDatetime
    note: str | None = None
    photos: list[str] = []


class TimelineEntry(BaseModel):
    """Something that happened, and who did it."""

    at: AwareDatetime
    event: str
    by: str
    detail: str | None = None


class View(BaseModel):
    """All there is to see of one return."""

    return_id: str
    order_id: str
    status: Status
    closed: bool
    decision: Decision | None
    settlement: Settlement
    goods: Goods
    handover: Handover
    units: list[Unit]
    extras: list[Extra]
    deadlines: Deadlines
    escalated: bool
    attention: Attention | None
    timeline: list[TimelineEntry]


class Summary(BaseModel):
    """The short answer of updates; ``attention`` is the step's name, ``ignored`` are the fields that nobody knows."""

    return_id: str
    order_id: str
    status: Status
    amount: int
    currency: str
    resolve_by: AwareDatetime | None
    escalated: bool
    attention: str | None
    ignored: Ignored = []
