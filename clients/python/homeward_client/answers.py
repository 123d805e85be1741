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
    """When; ISO 8601 with its zone."""
    by: str
    """Who says so."""
    why: str
    """Why, in a sentence for people."""


class Address(Shape):
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    name: str | None = None
    """The person's, or the firm's, name."""
    line1: str
    """Street and number."""
    line2: str | None = None
    """What else leads there."""
    city: str
    """The town."""
    state: str | None = None
    """How far it is."""
    postal_code: str | None = None
    """As the country writes it."""
    country: str
    """ISO 3166-1 alpha-2, such as US."""


class Alive(Shape):
    """Said by whoever can say it."""

    alive: bool | None = None
    """Default: true."""


class Answer(Shape):
    """A question with its answer; `text` is Markdown, `url` its page in the portal."""

    faq_id: str
    """The answer's id."""
    title: str
    """What people call it."""
    text: str
    """What was said."""
    url: str
    """The address."""


class ExchangeItem(Shape):
    """What an exchange wants instead; `tax_total` is for the whole quantity."""

    sku: str
    """The shop's own id of the goods."""
    quantity: int
    """How many units."""
    unit_price: int
    """The price of one, in minor units."""
    tax_total: int | None = None
    """Default: 0."""


class Asked(Shape):
    """What an exchange would cost the customer, more than was agreed; they have `until` to answer.

    `refund` and `store_credit` are what they would get instead of `exchange_for`. Minor units.
    """

    amount: int
    """What the exchange costs the customer, in minor units."""
    until: datetime
    """Until when; ISO 8601 with its zone."""
    refund: int
    """What they would get as money instead, in minor units."""
    store_credit: int
    """What they would get as store credit, in minor units."""
    exchange_for: list[ExchangeItem]
    """The pieces that are wanted instead."""


class Item(Shape):
    """What comes back: so many units of one line, for one reason."""

    line_id: str
    """The order's own id of the line."""
    quantity: int
    """How many units."""
    reason: Reason
    """Why."""
    note: str | None = None
    """What was noted, for people to read."""


class TimeWindow(Shape):
    """From `start` to `end`, such as when the carrier comes to the customer's door."""

    start: datetime
    """Not before 2000-01-01T00:00:00Z."""
    end: datetime
    """Not before 2000-01-01T00:00:00Z."""


class AskedFor(Shape):
    """What the customer wants, as it was last changed: each item with its reason and the customer's own note."""

    channel: Channel
    """Where the customer asked."""
    resolution: Resolution
    """What the customer gets."""
    method: Method
    """How the goods come back."""
    items: list[Item]
    """What comes back: so many units of a line, for one reason."""
    exchange_for: list[ExchangeItem] | None
    """The pieces that are wanted instead."""
    pickup_slot: TimeWindow | None
    """When the carrier shall come: one of those that are offered."""


class AskersAddress(Shape):
    """Whether the address that the answers go to is who they are for. Not the address itself.

    `proved`: somebody has followed the link that the case's mails bring to it. `of_order`: it is the one of the
    order that the question is about; None where no such order is known.
    """

    proved: bool | None = None
    """Default: false."""
    of_order: bool | None = None
    """Whether the address is the order's own."""


class Attention(Shape):
    """A step that failed for good and waits for an operator; `note` and `photos` are the warehouse's."""

    step: str
    """The step's kind."""
    error: str
    """What went wrong, in Homeward's words."""
    since: datetime
    """Since when; ISO 8601 with its zone."""
    note: str | None = None
    """What was noted, for people to read."""
    photos: list[str] = Field(default_factory=list)
    """Addresses of pictures."""


class AttentionAnswers(Shape):
    """Returns that took the answer, those that refused it with why, and how many are `left` for a repeat."""

    answered: list[str] = Field(default_factory=list)
    """The returns that have taken the answer."""
    refused: dict[str, str] = Field(default_factory=dict)
    """Those that have refused, each with the reason."""
    left: int
    """How many are left for a repeat."""


class Authorisation(Shape):
    """The supplier's word that it takes units back."""

    authorisation_id: str
    """The supplier's own number of the authorisation."""
    by: str
    """Who says so."""
    at: datetime
    """When; ISO 8601 with its zone."""


class Balance(Shape):
    """What can be spent in one currency; `expires_at` is when the first part of it ends, null when none does."""

    currency: str
    """ISO 4217, such as USD."""
    amount: int
    """Minor units of the currency."""
    expires_at: datetime | None
    """When what is left of it ends; ISO 8601 with its zone. Null: never."""


class QueuedRepair(Shape):
    """One row of the bench's queue, a moment behind the repair itself; `since` it is in its state."""

    return_id: str
    """The return's id."""
    unit_id: str
    """One piece: the line's id, a hyphen, and its number within the line, from 1."""
    sku: str
    """The shop's own id of the goods."""
    location: str
    """Where in the warehouse."""
    state: RepairState
    """How far it is."""
    since: datetime
    """Since when; ISO 8601 with its zone."""
    attention: str | None
    """The step that waits for an operator; null where none does."""


class Bench(Shape):
    """What is on the bench, the longest waiting first."""

    repairs: list[QueuedRepair]
    """The rows."""


