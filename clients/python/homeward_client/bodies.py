"""What is sent, as plain JSON; the API says what is wrong with it, by field.

Made of the API's description; ``python -m clients.generate`` makes it anew.
"""

from datetime import datetime
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from homeward_client import choices

CaseStatus: TypeAlias = choices.CaseStatus | Literal["open", "answered", "closed", "became_return"]

Channel: TypeAlias = choices.Channel | Literal["web", "email", "phone", "chat", "store"]

DiagnosisOutcome: TypeAlias = choices.DiagnosisOutcome | Literal["repairable", "unrepairable", "no_fault"]

Disposition: TypeAlias = (
    choices.Disposition
    | Literal[
        "restock",
        "open_box",
        "refurbish",
        "repair",
        "return_to_supplier",
        "recycle",
        "donate",
        "dispose",
        "return_to_customer",
    ]
)

FeeKind: TypeAlias = choices.FeeKind | Literal["gift_wrap", "duties", "tip", "payment", "other"]

Grade: TypeAlias = choices.Grade | Literal["A", "B", "C", "D"]

Method: TypeAlias = choices.Method | Literal["mail", "pickup", "drop_off"]

PaymentState: TypeAlias = choices.PaymentState | Literal["paid", "unpaid", "cash_on_delivery", "net_terms"]

Queue: TypeAlias = choices.Queue | Literal["returns", "support"]

Reason: TypeAlias = (
    choices.Reason
    | Literal[
        "defective",
        "not_as_described",
        "wrong_item",
        "damaged_in_transit",
        "size_too_small",
        "size_too_large",
        "color",
        "style",
        "unwanted",
        "other",
    ]
)

RepairState: TypeAlias = (
    choices.RepairState
    | Literal["diagnosing", "awaiting_customer", "repairing", "checking", "done", "refused", "unrepairable"]
)

Resolution: TypeAlias = choices.Resolution | Literal["refund", "store_credit", "replacement", "exchange", "repair"]

Sort: TypeAlias = choices.Sort | Literal["newest", "oldest", "value", "updated"]

Status: TypeAlias = (
    choices.Status
    | Literal[
        "requested",
        "in_review",
        "declined",
        "label_sent",
        "in_transit",
        "partially_received",
        "received",
        "settling",
        "refunded",
        "credited",
        "replaced",
        "exchanged",
        "repaired",
        "rejected",
        "cancelled",
        "expired",
    ]
)

TenderKind: TypeAlias = choices.TenderKind | Literal["card", "gift_card", "store_credit", "other"]


class AcknowledgeFinding(TypedDict):
    """Nobody has to look at it as it is; where it changes, they do again.

    `subject` is one of several of the same kind and return; all of them when left out. With `take_back` somebody
    has to look at it again now.
    """

    by: str
    why: str
    return_id: str
    kind: str
    subject: NotRequired[str | None]
    take_back: NotRequired[bool]
    """Default: false."""


class AddMessage(TypedDict):
    """One more message: the customer's, or an answer by somebody of the shop, whom `by` names."""

    message_id: str
    by: str
    text: str


class AddStock(TypedDict):
    """New units that came from elsewhere, such as a delivery; they lie at `main`, as grade A."""

    by: str
    sku: str
    quantity: int


class Address(TypedDict):
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    name: NotRequired[str | None]
    line1: str
    line2: NotRequired[str | None]
    city: str
    state: NotRequired[str | None]
    postal_code: NotRequired[str | None]
    country: str


class Piece(TypedDict):
    """So many of one thing that an exchange brings."""

    sku: str
    quantity: NotRequired[int]
    """Default: 1."""


class AnswerCharge(TypedDict):
    """The customer, or staff for them, answers what an exchange would cost more than was agreed.

    `accepted`: they pay. Else they get money `instead`, a refund where nothing is said; or fewer
    pieces at no more than was agreed. `exchange_for` names the pieces that are still wanted, and
    may go with either. `amount` is the charge that they were shown; another one by now is refused.
    """

    by: str
    accepted: bool
    instead: NotRequired[Literal["refund", "store_credit"] | None]
    exchange_for: NotRequired[list[Piece] | None]
    amount: NotRequired[int | None]


class AnswerWaiting(TypedDict):
    """An answer to all steps of a kind, that wait since `before` and whose error has `error` in it.

    `rps` of them are answered each second.
    """

    by: str
    why: str
    action: Literal["retry", "mark_done", "skip"]
    step: str
    before: datetime | str
    """Not before 2000-01-01T00:00:00Z."""
    error: NotRequired[str | None]
    rps: NotRequired[float]
    """Default: 5.0."""


