"""The state of one return, and the questions everything else asks of it.

Plain data: the modules beside this one change it (``handover``, ``reception``,
``settling``, ``alarms``, ``attention``), each function taking the instant it happens.
What has to be done in the outside world is put on the agenda; the workflow takes it off.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from lifecycle.contract.messages import PaymentStatus, ResolveAttention
from lifecycle.contract.request import Resolution, ReturnRequest
from lifecycle.contract.view import (
    Acceptance,
    Breakdown,
    Decision,
    Extra,
    Outcome,
    SettlementState,
    TimelineEntry,
)
from lifecycle.returns.agenda import Agenda
from lifecycle.returns.opening import Opening
from lifecycle.returns.order_money import MoneyWanted, OrderMoney
from lifecycle.returns.payment import Payment
from lifecycle.returns.units import UnitState

#: Steps that carry a settlement out; one in attention means that the settlement has failed.
MONEY_STEPS = frozenset({"refund", "charge", "ship"})
#: What ``paid`` calls money that went to the customer's store credit.
STORE_CREDIT = "store_credit"


@dataclass
class Parcel:
    """A label bought, or a parcel that turned up under a code of its own."""

    tracking_code: str
    label_url: str | None = None
    #: The name of the step that bought it; None for a parcel not labelled by us.
    step: str | None = None
    #: Its label was voided, or is about to be.
    voided: bool = False
    #: The carrier turned it back to the customer then: its scans say nothing of the goods any more.
    returned_at: datetime | None = None
    #: The carrier has called it lost, and with it whatever was on its way then.
    lost: bool = False


@dataclass
class OutboundItem:
    """Something that goes out to the customer: for one unit (its id is the name), or in exchange."""

    name: str
    sku: str
    quantity: int
    state: Literal["wanted", "reserved", "short", "due", "shipped", "dropped"] = "wanted"
    #: The step that reserved it.
    step: str = ""
    #: Their own unit, repaired: it comes from no shelf.
    own: bool = False
    tracking_code: str | None = None


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


@dataclass(frozen=True)
class Window:
    """When the carrier comes to the door."""

    start: datetime
    end: datetime


@dataclass
class HandoverOptions:
    """What the customer needs to hand a parcel over: windows of a pickup, or points and code of a drop-off."""

    slots: list[Window] = field(default_factory=list)
    booked: Window | None = None
    points: list[dict[str, Any]] = field(default_factory=list)
    code: str | None = None
    #: How often what the customer has, or is about to get, was replaced, or taken back for a review.
    renewed: int = 0
    #: What an operator said to a label that is late while it is still being got.
    instead: ResolveAttention | None = None


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


@dataclass
class ProcessedIds:
    """Ids of the messages that have been taken, by kind; repeats are dropped."""

    receipts: set[str] = field(default_factory=set)
    inspections: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)


@dataclass
class Dates:
    """Instants of this return; a deadline is None before its start."""

    #: By when the customer has to hold what they need; None while nothing is being got for them.
    label_by: datetime | None = None
    label_sent: datetime | None = None
    handed_over: datetime | None = None
    requested: datetime | None = None
    first_receipt: datetime | None = None
    remind: datetime | None = None
    ship_by: datetime | None = None
    #: Nothing was handed over by then, and the replacement is out already.
    ship_by_passed: bool = False
    target: datetime | None = None
    limit: datetime | None = None
    #: The business day before the target begins: whoever the return waits for is reminded.
    due_soon: datetime | None = None
    #: Not before this can ``due_soon`` be, were the goods handed over now: the alarm set for it
    #: with the label need not be restarted at the handover.
    look_again: datetime | None = None
    #: When the warehouse is reminded of a unit that waits for it alone.
    warehouse: datetime | None = None
    #: When whoever reviews is reminded.
    review: datetime | None = None
    settled: datetime | None = None
    #: When to look again for stock that was short.
    restock: datetime | None = None
    #: Since when the clock stands still: the customer is asked for money.
    stopped: datetime | None = None
    #: Until when a parcel that comes late still counts.
    late_until: datetime | None = None
    #: When to ask the payment provider about a pending refund.
    ask_payment: datetime | None = None
    #: Names of deadlines that an operator has set; the clock leaves them alone.
    by_hand: set[str] = field(default_factory=set)


@dataclass
class ChargeQuestion:
    """The customer is asked whether an exchange may cost them ``amount`` (minor units), more than was agreed."""

    amount: int
    until: datetime
    remind: datetime | None
    #: It came up when the limit was enforced: once it is answered, that is gone on with.
    at_limit: bool = False


@dataclass
class Round:
    """The settlement that is being carried out: its units, its parts, and what bounded it."""

    units: list[str] = field(default_factory=list)
    breakdown: Breakdown = field(default_factory=Breakdown)
    #: The order had no more left to give back.
    capped: bool = False
    #: An operator set its amount.
    by_hand: bool = False


@dataclass
class Money:
    """The settlement: what is frozen, what was paid."""

    begun: bool = False
    #: A settlement is being carried out; the customer is mailed at its end.
    round_open: bool = False
    #: The customer has been mailed about the settlement that is being carried out.
    told: bool = False
    #: Frozen with the units that were settled.
    amount: int = 0
    breakdown: Breakdown = field(default_factory=Breakdown)
    payments: list[Payment] = field(default_factory=list)
    current: Round = field(default_factory=Round)
    fee_taken: bool = False
    sellers_fault: bool = False
    shipping_paid: bool = False
    #: What an exchange brings has been taken off.
    exchanged: bool = False
    #: The charge that the customer has agreed to for an exchange, 0 where they pay nothing.
    agreed: int = 0
    #: An exchange would cost them more than that: nothing is charged or sent until they have answered.
    question: ChargeQuestion | None = None
    #: How many payments there were when the settlement that is being carried out began.
    paid_before: int = 0
    #: Settlements begun so far, and parcels sent to the customer before the one that is being carried out.
    rounds: int = 0
    sent_before: int = 0
    #: What it holds of the order's money; None for a return that opened before orders' money was claimed.
    claim: OrderMoney | None = None
    #: The most that it has asked for; None until it was opened.
    asked_for: MoneyWanted | None = None
    #: The books have just answered: the settlement that asked goes on with what it holds.
    answered: bool = False
    #: What asked and goes on once the books have answered, besides a settlement that is due.
    then: Literal["limit", "outside"] | None = None
    #: The reference of what was paid outside, for the settlement that waits for the books.
    outside: str | None = None
    #: What was given back as goods or repairs, and not as money.
    taken_off: int = 0
    #: Overridden amount of the settlement to come, by an operator.
    overridden: int | None = None
    #: How often a pending refund was asked after.
    asked: int = 0
    #: Tenders that gave all they still held.
    drained: set[str] = field(default_factory=set)
    #: Events of refunds that came before the refund's own answer, by reference.
    early_news: dict[str, PaymentStatus] = field(default_factory=dict)


@dataclass
class Return:
    """One return; ``opening`` is None until the policy has decided."""

    return_id: str
    request: ReturnRequest
    opening: Opening | None = None
    units: list[UnitState] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    #: Tracking codes of parcels that take units back to the customer.
    sent_back: list[str] = field(default_factory=list)
    way: HandoverOptions = field(default_factory=HandoverOptions)
    wanted: list[OutboundItem] = field(default_factory=list)
    hold: CardHold | None = None
    money: Money = field(default_factory=Money)
    dates: Dates = field(default_factory=Dates)
    agenda: Agenda = field(default_factory=Agenda)
    seen: ProcessedIds = field(default_factory=ProcessedIds)
    parked: list[ParkedStep] = field(default_factory=list)
    timeline: list[TimelineEntry] = field(default_factory=list)
    decision: Decision | None = None
    ended: Literal["declined", "cancelled", "expired"] | None = None
    #: Settled at handover, without waiting for the inspection.
    instant: bool = False
    #: The replacement goes out at once, against a hold on the card.
    advance: bool = False
    delivered: bool = False
    #: A parcel came that held nothing of it, and no unit has come since.
    came_empty: bool = False
    reminded: bool = False
    escalated: bool = False
    limit_reached: bool = False
    #: What the customer needs was not there in time, and operations have been mailed.
    label_overdue: bool = False
    #: The time for parcels that come late is over.
    late_over: bool = False
    closed: bool = False
    #: How often another wish was taken up, also where the policy then declined it.
    changes_asked: int = 0

    def note(self, at: datetime, event: str, by: str = "engine", detail: str | None = None) -> None:
        """Put something that happened on the timeline."""
        self.timeline.append(TimelineEntry(at=at, event=event, by=by, detail=detail))

    def unit(self, unit_id: str) -> UnitState | None:
        """The unit of that id, or None."""
        return next((unit for unit in self.units if unit.unit_id == unit_id), None)

    @property
    def by_id(self) -> dict[str, UnitState]:
        """The units by their ids: whoever looks for many asks for this once."""
        return {unit.unit_id: unit for unit in self.units}

    @property
    def opened(self) -> Opening:
        """The opening, once the policy has decided; ``RuntimeError`` before."""
        if self.opening is None:
            raise RuntimeError("the opening step has not been taken")
        return self.opening

    @property
    def expected(self) -> list[UnitState]:
        """The units this return waits, or waited, for."""
        return [unit for unit in self.units if unit.expected]

    @property
    def counted(self) -> list[UnitState]:
        """The units that it settles: those it waits for, and those that the customer keeps."""
        return [unit for unit in self.units if unit.expected or unit.kept]

    @property
    def in_review(self) -> bool:
        """Whether an operator has to approve it first."""
        review = self.decision is not None and self.decision.outcome is Outcome.REVIEW
        return review and not self.ended and not self.money.begun

    @property
    def live(self) -> bool:
        """Whether it was let through and goes on: not in review, declined, cancelled or expired."""
        return self.decision is not None and not self.ended and not self.in_review

    @property
    def settlement(self) -> SettlementState:
        """The customer's end, from its payments and the steps that failed for good."""
        if not self.money.begun:
            return SettlementState.PENDING
        if any(parked.kind in MONEY_STEPS for parked in self.open_steps):
            return SettlementState.FAILED
        if any(payment.state in ("planned", "pending") for payment in self.money.payments):
            return SettlementState.IN_PROGRESS
        if any(item.state == "due" for item in self.wanted):
            return SettlementState.IN_PROGRESS
        return SettlementState.SETTLED

    @property
    def settled(self) -> bool:
        """Whether the customer has what they are owed as known now."""
        return self.settlement is SettlementState.SETTLED

    @property
    def handed_over(self) -> bool:
        """Whether the customer has done their part."""
        return self.dates.handed_over is not None

    @property
    def open_steps(self) -> list[ParkedStep]:
        """Steps that wait for an operator, oldest first."""
        return [parked for parked in self.parked if parked.answer is None]


def remedy_of(ret: Return, unit: UnitState) -> Resolution:
    """What the customer gets for this unit."""
    return unit.remedy or ret.request.resolution


def on_bench(ret: Return, unit: UnitState) -> bool:
    """Whether the bench has the next word on it: a grade alone does not settle a repair."""
    done = unit.bench is not None and unit.bench.outcome is not None
    return remedy_of(ret, unit) is Resolution.REPAIR and not done and unit.acceptance is not Acceptance.REJECTED


def change_resolution(ret: Return, resolution: Resolution) -> None:
    """The customer gets something else than they asked for; the request as it came stays in the records."""
    ret.request = ret.request.model_copy(update={"resolution": resolution})


def reasons(decision: Decision) -> str | None:
    """The rules that stood in the way, in one line."""
    lines = [f"{rule.unit_id or 'return'}: {rule.rule} ({rule.detail})" for rule in decision.rules]
    return "; ".join(lines) or None
