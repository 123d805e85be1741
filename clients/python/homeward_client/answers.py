"""What the API answers. Fields that this version does not know are kept, as ``model_extra``.

Made of the API's description; ``python -m clients.generate`` makes it anew.
"""

from datetime import datetime
from typing import Any, TypeAlias

from pydantic import Field

from homeward_client._base import Shape
from homeward_client.choices import (
    Acceptance,
    CaseStatus,
    Channel,
    Disposition,
    GoodsState,
    Grade,
    Method,
    Outcome,
    Queue,
    Reason,
    Reception,
    RepairOutcome,
    RepairState,
    Resolution,
    RuleName,
    SettlementState,
    Status,
    TenderKind,
    UnitStage,
)


class Acknowledged(Shape):
    """Who has looked at it, and why nobody else has to."""

    at: datetime
    by: str
    why: str


class Alive(Shape):
    """Said by whoever can say it."""

    alive: bool | None = None
    """Default: true."""


class Answer(Shape):
    """A question with its answer; `text` is Markdown, `url` its page in the portal."""

    faq_id: str
    title: str
    text: str
    url: str


class ExchangeItem(Shape):
    """What an exchange wants instead; `tax_total` is for the whole quantity."""

    sku: str
    quantity: int
    unit_price: int
    tax_total: int | None = None
    """Default: 0."""


class Asked(Shape):
    """What an exchange would cost the customer, more than was agreed; they have `until` to answer.

    `refund` and `store_credit` are what they would get instead of `exchange_for`. Minor units.
    """

    amount: int
    until: datetime
    refund: int
    store_credit: int
    exchange_for: list[ExchangeItem]


class AskersAddress(Shape):
    """Whether the address that the answers go to is who they are for. Not the address itself.

    `proved`: somebody has followed the link that the case's mails bring to it. `of_order`: it is the one of the
    order that the question is about; None where no such order is known.
    """

    proved: bool | None = None
    """Default: false."""
    of_order: bool | None = None


class Attention(Shape):
    """A step that failed for good and waits for an operator; `note` and `photos` are the warehouse's."""

    step: str
    error: str
    since: datetime
    note: str | None = None
    photos: list[str] = Field(default_factory=list)


class AttentionAnswers(Shape):
    """Returns that took the answer, those that refused it with why, and how many are `left` for a repeat."""

    answered: list[str] = Field(default_factory=list)
    refused: dict[str, str] = Field(default_factory=dict)
    left: int


class Authorisation(Shape):
    """The supplier's word that it takes units back."""

    authorisation_id: str
    by: str
    at: datetime


class Balance(Shape):
    """What can be spent in one currency; `expires_at` is when the first part of it ends, null when none does."""

    currency: str
    amount: int
    expires_at: datetime | None


class QueuedRepair(Shape):
    """One row of the bench's queue, a moment behind the repair itself; `since` it is in its state."""

    return_id: str
    unit_id: str
    sku: str
    location: str
    state: RepairState
    since: datetime
    attention: str | None


class Bench(Shape):
    """What is on the bench, the longest waiting first."""

    repairs: list[QueuedRepair]


class Breakdown(Shape):
    """The parts of an amount, in minor units. Fees and deductions are positive here.

    `capped` is what would go back besides, if there were more of the order's money left.
    """

    units: int | None = None
    """Default: 0."""
    shipping: int | None = None
    """Default: 0."""
    order_fees: int | None = None
    """Default: 0."""
    restocking_fee: int | None = None
    """Default: 0."""
    return_shipping_fee: int | None = None
    """Default: 0."""
    condition_deduction: int | None = None
    """Default: 0."""
    bonus: int | None = None
    """Default: 0."""
    exchange: int | None = None
    """Default: 0."""
    capped: int | None = None
    """Default: 0."""


class Breaker(Shape):
    """A partner that fails for everybody with one code: one step after the other is tried, `probed_at` the last.

    Once one has worked it is `recovering`: what waits is being hurried.
    """

    code: str
    state: str
    since: datetime
    probed_at: datetime | None