class Approve(TypedDict):
    """An operator lets a reviewed return go on."""

    by: str
    note: NotRequired[str | None]


class AskedQuestion(TypedDict):
    """A question after the sale. An id is made for one that brings none."""

    channel: NotRequired[Channel]
    """Default: "web"."""
    email: str
    subject: str
    text: str
    order_id: NotRequired[str | None]
    return_id: NotRequired[str | None]
    queue: NotRequired[Queue | None]
    follows: NotRequired[str | None]
    case_id: NotRequired[str | None]


class AttachMessage(TypedDict):
    """Whose it is. `confirm`: though something speaks against it."""

    by: str
    return_id: str
    confirm: NotRequired[bool]
    """Default: false."""


class AttestWipe(TypedDict):
    """An attestation that a unit's personal data was wiped, and how."""

    by: str
    unit_id: str
    how: str


class Authorise(TypedDict):
    """The supplier takes these units back."""

    authorisation_id: str
    by: str
    unit_ids: list[str]


class Cancel(TypedDict):
    """The customer, or staff for them, calls the return off."""

    by: str
    reason: NotRequired[str | None]


class ExchangeItem(TypedDict):
    """What an exchange wants instead; `tax_total` is for the whole quantity."""

    sku: str
    quantity: int
    unit_price: int
    tax_total: NotRequired[int]
    """Default: 0."""


class Item(TypedDict):
    """What comes back: so many units of one line, for one reason."""

    line_id: str
    quantity: int
    reason: Reason
    note: NotRequired[str | None]


class TimeWindow(TypedDict):
    """From `start` to `end`, such as when the carrier comes to the customer's door."""

    start: datetime | str
    """Not before 2000-01-01T00:00:00Z."""
    end: datetime | str
    """Not before 2000-01-01T00:00:00Z."""


class ChangeRequest(TypedDict):
    """What the customer wants otherwise, before the handover; nulls stay as they are."""

    by: str
    items: NotRequired[list[Item] | None]
    resolution: NotRequired[Resolution | None]
    method: NotRequired[Method | None]
    exchange_for: NotRequired[list[ExchangeItem] | None]
    pickup_slot: NotRequired[TimeWindow | None]


class CloseCase(TypedDict):
    """Nothing more is to be answered; `by` the customer, or somebody of the shop."""

    by: str
    reason: NotRequired[str | None]


class Customer(TypedDict):
    """Who bought; the only personal data of a return.

    Without an id it is a guest, who is known by the mail address; without that, by the order alone. Nothing is mailed
    to who has no address for it, and nothing is fetched from or sent to who has no postal one.
    """

    customer_id: NotRequired[str]
    name: NotRequired[str]
    email: NotRequired[str | None]
    phone: NotRequired[str | None]
    address: NotRequired[Address | None]


class Decline(TypedDict):
    """An operator turns a reviewed return down."""

    by: str
    reason: str


class Diagnosis(TypedDict):
    """The bench looked at the unit. `estimate` is the price, tax included, of a repair out of warranty."""

    diagnosis_id: str
    by: NotRequired[str]
    """Default: "bench"."""
    outcome: DiagnosisOutcome
    estimate: NotRequired[int | None]
    note: NotRequired[str | None]


class DismissMessage(TypedDict):
    """Nothing is to be done about it."""

    by: str
    why: str


class DismissUnknown(TypedDict):
    """Nothing is to be done about all that waits from a partner for no return that there is."""

    by: str
    why: str
    source: Literal["easypost", "stripe", "warehouse", "payments"]


class EstimateAnswer(TypedDict):
    """The customer, or staff for them, accepts the estimate or refuses it."""

    by: str
    accepted: bool


class GiveBackCredit(TypedDict):
    """An order that was paid with store credit came to nothing."""

    by: str
    customer_id: str
    """The customer's id; `guest:` and the mail address for one who bought without."""
    order_id: str
    """The order that is paid with it, or was."""


class HurrySteps(TypedDict):
    """Waiting steps of a partner are tried now, so many a second; `code` names one way of failing."""

    code: NotRequired[str | None]
    rps: NotRequired[float]
    """Default: 5.0."""