class Breakdown(Shape):
    """The parts of an amount, in minor units. Fees and deductions are positive here.

    `capped` is what would go back besides, if there were more of the order's money left; `set_by_hand` what staff
    added when they set the amount, below 0 where they took off; `not_paid` what failed and staff went on without.
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
    set_by_hand: int | None = None
    """Default: 0."""
    not_paid: int | None = None
    """Default: 0."""


class Breaker(Shape):
    """A partner that fails for everybody with one code: one step after the other is tried, `probed_at` the last.

    Once one has worked it is `recovering`: what waits is being hurried.
    """

    code: str
    """The partner's or Homeward's own code of it."""
    state: str
    """How far it is."""
    since: datetime
    """Since when; ISO 8601 with its zone."""
    probed_at: datetime | None
    """When it was last tried whether it works again; ISO 8601 with its zone."""


class ListedCase(Shape):
    """A case in a list; `attention` is the step that waits for an operator."""

    case_id: str
    """The case's id."""
    queue: Queue
    """Who answers it."""
    status: CaseStatus
    """Where it stands."""
    escalated: bool
    """Whether it is past its target."""
    channel: Channel
    """Where the customer asked."""
    subject: str
    """What it is about."""
    order_id: str | None
    """The shop's own id of the order."""
    return_id: str | None
    """The return's id."""
    became_return: str | None
    """The return that was made of it."""
    opened_at: datetime
    """When it was opened; ISO 8601 with its zone."""
    answer_by: datetime | None
    """By when the customer has to answer; ISO 8601 with its zone."""
    attention: str | None
    """The step that waits for an operator; null where none does."""


class CaseList(Shape):
    """The longest open first; null as `next_cursor` at the end."""

    cases: list[ListedCase]
    """The rows."""
    next_cursor: str | None
    """The `cursor` of what comes after; null at the end."""


class CaseMessage(Shape):
    """One message of the conversation."""

    message_id: str
    """The message's id; the same again changes nothing."""
    at: datetime
    """When; ISO 8601 with its zone."""
    by: str
    """Who says so."""
    text: str
    """What was said."""


class CaseSummary(Shape):
    """The short answer of an update. `answer_by` is null while no answer is awaited, or before the case is open."""

    case_id: str
    """The case's id."""
    status: CaseStatus
    """Where it stands."""
    queue: Queue
    """Who answers it."""
    answer_by: datetime | None
    """By when the customer has to answer; ISO 8601 with its zone."""
    escalated: bool
    """Whether it is past its target."""
    became_return: str | None
    """The return that was made of it."""
    attention: str | None
    """The step that waits for an operator; null where none does."""
    ignored: list[str] = Field(default_factory=list)
    """Fields of what was sent that nobody knows."""


class FoundAnswer(Shape):
    """An answer of the FAQ that was offered to the customer."""

    faq_id: str
    """The answer's id."""
    title: str
    """What people call it."""


class TimelineEntry(Shape):
    """Something that happened, and who did it."""

    at: datetime
    """When; ISO 8601 with its zone."""
    event: str
    """What has happened; more kinds may come."""
    by: str
    """Who says so."""
    detail: str | None = None
    """Why, in a sentence for people."""


class CaseView(Shape):
    """What the query `view` gives back.

    `return_id` is the return that the question is about, `became_return` the one that came of it.
    """

    case_id: str
    """The case's id."""
    queue: Queue
    """Who answers it."""
    status: CaseStatus
    """Where it stands."""
    closed: bool
    """Whether it has ended."""
    channel: Channel
    """Where the customer asked."""
    subject: str
    """What it is about."""
    order_id: str | None
    """The shop's own id of the order."""
    return_id: str | None
    """The return's id."""
    follows: str | None
    """The case that it goes on from."""
    opened_at: datetime
    """When it was opened; ISO 8601 with its zone."""
    answer_by: datetime | None
    """By when the customer has to answer; ISO 8601 with its zone."""
    closes_at: datetime | None
    """When it closes by itself; ISO 8601 with its zone."""
    first_answer_at: datetime | None
    """When the shop first answered; ISO 8601 with its zone."""
    escalated: bool
    """Whether it is past its target."""
    became_return: str | None
    """The return that was made of it."""
    answers: list[FoundAnswer]
    """Questions and their answers, the best first."""
    address: AskersAddress | None = None
    """Default: {"proved": false}."""
    messages: list[CaseMessage]
    """Each message, in its order."""
    attention: Attention | None
    """The step that waits for an operator; null where none does."""
    timeline: list[TimelineEntry]
    """What has happened, the oldest first."""


class PublishedEntry(Shape):
    """What happened, when, and which part of the shop or its partners did it; never a name."""

    at: datetime
    """When it happened."""
    event: str
    """What happened: a row of the table of events."""
    by: str
    """The engine, a channel, a partner, customer or warehouse; staff for anybody else."""


class CreditEventData(Shape):
    """The `data` of an event of store credit: one entry of one credit. Money in minor units of its currency."""

    number: int
    """Its place among the events of its subject, counted from 1 without a gap."""
    entry: PublishedEntry
    """What happened, when, and which part of the shop did it."""
    credit_id: str
    """The credit: what one return gave."""
    currency: str
    """Its currency, by ISO 4217."""
    amount: int
    """What came, or below 0 went."""
    bonus: int | None = None
    """The part of it that was given on top."""
    remaining: int
    """What is left of the credit after it."""
    expires_at: datetime | None = None
    """From when on nothing of it can be spent."""
    return_id: str | None = None
    """The return that it was given for."""
    order_id: str | None = None
    """The order that it was spent on."""


class CreditEvent(Shape):
    """Something happened to store credit (CloudEvents 1.0)."""

    specversion: str
    """The version of CloudEvents."""
    id: str
    """The same whenever the event is sent; given once for each source."""
    time: datetime
    """When it happened."""
    datacontenttype: str
    """What data is."""
    dataschema: str
    """Where the JSON Schema of this type's data is."""
    source: str
    """Where all events of store credit come from."""
    type: str
    """What happened. New types may come: pass over what you do not know."""
    subject: str
    """The credit's id."""
    data: CreditEventData
    """What happened, and what it is about."""