class ListedCase(Shape):
    """A case in a list; `attention` is the step that waits for an operator."""

    case_id: str
    queue: Queue
    status: CaseStatus
    escalated: bool
    channel: Channel
    subject: str
    order_id: str | None
    return_id: str | None
    became_return: str | None
    opened_at: datetime
    answer_by: datetime | None
    attention: str | None


class CaseList(Shape):
    """The longest open first; null as `next_cursor` at the end."""

    cases: list[ListedCase]
    next_cursor: str | None


class CaseMessage(Shape):
    """One message of the conversation."""

    message_id: str
    at: datetime
    by: str
    text: str


class CaseSummary(Shape):
    """The short answer of an update. `answer_by` is null while no answer is awaited, or before the case is open."""

    case_id: str
    status: CaseStatus
    queue: Queue
    answer_by: datetime | None
    escalated: bool
    became_return: str | None
    attention: str | None
    ignored: list[str] = Field(default_factory=list)


class FoundAnswer(Shape):
    """An answer of the FAQ that was offered to the customer."""

    faq_id: str
    title: str


class TimelineEntry(Shape):
    """Something that happened, and who did it."""

    at: datetime
    event: str
    by: str
    detail: str | None = None


class CaseView(Shape):
    """What the query `view` gives back.

    `return_id` is the return that the question is about, `became_return` the one that came of it.
    """

    case_id: str
    queue: Queue
    status: CaseStatus
    closed: bool
    channel: Channel
    subject: str
    order_id: str | None
    return_id: str | None
    follows: str | None
    opened_at: datetime
    answer_by: datetime | None
    closes_at: datetime | None
    first_answer_at: datetime | None
    escalated: bool
    became_return: str | None
    answers: list[FoundAnswer]
    address: AskersAddress | None = None
    """Default: {"proved": false}."""
    messages: list[CaseMessage]
    attention: Attention | None
    timeline: list[TimelineEntry]


class Deadlines(Shape):
    """Instants, each 23:59:59 of its day in the policy's zone; null before their start.

    `label_by` is there, to the second, only while the customer waits for a label, a code or a pickup.
    """

    label_by: datetime | None = None
    ship_by: datetime | None = None
    target: datetime | None = None
    limit: datetime | None = None


class FiredRule(Shape):
    """A rule that stood in the way; `unit_id` is null when it concerns the whole return."""

    rule: RuleName
    unit_id: str | None = None
    detail: str


class Decision(Shape):
    """What the policy said, and why."""

    outcome: Outcome
    rules: list[FiredRule] = Field(default_factory=list)


class Delivered(Shape):
    """Whether the test event was taken, and why not."""

    delivered: bool
    error: str | None


class Dismissed(Shape):
    """How many messages were put away."""

    dismissed: int


class DropOff(Shape):
    """Where the parcel can be left, and the code that is shown there."""

    points: list[dict[str, str | None]] = Field(default_factory=list)
    code: str | None = None


class Entry(Shape):
    """One change of one credit: `kind` is issue, bonus, spend, give_back or take_back, `amount` is signed.

    `expires_at` is when that credit ends; `by` and `why` are null for what a return gave.
    """

    at: datetime
    kind: str
    currency: str
    amount: int
    credit_id: str
    return_id: str | None
    order_id: str | None
    expires_at: datetime | None
    by: str | None
    why: str | None


class EventPayment(Shape):
    """One payment to a tender; below 0 it is charged to it."""

    tender_id: str
    """The order's tender, or store_credit."""
    kind: TenderKind | None = None
    """What kind of tender that is; null in an event that is published late."""
    amount: int
    """In minor units of the return's currency; below 0 for a charge."""
    state: str
    """How far it is."""
    reference: str | None = None
    """The provider's, or what staff noted of a payment by hand."""


class EventRule(Shape):
    """A rule of the policy that stood in the way; of the whole return where `unit_id` is null."""

    rule: RuleName
    """The rule's name."""
    unit_id: str | None = None
    """The unit that it is about."""