class InspectedUnit(TypedDict):
    """One unit's verdict. A rejected unit needs no grade; the customer reads the `note`."""

    unit_id: str
    accepted: NotRequired[bool]
    """Default: true."""
    grade: NotRequired[Grade | None]
    disposition: NotRequired[Disposition | None]
    note: NotRequired[str | None]


class Inspection(TypedDict):
    """The warehouse looked at units; it may come in parts."""

    inspection_id: str
    by: NotRequired[str]
    """Default: "warehouse"."""
    units: list[InspectedUnit]


class LimitChange(TypedDict):
    """From now on, at most `rps` steps of a partner begin each second: 0 is a pause, null no limit.

    With `for_seconds` it holds for so long, then what held before it. One that `ramps` is doubled every ten
    seconds, until what held before it is reached, or a hundred a second, where it is lifted.
    """

    by: str
    why: str
    rps: float | None
    for_seconds: NotRequired[float | None]
    ramps: NotRequired[bool]
    """Default: false."""


class TaxLine(TypedDict):
    """One of several taxes in a sum, such as a state's and a city's; carried, not reckoned with."""

    title: NotRequired[str]
    rate_percent: NotRequired[float | str | None]
    amount: int


class Line(TypedDict):
    """One order line; what ends in `_total` is for all its units together.

    `refunded_total` is all that has been given back for it, tax included: for units that came back, and for others.
    `shipped_quantity` None is all of it, `delivered_at` None the order's.
    """

    line_id: str
    sku: str
    title: NotRequired[str]
    quantity: int
    returned_quantity: NotRequired[int]
    """Default: 0."""
    shipped_quantity: NotRequired[int | None]
    delivered_at: NotRequired[datetime | str | None]
    unit_price: int
    discount_total: NotRequired[int]
    """Default: 0."""
    tax_total: NotRequired[int]
    """Default: 0."""
    refunded_total: NotRequired[int]
    """Default: 0."""
    serial_numbers: NotRequired[list[str]]
    final_sale: NotRequired[bool]
    """Default: false."""
    holds_personal_data: NotRequired[bool]
    """Default: false."""
    warranty_until: NotRequired[str | None]
    supplier_id: NotRequired[str | None]
    part_of: NotRequired[str | None]
    category: NotRequired[str | None]
    tags: NotRequired[list[str]]
    image_url: NotRequired[str | None]
    tax_lines: NotRequired[list[TaxLine]]


class OrderFee(TypedDict):
    """A fee of the order as a whole; `tax` is besides the `amount`, or in it, as with prices."""

    kind: NotRequired[FeeKind]
    """Default: "other"."""
    title: NotRequired[str]
    amount: int
    tax: NotRequired[int]
    """Default: 0."""


class Shipping(TypedDict):
    """What the customer paid for the way out; `refunded_total` of it has been given back, tax included."""

    price: NotRequired[int]
    """Default: 0."""
    discount: NotRequired[int]
    """Default: 0."""
    tax: NotRequired[int]
    """Default: 0."""
    refunded_total: NotRequired[int]
    """Default: 0."""
    tax_lines: NotRequired[list[TaxLine]]


class Tender(TypedDict):
    """One way the order was paid; `reference` is the payment provider's own name of it."""

    tender_id: str
    kind: TenderKind
    captured: int
    refunded: NotRequired[int]
    """Default: 0."""
    reference: NotRequired[str | None]


class Order(TypedDict):
    """The order as the shop knows it; its prices, discounts and taxes are facts."""

    order_id: str
    placed_at: NotRequired[datetime | str | None]
    delivered_at: NotRequired[datetime | str | None]
    currency: str
    prices_include_tax: NotRequired[bool]
    """Default: false."""
    customer: Customer
    lines: list[Line]
    shipping: NotRequired[Shipping]
    """Default: {"price": 0, "discount": 0, "tax": 0}."""
    fees: NotRequired[list[OrderFee]]
    cash_rounding: NotRequired[int]
    """Default: 0."""
    payment_state: NotRequired[PaymentState]
    """Default: "paid"."""
    tenders: NotRequired[list[Tender]]
    locale: NotRequired[str | None]
    tags: NotRequired[list[str]]


class WantedReturn(TypedDict):
    """The request of a return as far as it is known: what is left out is taken from the case and its order.

    `order_id` is another order than the case's, `order` one that the shop need not be asked for.
    """

    order_id: NotRequired[str | None]
    order: NotRequired[Order | None]
    items: NotRequired[list[Item] | None]
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    pickup_slot: NotRequired[TimeWindow | None]