class Customer(Shape):
    """Who bought; the only personal data of a return.

    Without an id it is a guest, who is known by the mail address; without that, by the order alone. Nothing is mailed
    to who has no address for it, and nothing is fetched from or sent to who has no postal one.
    """

    customer_id: str | None = None
    """The shop's own id of the customer."""
    name: str | None = None
    """The person's, or the firm's, name."""
    email: str | None = None
    """One mail address."""
    phone: str | None = None
    """A telephone number, as the carrier takes it."""
    address: Address | None = None
    """Where to; null where there is none, as for goods bought in store."""


class Deadlines(Shape):
    """Instants, each 23:59:59 of its day in the policy's zone; null before their start.

    `label_by` is there, to the second, only while the customer waits for a label, a code or a pickup.
    """

    label_by: datetime | None = None
    """By when the customer has a label, a code or a pickup; ISO 8601 with its zone."""
    ship_by: datetime | None = None
    """By when the goods are handed over; ISO 8601 with its zone."""
    target: datetime | None = None
    """When it is promised by, in business days of the policy; ISO 8601 with its zone."""
    limit: datetime | None = None
    """The last moment to settle, by business days of the policy; ISO 8601 with its zone."""


class FiredRule(Shape):
    """A rule that stood in the way; `unit_id` is null when it concerns the whole return."""

    rule: RuleName
    """Which rule it was."""
    unit_id: str | None = None
    """One piece: the line's id, a hyphen, and its number within the line, from 1."""
    detail: str
    """Why, in a sentence for people."""


class Decision(Shape):
    """What the policy said, and why."""

    outcome: Outcome
    """What was decided."""
    rules: list[FiredRule] = Field(default_factory=list)
    """The rules that stood in the way."""


class Delivered(Shape):
    """Whether the test event was taken, and why not."""

    delivered: bool
    """Whether the receiver has taken it."""
    error: str | None
    """What went wrong, in Homeward's words."""


class Dismissed(Shape):
    """How many messages were put away."""

    dismissed: int
    """What was put aside."""


class DropOff(Shape):
    """Where the parcel can be left, and the code that is shown there."""

    points: list[dict[str, str | None]] = Field(default_factory=list)
    """Where the parcel can be left."""
    code: str | None = None
    """The partner's or Homeward's own code of it."""


class Entry(Shape):
    """One change of one credit: `kind` is issue, bonus, spend, give_back or take_back, `amount` is signed.

    `expires_at` is when that credit ends; `by` and `why` are null for what a return gave.
    """

    at: datetime
    """When; ISO 8601 with its zone."""
    kind: str
    """Which kind it is."""
    currency: str
    """ISO 4217, such as USD."""
    amount: int
    """Minor units of the currency."""
    credit_id: str
    """The entry's id in the books of store credit."""
    return_id: str | None
    """The return's id."""
    order_id: str | None
    """The shop's own id of the order."""
    expires_at: datetime | None
    """When what is left of it ends; ISO 8601 with its zone. Null: never."""
    by: str | None
    """Who says so."""
    why: str | None
    """Why, in a sentence for people."""


class EventOrder(Shape):
    """What the order carries for whoever reads on; what is empty is left out."""

    locale: str | None = None
    """The customer's language."""
    tags: list[str] = Field(default_factory=list)
    """The shop's words about it."""


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


class TaxLine(Shape):
    """One of several taxes in a sum, such as a state's and a city's; carried, not reckoned with."""

    title: str | None = None
    """What people call it."""
    rate_percent: float | str | None = None
    """The tax's rate, in per cent."""
    amount: int
    """Minor units of the currency."""


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
    category: str | None = None
    """The line's, as ordered."""
    tags: list[str] = Field(default_factory=list)
    """The line's, as ordered."""
    image_url: str | None = None
    """The line's picture."""
    tax_lines: list[TaxLine] = Field(default_factory=list)
    """The taxes of the whole line, as ordered."""


class Hold(Shape):
    """A card hold behind an advance replacement."""

    amount: int
    """What the card holds, in minor units."""
    state: str
    """How far it is."""
    reference: str | None = None
    """What the payment provider calls it."""
    expires_at: datetime | None = None
    """When what is left of it ends; ISO 8601 with its zone. Null: never."""


class SentItem(Shape):
    """What goes out to the customer."""

    sku: str
    """What it is."""
    quantity: int
    """How many of them."""


class Summary(Shape):
    """The short answer of updates; `attention` is the step's name, `ignored` are the fields that nobody knows."""

    return_id: str
    """The return's id."""
    order_id: str
    """The shop's own id of the order."""
    status: Status
    """Where it stands."""
    amount: int
    """Minor units of the currency."""
    currency: str
    """ISO 4217, such as USD."""
    resolve_by: datetime | None
    """The next promise to the customer; ISO 8601 with its zone. Null before the clock runs."""
    escalated: bool
    """Whether it is past its target."""
    attention: str | None
    """The step that waits for an operator; null where none does."""
    ignored: list[str] = Field(default_factory=list)
    """Fields of what was sent that nobody knows."""


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
    order: EventOrder | None = None
    """What the order carries."""
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


class RepairSummary(Shape):
    """The short answer to every update; `attention` is the waiting step's name or None."""

    return_id: str
    """The return's id."""
    unit_id: str
    """One piece: the line's id, a hyphen, and its number within the line, from 1."""
    state: RepairState
    """How far it is."""
    outcome: RepairOutcome | None
    """What was decided."""
    estimate: int | None
    """What the repair costs the customer, in minor units."""
    currency: str
    """ISO 4217, such as USD."""
    answer_by: datetime | None
    """By when the customer has to answer; ISO 8601 with its zone."""
    attention: str | None
    """The step that waits for an operator; null where none does."""
    ignored: list[str] = Field(default_factory=list)
    """Fields of what was sent that nobody knows."""


class RepairEventData(Shape):
    """The `data` of an event of a repair; never what the bench wrote."""

    number: int
    """Its place among the events of its subject, counted from 1 without a gap."""
    entry: PublishedEntry
    """What happened, when, and which part of the shop did it."""
    summary: RepairSummary
    """How the repair stood when the event was passed on."""
    sku: str
    """What is repaired."""