class EventUnits(Shape):
    """Units of one line that stand alike. `refund` is for all of them, null until it is decided."""

    line_id: str
    """The order's line."""
    sku: str
    """The line's SKU."""
    quantity: int
    """How many units these are."""
    unit_ids: list[str]
    """Their ids within the return."""
    reason: Reason | None = None
    """Why the customer sends them back; null in an event that is published late."""
    reception: Reception
    """Where they are."""
    acceptance: Acceptance
    """What was decided about them."""
    grade: Grade | None = None
    """How good they are; null until it is known."""
    disposition: Disposition | None = None
    """Where they end; null until it is known."""
    refund: int | None = None
    """What is given back for all of them, in minor units; null until it is decided."""


class Hold(Shape):
    """A card hold behind an advance replacement."""

    amount: int
    state: str
    reference: str | None = None


class PublishedEntry(Shape):
    """What happened, when, and which part of the shop or its partners did it; never a name."""

    at: datetime
    """When it happened."""
    event: str
    """What happened: a row of the table of events."""
    by: str
    """The engine, a channel, a partner, customer or warehouse; staff for anybody else."""


class SentItem(Shape):
    """What goes out to the customer."""

    sku: str
    """What it is."""
    quantity: int
    """How many of them."""


class Summary(Shape):
    """The short answer of updates; `attention` is the step's name, `ignored` are the fields that nobody knows."""

    return_id: str
    order_id: str
    status: Status
    amount: int
    currency: str
    resolve_by: datetime | None
    escalated: bool
    attention: str | None
    ignored: list[str] = Field(default_factory=list)


class EventData(Shape):
    """The `data` of an event, as subscribers get it."""

    summary: Summary
    """How the return stood at that moment."""
    resolution: Resolution | None = None
    """What the customer gets, as known then."""
    units: list[EventUnits] = Field(default_factory=list)
    """The units that it is about; those that stand alike are one row."""
    paid: list[EventPayment] = Field(default_factory=list)
    """What it paid, to which tender, with which reference."""
    tracking_code: str | None = None
    """The parcel that it is about."""
    rules: list[EventRule] = Field(default_factory=list)
    """The policy's rules that stood in the way."""
    hold: Hold | None = None
    """The hold on the card."""
    sent: list[SentItem] = Field(default_factory=list)
    """What goes out to the customer."""
    step: str | None = None
    """The step that waits for an operator."""
    late: bool | None = None
    """True where it is told later than it happened: the summary is of then. Default: false."""
    number: int
    """Its place in the return's timeline, counted from 1 without a gap."""
    entry: PublishedEntry
    """The entry of the return's timeline."""


class ReturnEvent(Shape):
    """Something happened to a return (CloudEvents 1.0)."""

    specversion: str
    """The version of CloudEvents."""
    id: str
    """The same whenever the event is sent."""
    source: str
    """Where all events of returns come from."""
    type: str
    """What happened. New types may come: pass over what you do not know."""
    subject: str
    """The return's id."""
    time: datetime
    """When it happened."""
    datacontenttype: str
    """What data is."""
    dataschema: str
    """Where the JSON Schema of this type's data is."""
    data: EventData
    """What happened, and what it is about."""


class EventPage(Shape):
    """Events, oldest first; `next_cursor` goes on behind them, now or later. `more`: there are more already."""

    events: list[ReturnEvent]
    next_cursor: str
    more: bool


class Extra(Shape):
    """Something that came and was not expected; taken, and unpaid. Of no line, it has its `sku`."""

    line_id: str | None
    sku: str | None = None
    quantity: int
    serial_number: str | None = None
    receipt_id: str


class FaqAnswers(Shape):
    """Those that fit, the best first."""

    answers: list[Answer]


class KnownFinding(Shape):
    """One thing that does not agree, what to do about it, and since when it is known.

    `subject` tells it from others of its kind and return, such as by a provider's reference.
    """

    kind: str
    return_id: str
    subject: str
    text: str
    advice: str
    since: datetime
    acknowledged: Acknowledged | None