class MakeReturn(TypedDict):
    """The case becomes a return; `anyway`: even if the order is not of the address that asked."""

    by: str
    request: NotRequired[WantedReturn | None]
    anyway: NotRequired[bool]
    """Default: false."""


class MoneyRules(TypedDict):
    """How an amount is made; fees in minor units, percentages of a unit's net price."""

    refund_original_shipping: NotRequired[Literal["seller_fault", "never", "always"]]
    """Default: "seller_fault"."""
    refund_order_fees: NotRequired[list[FeeKind]]
    restocking_fee_percent: NotRequired[float | str]
    """Default: "0"."""
    return_shipping_fee: NotRequired[int]
    """Default: 0."""
    condition_deduction_percent: NotRequired[dict[str, float | str]]
    """Default: {"A": "0", "B": "0", "C": "30", "D": "100"}."""
    store_credit_bonus_percent: NotRequired[float | str]
    """Default: "0"."""
    store_credit_valid_days: NotRequired[int]
    """Default: 0."""
    tender_order: NotRequired[list[TenderKind]]
    """Default: ["gift_card", "store_credit", "card", "other"]."""
    on_refund_failure: NotRequired[Literal["attention", "next_tender", "store_credit"]]
    """Default: "attention"."""


class NamedOrder(TypedDict):
    """An order that the shop knows, by its id."""

    order_id: str


class QuotedItem(TypedDict):
    """What would come back, and in which condition; none counts as A."""

    line_id: str
    quantity: int
    reason: Reason
    note: NotRequired[str | None]
    grade: NotRequired[Grade | None]


class NamedQuote(TypedDict):
    """A quote of an order that the shop knows."""

    return_id: NotRequired[str | None]
    order: NamedOrder
    items: list[QuotedItem]
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    pickup_slot: NotRequired[TimeWindow | None]
    policy: NotRequired[MoneyRules | None]


class NamedRequest(TypedDict):
    """A return of an order that the shop knows."""

    return_id: NotRequired[str | None]
    order: NamedOrder
    items: list[Item]
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    pickup_slot: NotRequired[TimeWindow | None]


class NewSubscription(TypedDict):
    """Where events go. Without `url` nothing is sent: events are kept for `GET /v1/events`."""

    url: NotRequired[str | None]
    """https, or http on this machine."""
    types: NotRequired[
        list[
            Literal[
                "homeward.return.requested",
                "homeward.return.in_review",
                "homeward.return.approved_first",
                "homeward.return.approved",
                "homeward.return.declined",
                "homeward.return.kept",
                "homeward.return.label_sent",
                "homeward.return.changed",
                "homeward.return.resolution_changed",
                "homeward.return.reminded",
                "homeward.return.handed_over",
                "homeward.return.delivered",
                "homeward.return.delivery_failed",
                "homeward.return.returned_to_sender",
                "homeward.return.lost",
                "homeward.return.scan_passed_over",
                "homeward.return.received",
                "homeward.return.inspected",
                "homeward.return.came_before",
                "homeward.return.wiped",
                "homeward.return.sent_back",
                "homeward.return.bench_done",
                "homeward.return.escalated",
                "homeward.return.limit_reached",
                "homeward.return.cancelled",
                "homeward.return.cancel_refused",
                "homeward.return.expired",
                "homeward.return.reopened",
                "homeward.return.hold_placed",
                "homeward.return.hold_released",
                "homeward.return.hold_captured",
                "homeward.return.hold_expired",
                "homeward.return.charge_asked",
                "homeward.return.charge_accepted",
                "homeward.return.charge_refused",
                "homeward.return.charge_unanswered",
                "homeward.return.charge_withdrawn",
                "homeward.return.fewer_pieces",
                "homeward.return.replacement_shipped",
                "homeward.return.repaired_shipped",
                "homeward.return.shortfall",
                "homeward.return.paid_before",
                "homeward.return.refund_failed",
                "homeward.return.charge_failed",
                "homeward.return.attention",
                "homeward.return.attention_resolved",
                "homeward.return.overridden",
                "homeward.return.dropped",
                "homeward.return.released",
                "homeward.return.refunded",
                "homeward.return.credited",
                "homeward.return.replaced",
                "homeward.return.exchanged",
                "homeward.return.repaired",
                "homeward.return.rejected",
                "homeward.return.closed",
            ]
        ]
    ]
    """The types that it gets; all when empty."""