class RepairEvent(Shape):
    """Something happened to a unit on the repair bench (CloudEvents 1.0)."""

    specversion: str
    """The version of CloudEvents."""
    id: str
    """The same whenever the event is sent; given once for each source."""
    time: datetime
    """When it happened."""
    datacontenttype: str
    """What data is."""
    dataschema: str
    """Where the JSON Schema of this type's data is."""
    source: str
    """Where all events of repairs come from."""
    type: str
    """What happened. New types may come: pass over what you do not know."""
    subject: str
    """The return's id, a slash, and the unit's."""
    data: RepairEventData
    """What happened, and what it is about."""


class ReturnEvent(Shape):
    """Something happened to a return (CloudEvents 1.0)."""

    specversion: str
    """The version of CloudEvents."""
    id: str
    """The same whenever the event is sent; given once for each source."""
    time: datetime
    """When it happened."""
    datacontenttype: str
    """What data is."""
    dataschema: str
    """Where the JSON Schema of this type's data is."""
    source: str
    """Where all events of returns come from."""
    type: str
    """What happened. New types may come: pass over what you do not know."""
    subject: str
    """The return's id."""
    data: EventData
    """What happened, and what it is about."""


class StockBalance(Shape):
    """How one balance stands after it."""

    location: str
    """The shelf."""
    grade: str
    """How good they are; empty while nobody has graded them."""
    on_hand: int
    """How many lie there."""
    reserved: int
    """How many of them are spoken for."""


class StockMoved(Shape):
    """How one balance has changed."""

    location: str
    """The shelf."""
    grade: str
    """How good they are; empty while nobody has graded them."""
    quantity: int
    """How many came, or below 0 went."""
    reserved: int
    """How many more are spoken for, or below 0 fewer."""


class StockEventData(Shape):
    """The `data` of an event of stock: one booking of one SKU."""

    number: int
    """Its place among the events of its subject, counted from 1 without a gap."""
    entry: PublishedEntry
    """What happened, when, and which part of the shop did it."""
    sku: str
    """What was booked."""
    kind: str
    """The movement's kind, as the books have it."""
    moves: list[StockMoved]
    """What has changed, by shelf and grade."""
    balances: list[StockBalance]
    """How these shelves stand after it."""
    return_id: str | None = None
    """The return that it is for."""
    unit_ids: list[str] = Field(default_factory=list)
    """The return's units that it is about."""


class StockEvent(Shape):
    """Something was booked in stock (CloudEvents 1.0)."""

    specversion: str
    """The version of CloudEvents."""
    id: str
    """The same whenever the event is sent; given once for each source."""
    time: datetime
    """When it happened."""
    datacontenttype: str
    """What data is."""
    dataschema: str
    """Where the JSON Schema of this type's data is."""
    source: str
    """Where all events of stock come from."""
    type: str
    """What happened. New types may come: pass over what you do not know."""
    subject: str
    """The SKU."""
    data: StockEventData
    """What happened, and what it is about."""


class SupplierEventUnit(Shape):
    """A unit that goes back to its supplier, and what it was last part of."""

    unit_id: str
    """RETURN/UNIT."""
    sku: str
    """What it is."""
    stage: UnitStage
    """How far it is."""
    authorisation_id: str | None = None
    """The supplier's word that it takes it back."""
    shipment_id: str | None = None
    """The shipment that it went out in."""
    credit_id: str | None = None
    """The credit that the supplier gave for it."""


class SupplierSummary(Shape):
    """The short answer of an update: how many units are at which stage, ever; money by currency."""

    supplier_id: str
    """Who supplied it, for what goes back to them."""
    units: dict[str, int]
    """The pieces that it is about."""
    credited: dict[str, int]
    """What the supplier has credited, in minor units, by currency."""
    attention: str | None
    """The step that waits for an operator; null where none does."""
    ignored: list[str] = Field(default_factory=list)
    """Fields of what was sent that nobody knows."""


class SupplierEventData(Shape):
    """The `data` of an event of goods for a supplier; never what anybody wrote."""

    number: int
    """Its place among the events of its subject, counted from 1 without a gap."""
    entry: PublishedEntry
    """What happened, when, and which part of the shop did it."""
    summary: SupplierSummary
    """How many units were at which stage when the event was passed on."""
    units: list[SupplierEventUnit] = Field(default_factory=list)
    """The units that it is about, as they stood then."""
    tracking_code: str | None = None
    """The shipment's parcel."""
    amount: int | None = None
    """What the supplier gives back, in minor units."""
    currency: str | None = None
    """Its currency, by ISO 4217."""


class SupplierEvent(Shape):
    """Something happened to goods for a supplier (CloudEvents 1.0)."""

    specversion: str
    """The version of CloudEvents."""
    id: str
    """The same whenever the event is sent; given once for each source."""
    time: datetime
    """When it happened."""
    datacontenttype: str
    """What data is."""
    dataschema: str
    """Where the JSON Schema of this type's data is."""
    source: str
    """Where all events of goods for suppliers come from."""
    type: str
    """What happened. New types may come: pass over what you do not know."""
    subject: str
    """The supplier's id."""
    data: SupplierEventData
    """What happened, and what it is about."""


class SupportEventData(Shape):
    """The `data` of an event of a support case; never what anybody wrote."""

    number: int
    """Its place among the events of its subject, counted from 1 without a gap."""
    entry: PublishedEntry
    """What happened, when, and which part of the shop did it."""
    summary: CaseSummary
    """How the case stood when the event was kept."""
    order_id: str | None = None
    """The order that is asked about."""
    return_id: str | None = None
    """The return that is asked about."""