class Findings(Shape):
    """What was found first stands first; `more`: there are more than these."""

    findings: list[KnownFinding]
    more: bool


class Goods(Shape):
    """The item's end."""

    state: GoodsState


class TimeWindow(Shape):
    """From `start` to `end`, such as when the carrier comes to the customer's door."""

    start: datetime
    """Not before 2000-01-01T00:00:00Z."""
    end: datetime
    """Not before 2000-01-01T00:00:00Z."""


class Pickup(Shape):
    """When the carrier can come, and when it will."""

    slots: list[TimeWindow] = Field(default_factory=list)
    booked: TimeWindow | None = None


class Handover(Shape):
    """How the goods come back, and since when."""

    method: Method
    tracking_code: str | None = None
    label_url: str | None = None
    at: datetime | None = None
    pickup: Pickup | None = None
    drop_off: DropOff | None = None


class Health(Shape):
    """Whether Temporal and the database are as they should be; `failing` says what is not, by name, and how."""

    temporal: bool
    database: bool
    failing: dict[str, str]


class HeldLimit(Shape):
    """At most `rps` steps begin each second: 0 is a pause, None no limit. `reason` is why and by whom.

    Where it changes by itself, it is `then_rps` from `until` on.
    """

    rps: float | None
    reason: str | None
    at: datetime | None
    until: datetime | None
    then_rps: float | None


class InboxMessage(Shape):
    """One message. `queued` ones are passed on by themselves, `waiting` ones need somebody; `why` says for what.

    `message` is a tracking scan, news of a refund, a receipt or an inspection, as `kind` says. With a
    `next_attempt_at` it is tried again by itself.
    """

    id: int
    at: datetime
    source: str
    event_id: str
    kind: str
    return_id: str | None
    tracking_code: str | None
    message: dict[str, Any]
    state: str
    why: str | None
    attempts: int
    next_attempt_at: datetime | None


class InboxPage(Shape):
    """The newest first; null as `next_cursor` at the end."""

    messages: list[InboxMessage]
    next_cursor: str | None


class LastChange(Shape):
    """Who changed how a partner's failed steps are tried again."""

    at: datetime
    by: str
    why: str


class LateReturn(Shape):
    """Settled after its target: `past_limit`, after the limit too. `business_days` is how many it took."""

    return_id: str
    business_days: int | None
    target: datetime
    limit: datetime
    settled: datetime
    past_limit: bool


class Listed(Shape):
    """One row of a list, a moment behind the return itself.

    What stands in our records alone is null for a return that is just being opened.
    """

    return_id: str
    order_id: str
    status: Status
    resolve_by: datetime | None
    """The next promise to the customer; null before the goods are on their way."""
    escalated: bool
    """Past its target."""
    attention: str | None
    """The step that waits for an operator."""
    resolution: Resolution | None = None
    method: Method | None = None
    opened_at: datetime | None = None
    """When it was started."""
    updated_at: datetime | None = None
    """When anything was last recorded of it."""
    closed_at: datetime | None = None
    """When it closed; null while it is open."""
    currency: str | None = None
    """ISO 4217."""
    value: int | None = None
    """What was paid for the goods, in minor units."""
    amount: int | None = None
    """What the customer gets, in minor units: as promised; once closed, as it ended."""


class MovedSteps(Shape):
    """How many waiting steps got another time, and how many are `left`: repeat the call for these."""

    moved: int
    left: int


class Page(Shape):
    """Some returns, and the `cursor` of what comes after; null at the end."""

    returns: list[Listed]
    next_cursor: str | None


class Paid(Shape):
    """One payment to one tender, in minor units."""

    tender_id: str
    amount: int
    state: str
    reference: str | None = None


class Part(Shape):
    """So many of one spare part."""

    sku: str
    quantity: int | None = None
    """Default: 1."""