class Override(TypedDict):
    """An operator changes a fact of the return, or of one unit, and says why."""

    by: str
    why: str
    unit_id: NotRequired[str | None]
    field: str
    value: NotRequired[Any]


class Part(TypedDict):
    """So many of one spare part."""

    sku: str
    quantity: NotRequired[int]
    """Default: 1."""


class PortalLinkRequest(TypedDict):
    """Which order's pages to open, for the customer who is signed in at the shop.

    `go`: `return` is the order with what can come back, `status` its latest return, `label` that return's label.
    `items` are lines that are ticked beforehand; `return_to` is where the portal leads back to.
    """

    order_id: str
    customer: str
    go: NotRequired[Literal["return", "status", "label"]]
    """Default: "return"."""
    items: NotRequired[list[str]]
    return_to: NotRequired[str | None]


class PublicLinkRequest(TypedDict):
    """What the links show, and for how many hours."""

    show: NotRequired[list[Literal["status", "label"]]]
    """Default: ["status", "label"]."""
    valid_hours: NotRequired[int]
    """Default: 72."""


class QuoteRequest(TypedDict):
    """A request, as a quote takes it; `policy` holds overrides of the policy's money rules."""

    return_id: NotRequired[str | None]
    order: Order
    items: list[QuotedItem]
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    pickup_slot: NotRequired[TimeWindow | None]
    policy: NotRequired[MoneyRules | None]


class ReceiptUnits(TypedDict):
    """So many units of a line in one parcel; a serial number names one unit.

    What belongs to no line of the order has a null `line_id` and its `sku`: an extra.
    """

    line_id: NotRequired[str | None]
    sku: NotRequired[str | None]
    quantity: NotRequired[int]
    """Default: 1."""
    serial_number: NotRequired[str | None]


class Receipt(TypedDict):
    """The warehouse opened a parcel. `complete`: nothing more is coming; no units: it was empty.

    `note` and `photos` (addresses, or ids in the warehouse's own system) are for whoever looks into it.
    """

    receipt_id: str
    by: NotRequired[str]
    """Default: "warehouse"."""
    location: NotRequired[str]
    """Default: "main"."""
    complete: NotRequired[bool]
    """Default: false."""
    units: NotRequired[list[ReceiptUnits]]
    note: NotRequired[str | None]
    photos: NotRequired[list[str]]


class RecordCredit(TypedDict):
    """The supplier gives money back for these units; `amount` in minor units."""

    credit_id: str
    by: str
    amount: int
    currency: str
    unit_ids: list[str]


class RecordShipment(TypedDict):
    """Everything authorised and not shipped yet went out in one shipment."""

    shipment_id: str
    by: str
    tracking_code: NotRequired[str | None]


class Refuse(TypedDict):
    """The supplier does not take these units back, or does not pay for them."""

    by: str
    unit_ids: list[str]
    reason: str


class Release(TypedDict):
    """An operator ends a return that no workflow carries."""

    by: str
    why: str


class ReleaseReservation(TypedDict):
    """Let go of what was set aside for a return that has ended; `key` is the reservation's."""

    by: str
    key: str


class RepairCheck(TypedDict):
    """The bench tested whether it works."""

    check_id: str
    by: NotRequired[str]
    """Default: "bench"."""
    passed: bool
    note: NotRequired[str | None]


class RepairWork(TypedDict):
    """The bench repaired the unit, with these parts from stock."""

    repair_id: str
    by: NotRequired[str]
    """Default: "bench"."""
    parts: NotRequired[list[Part]]
    note: NotRequired[str | None]


class Replay(TypedDict):
    """From when on events are sent again."""

    since: datetime | str
    """What happened, or was kept, since then; not in the future. Not before 2000-01-01T00:00:00Z."""


class ResolveAttention(TypedDict):
    """What to do with a step that failed for good: the oldest one, or the one named by `step`."""

    by: str
    action: Literal["retry", "mark_done", "skip"]
    reference: NotRequired[str | None]
    step: NotRequired[str | None]
    why: NotRequired[str | None]