class SupportEvent(Shape):
    """Something happened to a support case (CloudEvents 1.0)."""

    specversion: str
    """The version of CloudEvents."""
    id: str
    """The same whenever the event is sent; given once for each source."""
    time: datetime
    """When it happened."""
    datacontenttype: str
    """What data is."""
    dataschema: str
    """Where the JSON Schema of this type's data is."""
    source: str
    """Where all events of support cases come from."""
    type: str
    """What happened. New types may come: pass over what you do not know."""
    subject: str
    """The case's id."""
    data: SupportEventData
    """What happened, and what it is about."""


class EventPage(Shape):
    """Events, oldest first; `next_cursor` goes on behind them, now or later. `more`: there are more already."""

    events: list[ReturnEvent | SupportEvent | RepairEvent | SupplierEvent | StockEvent | CreditEvent]
    """What happened, the oldest first."""
    next_cursor: str
    """The `cursor` of what comes after; null at the end."""
    more: bool
    """Whether there are more already."""


class Extra(Shape):
    """Something that came and was not expected; taken, and unpaid. Of no line, it has its `sku`."""

    line_id: str | None
    """The order's own id of the line."""
    sku: str | None = None
    """The shop's own id of the goods."""
    quantity: int
    """How many units."""
    serial_number: str | None = None
    """The piece's own number."""
    receipt_id: str
    """The caller's id of this receipt; the same again changes nothing."""


class FaqAnswers(Shape):
    """Those that fit, the best first."""

    answers: list[Answer]
    """Questions and their answers, the best first."""


class KnownFinding(Shape):
    """One thing that does not agree, what to do about it, and since when it is known.

    `subject` tells it from others of its kind and return, such as by a provider's reference.
    """

    kind: str
    """Which kind it is."""
    return_id: str
    """The return's id."""
    subject: str
    """What it is about."""
    text: str
    """What was said."""
    advice: str
    """What to do about it."""
    since: datetime
    """Since when; ISO 8601 with its zone."""
    acknowledged: Acknowledged | None
    """Who has put it aside, and why; null while somebody has to look at it."""


class Findings(Shape):
    """What was found first stands first; `more`: there are more than these."""

    findings: list[KnownFinding]
    """What does not agree between the books of both sides."""
    more: bool
    """Whether there are more already."""


class Goods(Shape):
    """The item's end."""

    state: GoodsState
    """How far it is."""


class Pickup(Shape):
    """When the carrier can come, and when it will."""

    slots: list[TimeWindow] = Field(default_factory=list)
    """When the carrier can come."""
    booked: TimeWindow | None = None
    """When the carrier comes; null until a time is chosen."""


class Handover(Shape):
    """How the goods come back, and since when."""

    method: Method
    """How the goods come back."""
    tracking_code: str | None = None
    """The carrier's own number of the parcel."""
    label_url: str | None = None
    """Where the label is; an address of this API, for keys with `read`."""
    at: datetime | None = None
    """When; ISO 8601 with its zone."""
    pickup: Pickup | None = None
    """When the carrier can come; null for other methods."""
    drop_off: DropOff | None = None
    """Where it can be left; null for other methods."""


class Health(Shape):
    """Whether Temporal and the database are as they should be; `failing` says what is not, by name, and how."""

    temporal: bool
    """Whether Temporal answers."""
    database: bool
    """Whether the database answers."""
    failing: dict[str, str]
    """What is in the way, by its name, and how."""


class HeldLimit(Shape):
    """At most `rps` steps begin each second: 0 is a pause, None no limit. `reason` is why and by whom.

    Where it changes by itself, it is `then_rps` from `until` on.
    """

    rps: float | None
    """Steps a second; 0 pauses, null lifts the limit."""
    reason: str | None
    """Why."""
    at: datetime | None
    """When; ISO 8601 with its zone."""
    until: datetime | None
    """Until when; ISO 8601 with its zone."""
    then_rps: float | None
    """Steps a second afterwards."""


class InboxMessage(Shape):
    """One message. `queued` ones are passed on by themselves, `waiting` ones need somebody; `why` says for what.

    `message` is a tracking scan, news of a refund, a receipt or an inspection, as `kind` says. With a
    `next_attempt_at` it is tried again by itself.
    """

    id: int
    """Homeward's own number of it."""
    at: datetime
    """When; ISO 8601 with its zone."""
    source: str
    """Where it was set: in the settings, or by the API."""
    event_id: str
    """The partner's own id of the event."""
    kind: str
    """Which kind it is."""
    return_id: str | None
    """The return's id."""
    tracking_code: str | None
    """The carrier's own number of the parcel."""
    message: dict[str, Any]
    """What was expected, in a sentence for people."""
    state: str
    """How far it is."""
    why: str | None
    """Why, in a sentence for people."""
    attempts: int
    """How often it was tried."""
    next_attempt_at: datetime | None
    """When it is tried again; ISO 8601 with its zone."""


class InboxPage(Shape):
    """The newest first; null as `next_cursor` at the end."""

    messages: list[InboxMessage]
    """Each message, in its order."""
    next_cursor: str | None
    """The `cursor` of what comes after; null at the end."""


class LastChange(Shape):
    """Who changed how a partner's failed steps are tried again."""

    at: datetime
    """When; ISO 8601 with its zone."""
    by: str
    """Who says so."""
    why: str
    """Why, in a sentence for people."""


class LateReturn(Shape):
    """Settled after its target: `past_limit`, after the limit too. `business_days` is how many it took."""

    return_id: str
    """The return's id."""
    business_days: int | None
    """Business days of the policy from the handover to the settlement."""
    target: datetime
    """When it is promised by, in business days of the policy; ISO 8601 with its zone."""
    limit: datetime
    """The last moment to settle, by business days of the policy; ISO 8601 with its zone."""
    settled: datetime
    """When it was settled; ISO 8601 with its zone."""
    past_limit: bool
    """Whether it was settled after its limit."""