class Partner(Shape):
    """How a partner's failed steps are tried again, how many steps may begin, and what waits.

    Waits double from `initial_seconds` to `maximum_seconds`. `since` is the longest waiting step's first
    failure, `next_at` when the first is tried again, `codes` how many fail in which way. `recovery_rps` of
    them are tried each second once it is back, after a breaker was open.
    """

    partner: str
    initial_seconds: float
    maximum_seconds: float
    give_up_after_seconds: float
    retry_after_maximum_seconds: float
    recovery_rps: float
    limit: HeldLimit | None
    changed: LastChange | None
    waiting: int
    since: datetime | None
    next_at: datetime | None
    codes: dict[str, int]
    breakers: list[Breaker]


class Partners(Shape):
    """Every partner."""

    partners: list[Partner]


class PortalLink(Shape):
    """What opens the pages, once and without a button, until `ends_at`."""

    url: str
    ends_at: datetime


class WrongField(Shape):
    """A field, as a dotted path from the body's root, or a parameter, and what is wrong with it."""

    field: str
    code: str
    """Which kind of fault it is."""
    message: str


class Problem(Shape):
    """Why a call failed (RFC 9457); `type` leads to its explanation."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongField] | None = None
    return_id: str | None = None


class PromiseReport(Shape):
    """Settled returns of that time, and how long they took, in business days.

    `share_within_target` and `share_within_limit` are of all of them, from 0 to 1; the second counts those of the
    first too. `late` are those after the target, the latest last; `more`: there are more than these.
    """

    closed_from: datetime
    closed_before: datetime
    settled: int
    within_target: int
    within_limit: int
    later: int
    share_within_target: float | None
    share_within_limit: float | None
    median: float | None
    percentile_95: float | None
    late: list[LateReturn]
    more: bool


class PublicLinks(Shape):
    """Whoever has one sees what it shows, without signing in, until `ends_at`; null for what was not asked for.

    `status_url` shows where the return stands, without names, addresses, goods or amounts; `label_url` is the
    label, or the code of a drop-off, as it then is.
    """

    return_id: str
    status_url: str | None
    label_url: str | None
    ends_at: datetime


class QuotedPayment(Shape):
    """What one tender would get, in minor units."""

    tender_id: str
    amount: int


class Quote(Shape):
    """The settlement that a request would give, in minor units."""

    amount: int
    currency: str
    breakdown: Breakdown
    paid: list[QuotedPayment]
    decision: Decision


class Received(Shape):
    """Where the case stands, and the FAQ's best answers to the question."""

    case_id: str
    status: CaseStatus
    queue: Queue
    answer_by: datetime | None
    escalated: bool
    became_return: str | None
    attention: str | None
    ignored: list[str] = Field(default_factory=list)
    answers: list[Answer]


class ReleaseReservation(Shape):
    """Let go of what was set aside for a return that has ended; `key` is the reservation's."""

    by: str
    key: str


class RepairSummary(Shape):
    """The short answer to every update; `attention` is the waiting step's name or None."""

    return_id: str
    unit_id: str
    state: RepairState
    outcome: RepairOutcome | None
    estimate: int | None
    currency: str
    answer_by: datetime | None
    attention: str | None
    ignored: list[str] = Field(default_factory=list)


class RepairView(Shape):
    """All there is to see of a repair. `rounds` of work were begun; `closed`: nothing is left to do."""

    return_id: str
    order_id: str
    unit_id: str
    state: RepairState
    outcome: RepairOutcome | None
    estimate: int | None
    currency: str
    answer_by: datetime | None
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


class Replayed(Shape):
    """How many events are sent again."""

    events: int


class Settlement(Shape):
    """The customer's end; `amount` is what is owed as known now."""

    state: SettlementState
    resolution: Resolution
    amount: int
    currency: str
    breakdown: Breakdown
    paid: list[Paid] = Field(default_factory=list)
    hold: Hold | None = None
    asked: Asked | None = None


class Shelf(Shape):
    """One balance: what is `on_hand`, and how much of it is `reserved`; `grade` is empty until inspected.

    What can be sold is of grade A and not reserved.
    """

    sku: str
    location: str
    grade: str
    on_hand: int
    reserved: int