class RetryChange(TypedDict):
    """From now on, failed steps of a partner are tried again so; what is left out stays as it is.

    Waits double from `initial_seconds` to `maximum_seconds`. A step fails for good `give_up_after_seconds`
    after its first failure. Of a partner's `Retry-After`, `retry_after_maximum_seconds` count at most. Once it
    is back after it had failed for everybody, `recovery_rps` of the steps that wait are tried each second.
    """

    by: str
    why: str
    initial_seconds: NotRequired[float | None]
    maximum_seconds: NotRequired[float | None]
    give_up_after_seconds: NotRequired[float | None]
    retry_after_maximum_seconds: NotRequired[float | None]
    recovery_rps: NotRequired[float | None]


class RetryReset(TypedDict):
    """From now on, failed steps of a partner are tried again as the code and the settings say."""

    by: str
    why: str


class ReturnRequest(TypedDict):
    """One customer sending back units of one order."""

    return_id: NotRequired[str | None]
    order: Order
    items: list[Item]
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    pickup_slot: NotRequired[TimeWindow | None]


class Rotation(TypedDict):
    """How long events are signed with the secret before, too."""

    overlap_hours: NotRequired[int]
    """0 ends the one before now. Default: 24."""


class SpendCredit(TypedDict):
    """The checkout, or an operator, pays so much of an order with a customer's store credit."""

    by: str
    customer_id: str
    """The customer's id; `guest:` and the mail address for one who bought without."""
    order_id: str
    """The order that is paid with it, or was."""
    amount: int
    """In the currency's minor unit."""
    currency: str
    """ISO 4217."""


class SubscriptionChange(TypedDict):
    """What is left out stays as it is."""

    types: NotRequired[
        list[
            Literal[
                "homeward.return.requested",
                "homeward.return.in_review",
                "homeward.return.approved_first",
                "homeward.return.approved",
                "homeward.return.declined",
                "homeward.return.kept",
                "homeward.return.label_sent",
                "homeward.return.changed",
                "homeward.return.resolution_changed",
                "homeward.return.reminded",
                "homeward.return.handed_over",
                "homeward.return.delivered",
                "homeward.return.delivery_failed",
                "homeward.return.returned_to_sender",
                "homeward.return.lost",
                "homeward.return.scan_passed_over",
                "homeward.return.received",
                "homeward.return.inspected",
                "homeward.return.came_before",
                "homeward.return.wiped",
                "homeward.return.sent_back",
                "homeward.return.bench_done",
                "homeward.return.escalated",
                "homeward.return.limit_reached",
                "homeward.return.cancelled",
                "homeward.return.cancel_refused",
                "homeward.return.expired",
                "homeward.return.reopened",
                "homeward.return.hold_placed",
                "homeward.return.hold_released",
                "homeward.return.hold_captured",
                "homeward.return.hold_expired",
                "homeward.return.charge_asked",
                "homeward.return.charge_accepted",
                "homeward.return.charge_refused",
                "homeward.return.charge_unanswered",
                "homeward.return.charge_withdrawn",
                "homeward.return.fewer_pieces",
                "homeward.return.replacement_shipped",
                "homeward.return.repaired_shipped",
                "homeward.return.shortfall",
                "homeward.return.paid_before",
                "homeward.return.refund_failed",
                "homeward.return.charge_failed",
                "homeward.return.attention",
                "homeward.return.attention_resolved",
                "homeward.return.overridden",
                "homeward.return.dropped",
                "homeward.return.released",
                "homeward.return.refunded",
                "homeward.return.credited",
                "homeward.return.replaced",
                "homeward.return.exchanged",
                "homeward.return.repaired",
                "homeward.return.rejected",
                "homeward.return.closed",
            ]
        ]
        | None
    ]
    paused: NotRequired[bool | None]
    """While it is, its events wait."""


class TakeBackCredit(TypedDict):
    """A credit was given in error: `amount` of it, or what is left, is taken back."""

    by: str
    why: str
    customer_id: str
    """The customer's id; `guest:` and the mail address for one who bought without."""
    credit_id: str
    amount: int
    """In the currency's minor unit."""


class StartReturn(TypedDict):
    """One customer sending back units of one order.

    A return of an order that the shop knows.
    """

    return_id: NotRequired[str | None]
    order: Order | NamedOrder
    items: list[Item]
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    pickup_slot: NotRequired[TimeWindow | None]


class QuoteReturn(TypedDict):
    """A request, as a quote takes it; `policy` holds overrides of the policy's money rules.

    A quote of an order that the shop knows.
    """

    return_id: NotRequired[str | None]
    order: Order | NamedOrder
    items: list[QuotedItem]
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    pickup_slot: NotRequired[TimeWindow | None]
    policy: NotRequired[MoneyRules | None]