class Listed(Shape):
    """One row of a list, a moment behind the return itself.

    What stands in our records alone is null for a return that is just being opened.
    """

    return_id: str
    """The return's id."""
    order_id: str
    """The shop's own id of the order."""
    status: Status
    """Where it stands."""
    resolve_by: datetime | None
    """The next promise to the customer; null before the goods are on their way."""
    escalated: bool
    """Past its target."""
    attention: str | None
    """The step that waits for an operator."""
    resolution: Resolution | None = None
    """What the customer gets."""
    method: Method | None = None
    """How the goods come back."""
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
    """How many waiting steps were moved."""
    left: int
    """How many are left for a repeat."""


class Page(Shape):
    """Some returns, and the `cursor` of what comes after; null at the end."""

    returns: list[Listed]
    """The returns of this page."""
    next_cursor: str | None
    """The `cursor` of what comes after; null at the end."""


class Paid(Shape):
    """One payment to one tender, in minor units.

    `by_hand`: staff say that they made it by other means. `given_up`: it failed, and staff went on without it.
    """

    tender_id: str
    """The order's own id of the payment."""
    amount: int
    """Minor units of the currency."""
    state: str
    """How far it is."""
    reference: str | None = None
    """What the payment provider calls it."""
    by_hand: bool | None = None
    """Default: false."""
    given_up: bool | None = None
    """Default: false."""


class PaidTender(Shape):
    """How much of the order one payment took, and what it got back by this return."""

    tender_id: str
    """The order's own id of the payment."""
    kind: TenderKind
    """Which kind it is."""
    captured: int
    """What was taken by it, in minor units."""
    reference: str | None
    """What the payment provider calls it."""
    given_back: int
    """What this return has given back to it, in minor units."""
    pending: int
    """What is on its way to it, in minor units."""


class Parcel(Shape):
    """One parcel of the return, or one that was sent to the customer."""

    direction: str
    """Where it goes."""
    tracking_code: str
    """The carrier's own number of the parcel."""
    carrier: str | None
    """The route's name, where the shop has several carriers."""
    label_url: str | None
    """Where the label is; an address of this API, for keys with `read`."""
    at: datetime
    """When; ISO 8601 with its zone."""
    voided: bool
    """Whether its label is good no more."""


class Part(Shape):
    """So many of one spare part."""

    sku: str
    """The shop's own id of the goods."""
    quantity: int | None = None
    """Default: 1."""


class Partner(Shape):
    """How a partner's failed steps are tried again, how many steps may begin, and what waits.

    Waits double from `initial_seconds` to `maximum_seconds`. `since` is the longest waiting step's first
    failure, `next_at` when the first is tried again, `codes` how many fail in which way. `recovery_rps` of
    them are tried each second once it is back, after a breaker was open.
    """

    partner: str
    """Which partner it is."""
    initial_seconds: float
    """Seconds before the first repeat of a failed step."""
    maximum_seconds: float
    """Seconds between repeats at most."""
    give_up_after_seconds: float
    """After how many seconds of failing a step waits for an operator."""
    retry_after_maximum_seconds: float
    """How long a partner may ask to be left alone, in seconds."""
    recovery_rps: float
    """Steps a second that are tried once the partner works again."""
    limit: HeldLimit | None
    """The last moment to settle, by business days of the policy; ISO 8601 with its zone."""
    changed: LastChange | None
    """Who changed it last, and why."""
    waiting: int
    """How many steps wait."""
    since: datetime | None
    """Since when; ISO 8601 with its zone."""
    next_at: datetime | None
    """When the next of them is tried; ISO 8601 with its zone."""
    codes: dict[str, int]
    """How many steps wait with each code."""
    breakers: list[Breaker]
    """Codes by which the partner fails for everybody: its steps wait until one gets through."""


class Partners(Shape):
    """Every partner."""

    partners: list[Partner]
    """Each partner, and how it is treated."""


class PortalLink(Shape):
    """What opens the pages, once and without a button, until `ends_at`."""

    url: str
    """The address."""
    ends_at: datetime
    """Until when it is good; ISO 8601 with its zone."""


class WrongField(Shape):
    """A field, as a dotted path from the body's root, or a parameter, and what is wrong with it."""

    field: str
    """The field, as a dotted path from the body's root, or the parameter."""
    code: str
    """Which kind of fault it is."""
    message: str
    """What was expected, in a sentence for people."""


class Problem(Shape):
    """Why a call failed (RFC 9457); `type` leads to its explanation."""

    type: str
    """Which kind of problem it is: the address of its explanation."""
    title: str
    """The problem's name, for people."""
    status: int
    """The HTTP status."""
    detail: str
    """Why, in a sentence for people."""
    errors: list[WrongField] | None = None
    """Each field that is wrong; with invalid content alone."""
    return_id: str | None = None
    """Of a start that was not answered: repeating it with this id finds the return."""


class PromiseReport(Shape):
    """Settled returns of that time, and how long they took, in business days.

    `share_within_target` and `share_within_limit` are of all of them, from 0 to 1; the second counts those of the
    first too. `late` are those after the target, the latest last; `more`: there are more than these.
    """

    closed_from: datetime
    """Returns that closed then or later; ISO 8601 with its zone."""
    closed_before: datetime
    """Returns that closed before then; ISO 8601 with its zone."""
    settled: int
    """How many were settled."""
    within_target: int
    """How many were settled within the target."""
    within_limit: int
    """How many were settled within the limit."""
    later: int
    """How many were settled after the limit."""
    share_within_target: float | None
    """The part of them that was settled within the target, from 0 to 1."""
    share_within_limit: float | None
    """The part of them that was settled within the limit, from 0 to 1."""
    median: float | None
    """Business days that half of them took at most."""
    percentile_95: float | None
    """Business days that 95 of 100 took at most."""
    late: list[LateReturn]
    """Those that were settled later than promised."""
    more: bool
    """Whether there are more already."""