class Shelves(Shape):
    """Balances by SKU, location and grade; null as `next_cursor` at the end."""

    stock: list[Shelf]
    next_cursor: str | None


class Statement(Shape):
    """A customer's store credit: what can be spent, and every entry that led there, the oldest first."""

    customer_id: str
    balance: list[Balance]
    entries: list[Entry]


class Subscriber(Shape):
    """A subscriber, and how far behind it is. Of the settings' only the settings change anything."""

    subscription_id: str
    source: str
    url: str | None
    """Null for one that polls."""
    types: list[str]
    """The types that it gets; all when empty."""
    state: str
    """gone: it answered 410."""
    waiting: int
    """Events that it has not taken yet, those that it does not want among them."""
    oldest: datetime | None
    """When the oldest of them was kept."""
    failing: int
    """Returns whose next event has failed."""
    attempts: int
    """How often the worst of them has."""
    given_up: int
    """Events that were passed over after 5 days."""
    error: str | None
    """The last failure."""
    failed_at: datetime | None
    """When that was."""
    delivered_at: datetime | None
    """The last success."""
    secret_before_until: datetime | None
    """Until when the secret before is valid, too."""
    secret: str | None = None
    """Shown once: when it is made or rotated."""


class Subscribers(Shape):
    """All of them."""

    subscriptions: list[Subscriber]


class SupplierCredit(Shape):
    """Money from the supplier."""

    credit_id: str
    by: str
    amount: int
    currency: str
    at: datetime


class SupplierSummary(Shape):
    """The short answer of an update: how many units are at which stage, ever; money by currency."""

    supplier_id: str
    units: dict[str, int]
    credited: dict[str, int]
    attention: str | None
    ignored: list[str] = Field(default_factory=list)


class SupplierList(Shape):
    """Suppliers for whom something was gathered, by their ids."""

    suppliers: list[SupplierSummary]


class SupplierShipment(Shape):
    """Goods on their way to the supplier."""

    shipment_id: str
    by: str
    tracking_code: str | None
    at: datetime


class SupplierTrouble(Shape):
    """A step that failed for good; it is tried again by itself."""

    step: str
    error: str
    since: datetime


class SupplierUnit(Shape):
    """One unit; `since` is when it came to its stage, `batch` the one it was asked about in."""

    unit_id: str
    sku: str
    serial_number: str | None = None
    stage: UnitStage | None = None
    """Default: "gathered"."""
    since: datetime
    reminded_at: datetime | None = None
    batch: int | None = None
    authorisation_id: str | None = None
    shipment_id: str | None = None
    credit_id: str | None = None
    reason: str | None = None


class Upcoming(Shape):
    """What happens next by itself."""

    at: datetime
    what: str


class SupplierView(Shape):
    """What the query `view` gives back. Units that ended long ago are counted in `totals` alone."""

    supplier_id: str
    totals: SupplierSummary
    units: list[SupplierUnit]
    authorisations: list[Authorisation]
    shipments: list[SupplierShipment]
    credits: list[SupplierCredit]
    next: Upcoming | None
    attention: SupplierTrouble | None
    timeline: list[TimelineEntry]


class Unit(Shape):
    """One physical piece. `refund` is null until decided; `flag` says why an operator has to look at it.

    `note` is what was noted of it at its inspection, for the customer to read.
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


class View(Shape):
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


class WaitingReturn(Shape):
    """One return, by the step that waits longest; `resolve_by` is the promise, `amount` in minor units."""

    return_id: str
    step: str
    error: str
    since: datetime
    resolve_by: datetime | None
    amount: int
    currency: str


class WaitingReturns(Shape):
    """Returns by the step that waits longest; `more`: only the newest that wait were looked at.

    `findings` are what does not agree between the books, partners and Temporal, and nobody has acknowledged.
    """

    returns: list[WaitingReturn]
    more: bool
    findings: list[KnownFinding]


AnyEvent: TypeAlias = ReturnEvent
"""What subscribers are told."""