class PublicLinks(Shape):
    """Whoever has one sees what it shows, without signing in, until `ends_at`; null for what was not asked for.

    `status_url` shows where the return stands, without names, addresses, goods or amounts; `label_url` is the
    label, or the code of a drop-off, as it then is.
    """

    return_id: str
    """The return's id."""
    status_url: str | None
    """Where the customer sees how it stands, without signing in."""
    label_url: str | None
    """Where the label is; an address of this API, for keys with `read`."""
    ends_at: datetime
    """Until when it is good; ISO 8601 with its zone."""


class QuotedPayment(Shape):
    """What one tender would get, in minor units."""

    tender_id: str
    """The order's own id of the payment."""
    amount: int
    """Minor units of the currency."""


class Quote(Shape):
    """The settlement that a request would give, in minor units."""

    amount: int
    """Minor units of the currency."""
    currency: str
    """ISO 4217, such as USD."""
    breakdown: Breakdown
    """What the amount is made of, each in minor units."""
    paid: list[QuotedPayment]
    """What each tender got, in minor units."""
    decision: Decision
    """What the policy said, and why; null before it has decided."""


class Received(Shape):
    """Where the case stands, and the FAQ's best answers to the question."""

    case_id: str
    """The case's id."""
    status: CaseStatus
    """Where it stands."""
    queue: Queue
    """Who answers it."""
    answer_by: datetime | None
    """By when the customer has to answer; ISO 8601 with its zone."""
    escalated: bool
    """Whether it is past its target."""
    became_return: str | None
    """The return that was made of it."""
    attention: str | None
    """The step that waits for an operator; null where none does."""
    ignored: list[str] = Field(default_factory=list)
    """Fields of what was sent that nobody knows."""
    answers: list[Answer]
    """Questions and their answers, the best first."""


class ReleaseReservation(Shape):
    """Let go of what was set aside for a return that has ended; `key` is the reservation's."""

    by: str
    """Who says so."""
    key: str
    """Which one it is."""


class RepairView(Shape):
    """All there is to see of a repair. `rounds` of work were begun; `closed`: nothing is left to do."""

    return_id: str
    """The return's id."""
    order_id: str
    """The shop's own id of the order."""
    unit_id: str
    """One piece: the line's id, a hyphen, and its number within the line, from 1."""
    state: RepairState
    """How far it is."""
    outcome: RepairOutcome | None
    """What was decided."""
    estimate: int | None
    """What the repair costs the customer, in minor units."""
    currency: str
    """ISO 4217, such as USD."""
    answer_by: datetime | None
    """By when the customer has to answer; ISO 8601 with its zone."""
    sku: str
    """The shop's own id of the goods."""
    title: str
    """What people call it."""
    serial_number: str | None
    """The piece's own number."""
    location: str
    """Where in the warehouse."""
    in_warranty: bool
    """Whether the warranty pays for it."""
    rounds: int
    """How often it was repaired and checked."""
    parts: list[Part]
    """What the repair took from stock."""
    closed: bool
    """Whether it has ended."""
    attention: Attention | None
    """The step that waits for an operator; null where none does."""
    timeline: list[TimelineEntry]
    """What has happened, the oldest first."""


class Replayed(Shape):
    """How many events are sent again."""

    events: int
    """What happened, the oldest first."""


class Settlement(Shape):
    """The customer's end; `amount` is what is owed as known now."""

    state: SettlementState
    """How far it is."""
    resolution: Resolution
    """What the customer gets."""
    amount: int
    """What is owed as known now, in minor units; below 0, what the customer owes."""
    currency: str
    """ISO 4217, such as USD."""
    breakdown: Breakdown
    """What the amount is made of, each in minor units."""
    paid: list[Paid] = Field(default_factory=list)
    """What each tender got, in minor units."""
    hold: Hold | None = None
    """The hold on the card behind an advance replacement; null where there is none."""
    asked: Asked | None = None
    """What an exchange would cost more than was agreed; null where nothing is asked."""


class Shelf(Shape):
    """One balance: what is `on_hand`, and how much of it is `reserved`; `grade` is empty until inspected.

    What can be sold is of grade A and not reserved.
    """

    sku: str
    """The shop's own id of the goods."""
    location: str
    """Where in the warehouse."""
    grade: str
    """Its condition: A as new, down to D."""
    on_hand: int
    """Units on the shelf."""
    reserved: int
    """Units that are promised to somebody."""


class Shelves(Shape):
    """Balances by SKU, location and grade; null as `next_cursor` at the end."""

    stock: list[Shelf]
    """What is on the shelves."""
    next_cursor: str | None
    """The `cursor` of what comes after; null at the end."""


class Statement(Shape):
    """A customer's store credit: what can be spent, and every entry that led there, the oldest first."""

    customer_id: str
    """The shop's own id of the customer."""
    balance: list[Balance]
    """What there is to spend, a row for each currency."""
    entries: list[Entry]
    """All that was given and spent, the oldest first."""


class Subscriber(Shape):
    """A subscriber, and how far behind it is. Of the settings' only the settings change anything."""

    subscription_id: str
    """The subscription's id."""
    source: str
    """Where it was set: in the settings, or by the API."""
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
    """Who gets events."""


class SupplierCredit(Shape):
    """Money from the supplier."""

    credit_id: str
    """The entry's id in the books of store credit."""
    by: str
    """Who says so."""
    amount: int
    """Minor units of the currency."""
    currency: str
    """ISO 4217, such as USD."""
    at: datetime
    """When; ISO 8601 with its zone."""


class SupplierList(Shape):
    """Suppliers for whom something was gathered, by their ids."""

    suppliers: list[SupplierSummary]
    """The rows."""


class SupplierShipment(Shape):
    """Goods on their way to the supplier."""

    shipment_id: str
    """The shop's own id of the shipment."""
    by: str
    """Who says so."""
    tracking_code: str | None
    """The carrier's own number of the parcel."""
    at: datetime
    """When; ISO 8601 with its zone."""


class SupplierTrouble(Shape):
    """A step that failed for good; it is tried again by itself."""

    step: str
    """The step's kind."""
    error: str
    """What went wrong, in Homeward's words."""
    since: datetime
    """Since when; ISO 8601 with its zone."""


class SupplierUnit(Shape):
    """One unit; `since` is when it came to its stage, `batch` the one it was asked about in."""

    unit_id: str
    """One piece: the line's id, a hyphen, and its number within the line, from 1."""
    sku: str
    """The shop's own id of the goods."""
    serial_number: str | None = None
    """The piece's own number."""
    stage: UnitStage | None = None
    """Default: "gathered"."""
    since: datetime
    """Since when; ISO 8601 with its zone."""
    reminded_at: datetime | None = None
    """When the supplier was reminded; ISO 8601 with its zone."""
    batch: int | None = None
    """The number of the batch that it was asked for with."""
    authorisation_id: str | None = None
    """The supplier's own number of the authorisation."""
    shipment_id: str | None = None
    """The shop's own id of the shipment."""
    credit_id: str | None = None
    """The entry's id in the books of store credit."""
    reason: str | None = None
    """Why."""


class Upcoming(Shape):
    """What happens next by itself."""

    at: datetime
    """When; ISO 8601 with its zone."""
    what: str
    """What it is."""


class SupplierView(Shape):
    """What the query `view` gives back. Units that ended long ago are counted in `totals` alone."""

    supplier_id: str
    """Who supplied it, for what goes back to them."""
    totals: SupplierSummary
    """How many units are where, and what was credited."""
    units: list[SupplierUnit]
    """The pieces that it is about."""
    authorisations: list[Authorisation]
    """What the supplier has authorised."""
    shipments: list[SupplierShipment]
    """What was sent to the supplier."""
    credits: list[SupplierCredit]
    """What the supplier has credited."""
    next: Upcoming | None
    """What happens next, and when."""
    attention: SupplierTrouble | None
    """The step that waits for an operator; null where none does."""
    timeline: list[TimelineEntry]
    """What has happened, the oldest first."""


class Unit(Shape):
    """One physical piece. `refund` is null until decided; `flag` says why an operator has to look at it.

    `note` is what was noted of it at its inspection, for the customer to read.
    """

    unit_id: str
    """One piece: the line's id, a hyphen, and its number within the line, from 1."""
    line_id: str
    """The order's own id of the line."""
    sku: str
    """The shop's own id of the goods."""
    serial_number: str | None = None
    """The piece's own number."""
    reception: Reception
    """Where it is, as far as the shop knows."""
    acceptance: Acceptance
    """What was decided about it."""
    grade: Grade | None = None
    """Its condition: A as new, down to D."""
    disposition: Disposition | None = None
    """Where it goes from the warehouse."""
    refund: int | None = None
    """What the customer gets for it, in minor units; null until that is decided."""
    wiped: dict[str, str] | None = None
    """Who has wiped its personal data, how and when; null where nobody has."""
    repair: dict[str, str | int | None] | None = None
    """How its repair stands: state, estimate in minor units, workflow; null where there is none."""
    note: str | None = None
    """What was noted, for people to read."""
    flag: str | None = None
    """Why an operator has to look at it; null where none has to."""


class View(Shape):
    """All there is to see of one return, for a backend; null is what no record has."""

    return_id: str
    """The return's id."""
    order_id: str
    """The shop's own id of the order."""
    status: Status
    """Where it stands."""
    closed: bool
    """Whether it has ended."""
    decision: Decision | None
    """What the policy said, and why; null before it has decided."""
    settlement: Settlement
    """The customer's end: what they get, and how far it is."""
    goods: Goods
    """The item's end."""
    handover: Handover
    """How the goods come back, and since when."""
    units: list[Unit]
    """The pieces that it is about."""
    extras: list[Extra]
    """What came and was not expected."""
    deadlines: Deadlines
    """What has to happen by when; see the fields."""
    escalated: bool
    """Whether it is past its target."""
    attention: Attention | None
    """The step that waits for an operator; null where none does."""
    timeline: list[TimelineEntry]
    """What has happened, the oldest first."""
    asked_for: AskedFor | None
    """What the customer wants."""
    customer: Customer | None
    """Who bought; empty once they were forgotten."""
    parcels: list[Parcel]
    """Every parcel, the oldest first."""
    tenders: list[PaidTender]
    """The order's payments, and what each got back."""


class WaitingReturn(Shape):
    """One return, by the step that waits longest; `resolve_by` is the promise, `amount` in minor units."""

    return_id: str
    """The return's id."""
    step: str
    """The step's kind."""
    error: str
    """What went wrong, in Homeward's words."""
    since: datetime
    """Since when; ISO 8601 with its zone."""
    resolve_by: datetime | None
    """The next promise to the customer; ISO 8601 with its zone. Null before the clock runs."""
    amount: int
    """Minor units of the currency."""
    currency: str
    """ISO 4217, such as USD."""


class WaitingReturns(Shape):
    """Returns by the step that waits longest; `more`: only the newest that wait were looked at.

    `findings` are what does not agree between the books, partners and Temporal, and nobody has acknowledged.
    """

    returns: list[WaitingReturn]
    """The rows."""
    more: bool
    """Whether there are more already."""
    findings: list[KnownFinding]
    """What does not agree between the books of both sides."""


AnyEvent: TypeAlias = ReturnEvent | SupportEvent | RepairEvent | SupplierEvent | StockEvent | CreditEvent
"""What subscribers are told."""
