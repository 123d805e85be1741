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
    """Who says so."""
    why: str
    """Why, in a sentence for people."""
    return_id: str
    """The return's id."""
    kind: str
    """Which kind it is."""
    subject: NotRequired[str | None]
    """What it is about."""
    take_back: NotRequired[bool]
    """Default: false."""


class AddMessage(TypedDict):
    """One more message: the customer's, or an answer by somebody of the shop, whom `by` names."""

    message_id: str
    """The message's id; the same again changes nothing."""
    by: str
    """Who says so."""
    text: str
    """What was said."""


class AddStock(TypedDict):
    """New units that came from elsewhere, such as a delivery; they lie at `main`, as grade A."""

    by: str
    """Who says so."""
    sku: str
    """The shop's own id of the goods."""
    quantity: int
    """How many units."""


class Address(TypedDict):
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    name: NotRequired[str | None]
    """The person's, or the firm's, name."""
    line1: str
    """Street and number."""
    line2: NotRequired[str | None]
    """What else leads there."""
    city: str
    """The town."""
    state: NotRequired[str | None]
    """How far it is."""
    postal_code: NotRequired[str | None]
    """As the country writes it."""
    country: str
    """ISO 3166-1 alpha-2, such as US."""


class Piece(TypedDict):
    """So many of one thing that an exchange brings."""

    sku: str
    """The shop's own id of the goods."""
    quantity: NotRequired[int]
    """Default: 1."""


class AnswerCharge(TypedDict):
    """The customer, or staff for them, answers what an exchange would cost more than was agreed.

    `accepted`: they pay. Else they get money `instead`, a refund where nothing is said; or fewer
    pieces at no more than was agreed. `exchange_for` names the pieces that are still wanted, and
    may go with either. `amount` is the charge that they were shown; another one by now is refused.
    """

    seen: NotRequired[int | None]
    """How many timeline entries were known; refused where somebody has decided since."""
    by: str
    """Who says so."""
    accepted: bool
    """Whether the customer agrees."""
    instead: NotRequired[Literal["refund", "store_credit"] | None]
    """What the customer wants where they do not pay."""
    exchange_for: NotRequired[list[Piece] | None]
    """The pieces that are wanted instead."""
    amount: NotRequired[int | None]
    """Minor units of the currency."""


class AnswerWaiting(TypedDict):
    """An answer to all steps of a kind, that wait since `before` and whose error has `error` in it.

    `rps` of them are answered each second.
    """

    by: str
    """Who says so."""
    why: str
    """Why, in a sentence for people."""
    action: Literal["retry", "mark_done", "skip"]
    """Try the step again, take it as done elsewhere, or leave it out."""
    step: str
    """The step's kind."""
    before: datetime | str
    """Not before 2000-01-01T00:00:00Z."""
    error: NotRequired[str | None]
    """What went wrong, in Homeward's words."""
    rps: NotRequired[float]
    """Default: 5.0."""


class Approve(TypedDict):
    """An operator lets a reviewed return go on."""

    seen: NotRequired[int | None]
    """How many timeline entries were known; refused where somebody has decided since."""
    by: str
    """Who says so."""
    note: NotRequired[str | None]
    """What was noted, for people to read."""


class AskedQuestion(TypedDict):
    """A question after the sale. An id is made for one that brings none."""

    channel: NotRequired[Channel]
    """Default: "web"."""
    email: str
    """One mail address."""
    subject: str
    """What it is about."""
    text: str
    """What was said."""
    order_id: NotRequired[str | None]
    """The shop's own id of the order."""
    return_id: NotRequired[str | None]
    """The return's id."""
    queue: NotRequired[Queue | None]
    """Who answers it."""
    follows: NotRequired[str | None]
    """The case that it goes on from."""
    case_id: NotRequired[str | None]
    """The case's id."""


class AttachMessage(TypedDict):
    """Whose it is. `confirm`: though something speaks against it."""

    by: str
    """Who says so."""
    return_id: str
    """The return's id."""
    confirm: NotRequired[bool]
    """Default: false."""


class AttestWipe(TypedDict):
    """An attestation that a unit's personal data was wiped, and how."""

    seen: NotRequired[int | None]
    """How many timeline entries were known; refused where somebody has decided since."""
    by: str
    """Who says so."""
    unit_id: str
    """One piece: the line's id, a hyphen, and its number within the line, from 1."""
    how: str
    """How it was done."""


class Authorise(TypedDict):
    """The supplier takes these units back."""

    authorisation_id: str
    """The supplier's own number of the authorisation."""
    by: str
    """Who says so."""
    unit_ids: list[str]
    """The units, each `{return_id}/{unit_id}`."""


class Cancel(TypedDict):
    """The customer, or staff for them, calls the return off."""

    seen: NotRequired[int | None]
    """How many timeline entries were known; refused where somebody has decided since."""
    by: str
    """Who says so."""
    reason: NotRequired[str | None]
    """Why."""


class ExchangeItem(TypedDict):
    """What an exchange wants instead; `tax_total` is for the whole quantity."""

    sku: str
    """The shop's own id of the goods."""
    quantity: int
    """How many units."""
    unit_price: int
    """The price of one, in minor units."""
    tax_total: NotRequired[int]
    """Default: 0."""


class Item(TypedDict):
    """What comes back: so many units of one line, for one reason."""

    line_id: str
    """The order's own id of the line."""
    quantity: int
    """How many units."""
    reason: Reason
    """Why."""
    note: NotRequired[str | None]
    """What was noted, for people to read."""


class TimeWindow(TypedDict):
    """From `start` to `end`, such as when the carrier comes to the customer's door."""

    start: datetime | str
    """Not before 2000-01-01T00:00:00Z."""
    end: datetime | str
    """Not before 2000-01-01T00:00:00Z."""


class ChangeRequest(TypedDict):
    """What the customer wants otherwise, before the handover; nulls stay as they are."""

    seen: NotRequired[int | None]
    """How many timeline entries were known; refused where somebody has decided since."""
    by: str
    """Who says so."""
    items: NotRequired[list[Item] | None]
    """What comes back: so many units of a line, for one reason."""
    resolution: NotRequired[Resolution | None]
    """What the customer gets."""
    method: NotRequired[Method | None]
    """How the goods come back."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    """The pieces that are wanted instead."""
    pickup_slot: NotRequired[TimeWindow | None]
    """When the carrier shall come: one of those that are offered."""


class CloseCase(TypedDict):
    """Nothing more is to be answered; `by` the customer, or somebody of the shop."""

    by: str
    """Who says so."""
    reason: NotRequired[str | None]
    """Why."""


class Customer(TypedDict):
    """Who bought; the only personal data of a return.

    Without an id it is a guest, who is known by the mail address; without that, by the order alone. Nothing is mailed
    to who has no address for it, and nothing is fetched from or sent to who has no postal one.
    """

    customer_id: NotRequired[str]
    """The shop's own id of the customer."""
    name: NotRequired[str]
    """The person's, or the firm's, name."""
    email: NotRequired[str | None]
    """One mail address."""
    phone: NotRequired[str | None]
    """A telephone number, as the carrier takes it."""
    address: NotRequired[Address | None]
    """Where to; null where there is none, as for goods bought in store."""


class Decline(TypedDict):
    """An operator turns a reviewed return down."""

    seen: NotRequired[int | None]
    """How many timeline entries were known; refused where somebody has decided since."""
    by: str
    """Who says so."""
    reason: str
    """Why."""


class Diagnosis(TypedDict):
    """The bench looked at the unit. `estimate` is the price, tax included, of a repair out of warranty."""

    diagnosis_id: str
    """The caller's id of this diagnosis; the same again changes nothing."""
    by: NotRequired[str]
    """Default: "bench"."""
    outcome: DiagnosisOutcome
    """What was decided."""
    estimate: NotRequired[int | None]
    """What the repair costs the customer, in minor units."""
    note: NotRequired[str | None]
    """What was noted, for people to read."""


class DismissMessage(TypedDict):
    """Nothing is to be done about it."""

    by: str
    """Who says so."""
    why: str
    """Why, in a sentence for people."""


class DismissUnknown(TypedDict):
    """Nothing is to be done about all that waits from a partner for no return that there is."""

    by: str
    """Who says so."""
    why: str
    """Why, in a sentence for people."""
    source: Literal["easypost", "stripe", "warehouse", "payments"]
    """Where it was set: in the settings, or by the API."""


class EstimateAnswer(TypedDict):
    """The customer, or staff for them, accepts the estimate or refuses it."""

    by: str
    """Who says so."""
    accepted: bool
    """Whether the customer agrees."""


class GiveBackCredit(TypedDict):
    """An order that was paid with store credit came to nothing."""

    by: str
    """Who says so."""
    customer_id: str
    """The customer's id; `guest:` and the mail address for one who bought without."""
    order_id: str
    """The order that is paid with it, or was."""


class HurrySteps(TypedDict):
    """Waiting steps of a partner are tried now, so many a second; `code` names one way of failing."""

    code: NotRequired[str | None]
    """The partner's or Homeward's own code of it."""
    rps: NotRequired[float]
    """Default: 5.0."""


class InspectedUnit(TypedDict):
    """One unit's verdict. A rejected unit needs no grade; the customer reads the `note`."""

    unit_id: str
    """One piece: the line's id, a hyphen, and its number within the line, from 1."""
    accepted: NotRequired[bool]
    """Default: true."""
    grade: NotRequired[Grade | None]
    """Its condition: A as new, down to D."""
    disposition: NotRequired[Disposition | None]
    """Where it goes from the warehouse."""
    note: NotRequired[str | None]
    """What was noted, for people to read."""


class Inspection(TypedDict):
    """The warehouse looked at units; it may come in parts."""

    inspection_id: str
    """The caller's id of this inspection; the same again changes nothing."""
    by: NotRequired[str]
    """Default: "warehouse"."""
    units: list[InspectedUnit]
    """The pieces that it is about."""


class LimitChange(TypedDict):
    """From now on, at most `rps` steps of a partner begin each second: 0 is a pause, null no limit.

    With `for_seconds` it holds for so long, then what held before it. One that `ramps` is doubled every ten
    seconds, until what held before it is reached, or a hundred a second, where it is lifted.
    """

    by: str
    """Who says so."""
    why: str
    """Why, in a sentence for people."""
    rps: float | None
    """Steps a second; 0 pauses, null lifts the limit."""
    for_seconds: NotRequired[float | None]
    """How long it holds, in seconds; for good where it is left out."""
    ramps: NotRequired[bool]
    """Default: false."""


class TaxLine(TypedDict):
    """One of several taxes in a sum, such as a state's and a city's; carried, not reckoned with."""

    title: NotRequired[str]
    """What people call it."""
    rate_percent: NotRequired[float | str | None]
    """The tax's rate, in per cent."""
    amount: int
    """Minor units of the currency."""


class Line(TypedDict):
    """One order line; what ends in `_total` is for all its units together.

    `refunded_total` is all that has been given back for it, tax included: for units that came back, and for others.
    `shipped_quantity` None is all of it, `delivered_at` None the order's.
    """

    line_id: str
    """The order's own id of the line."""
    sku: str
    """The shop's own id of the goods."""
    title: NotRequired[str]
    """What people call it."""
    quantity: int
    """How many units."""
    returned_quantity: NotRequired[int]
    """Default: 0."""
    shipped_quantity: NotRequired[int | None]
    """How many of them have left the shop; all where it is left out."""
    delivered_at: NotRequired[datetime | str | None]
    """When it reached the customer; ISO 8601 with its zone. Null: not yet, so it cannot come back."""
    unit_price: int
    """The price of one, in minor units."""
    discount_total: NotRequired[int]
    """Default: 0."""
    tax_total: NotRequired[int]
    """Default: 0."""
    refunded_total: NotRequired[int]
    """Default: 0."""
    serial_numbers: NotRequired[list[str]]
    """The pieces' own numbers, where the shop keeps them."""
    final_sale: NotRequired[bool]
    """Default: false."""
    holds_personal_data: NotRequired[bool]
    """Default: false."""
    warranty_until: NotRequired[str | None]
    """The last day of the warranty, as YYYY-MM-DD."""
    supplier_id: NotRequired[str | None]
    """Who supplied it, for what goes back to them."""
    part_of: NotRequired[str | None]
    """The line of the bundle that it is part of; both come back, or neither."""
    category: NotRequired[str | None]
    """The shop's own name of the kind of goods; the policy may go by it."""
    tags: NotRequired[list[str]]
    """The shop's own marks; the policy may go by them."""
    image_url: NotRequired[str | None]
    """A picture of it, by http or https."""
    tax_lines: NotRequired[list[TaxLine]]
    """Which taxes its tax is made of."""


class OrderFee(TypedDict):
    """A fee of the order as a whole; `tax` is besides the `amount`, or in it, as with prices."""

    kind: NotRequired[FeeKind]
    """Default: "other"."""
    title: NotRequired[str]
    """What people call it."""
    amount: int
    """Minor units of the currency."""
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
    """Which taxes its tax is made of."""


class Tender(TypedDict):
    """One way the order was paid; `reference` is the payment provider's own name of it."""

    tender_id: str
    """The order's own id of the payment."""
    kind: TenderKind
    """Which kind it is."""
    captured: int
    """What was taken by it, in minor units."""
    refunded: NotRequired[int]
    """Default: 0."""
    reference: NotRequired[str | None]
    """What the payment provider calls it."""


class Order(TypedDict):
    """The order as the shop knows it; its prices, discounts and taxes are facts."""

    order_id: str
    """The shop's own id of the order."""
    placed_at: NotRequired[datetime | str | None]
    """When it was ordered; ISO 8601 with its zone."""
    delivered_at: NotRequired[datetime | str | None]
    """When it reached the customer; ISO 8601 with its zone. Null: not yet, so it cannot come back."""
    currency: str
    """ISO 4217, such as USD."""
    prices_include_tax: NotRequired[bool]
    """Default: false."""
    customer: Customer
    """Who bought."""
    lines: list[Line]
    """What was bought; each line has one SKU and one price."""
    shipping: NotRequired[Shipping]
    """Default: {"price": 0, "discount": 0, "tax": 0}."""
    fees: NotRequired[list[OrderFee]]
    """What was paid besides goods and shipping: gift wrap, duties, tips."""
    cash_rounding: NotRequired[int]
    """Default: 0."""
    payment_state: NotRequired[PaymentState]
    """Default: "paid"."""
    tenders: NotRequired[list[Tender]]
    """How it was paid."""
    locale: NotRequired[str | None]
    """The customer's language, such as en or de-AT."""
    tags: NotRequired[list[str]]
    """The shop's own marks; the policy may go by them."""


class WantedReturn(TypedDict):
    """The request of a return as far as it is known: what is left out is taken from the case and its order.

    `order_id` is another order than the case's, `order` one that the shop need not be asked for.
    """

    order_id: NotRequired[str | None]
    """The shop's own id of the order."""
    order: NotRequired[Order | None]
    """What was bought, from whom, and how it was paid."""
    items: NotRequired[list[Item] | None]
    """What comes back: so many units of a line, for one reason."""
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    """The pieces that are wanted instead."""
    pickup_slot: NotRequired[TimeWindow | None]
    """When the carrier shall come: one of those that are offered."""


class MakeReturn(TypedDict):
    """The case becomes a return; `anyway`: even if the order is not of the address that asked."""

    by: str
    """Who says so."""
    request: NotRequired[WantedReturn | None]
    """The return that shall be made."""
    anyway: NotRequired[bool]
    """Default: false."""


class MoneyRules(TypedDict):
    """How an amount is made; fees in minor units, percentages of a unit's net price."""

    refund_original_shipping: NotRequired[Literal["seller_fault", "never", "always"]]
    """Default: "seller_fault"."""
    refund_order_fees: NotRequired[list[FeeKind]]
    """Kinds of fees that are given back."""
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
    """The shop's own id of the order."""


class QuotedItem(TypedDict):
    """What would come back, and in which condition; none counts as A."""

    line_id: str
    """The order's own id of the line."""
    quantity: int
    """How many units."""
    reason: Reason
    """Why."""
    note: NotRequired[str | None]
    """What was noted, for people to read."""
    grade: NotRequired[Grade | None]
    """Its condition: A as new, down to D."""


class NamedQuote(TypedDict):
    """A quote of an order that the shop knows."""

    return_id: NotRequired[str | None]
    """The return's id."""
    order: NamedOrder
    """What was bought, from whom, and how it was paid."""
    items: list[QuotedItem]
    """What comes back: so many units of a line, for one reason."""
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    """The pieces that are wanted instead."""
    pickup_slot: NotRequired[TimeWindow | None]
    """When the carrier shall come: one of those that are offered."""
    policy: NotRequired[MoneyRules | None]
    """Money rules of the policy to try instead of the shop's."""


class NamedRequest(TypedDict):
    """A return of an order that the shop knows."""

    return_id: NotRequired[str | None]
    """The return's id."""
    order: NamedOrder
    """What was bought, from whom, and how it was paid."""
    items: list[Item]
    """What comes back: so many units of a line, for one reason."""
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    """The pieces that are wanted instead."""
    pickup_slot: NotRequired[TimeWindow | None]
    """When the carrier shall come: one of those that are offered."""


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
                "homeward.support.opened",
                "homeward.support.asked",
                "homeward.support.answered",
                "homeward.support.address_proved",
                "homeward.support.escalated",
                "homeward.support.return_wanted",
                "homeward.support.return_refused",
                "homeward.support.became_return",
                "homeward.support.closed",
                "homeward.support.close_refused",
                "homeward.support.attention",
                "homeward.support.attention_resolved",
                "homeward.support.dropped",
                "homeward.repair.diagnosing",
                "homeward.repair.diagnosed",
                "homeward.repair.awaiting_customer",
                "homeward.repair.estimate_accepted",
                "homeward.repair.estimate_refused",
                "homeward.repair.estimate_unanswered",
                "homeward.repair.repairing",
                "homeward.repair.repaired",
                "homeward.repair.checking",
                "homeward.repair.check_passed",
                "homeward.repair.check_failed",
                "homeward.repair.reminded",
                "homeward.repair.done",
                "homeward.repair.unrepairable",
                "homeward.repair.refused",
                "homeward.repair.called_off",
                "homeward.repair.attention",
                "homeward.repair.attention_resolved",
                "homeward.repair.dropped",
                "homeward.supplier.added",
                "homeward.supplier.asked",
                "homeward.supplier.reminded",
                "homeward.supplier.authorised",
                "homeward.supplier.shipped",
                "homeward.supplier.credited",
                "homeward.supplier.refused",
                "homeward.supplier.attention",
                "homeward.supplier.attention_resolved",
                "homeward.supplier.ending",
                "homeward.supplier.dropped",
                "homeward.stock.received",
                "homeward.stock.restocked",
                "homeward.stock.moved",
                "homeward.stock.reserved",
                "homeward.stock.released",
                "homeward.stock.shipped",
                "homeward.stock.used",
                "homeward.stock.added",
                "homeward.credit.issued",
                "homeward.credit.spent",
                "homeward.credit.given_back",
                "homeward.credit.taken_back",
            ]
        ]
    ]
    """The types that it gets; all when empty."""


class Override(TypedDict):
    """An operator changes a fact of the return, or of one unit, and says why."""

    seen: NotRequired[int | None]
    """How many timeline entries were known; refused where somebody has decided since."""
    by: str
    """Who says so."""
    why: str
    """Why, in a sentence for people."""
    unit_id: NotRequired[str | None]
    """One piece: the line's id, a hyphen, and its number within the line, from 1."""
    field: str
    """Which fact is changed."""
    value: NotRequired[Any]
    """What it shall be, as its field takes it."""


class Part(TypedDict):
    """So many of one spare part."""

    sku: str
    """The shop's own id of the goods."""
    quantity: NotRequired[int]
    """Default: 1."""


class PortalLinkRequest(TypedDict):
    """Which order's pages to open, for the customer who is signed in at the shop.

    `go`: `return` is the order with what can come back, `status` its latest return, `label` that return's label.
    `items` are lines that are ticked beforehand; `return_to` is where the portal leads back to.
    """

    order_id: str
    """The shop's own id of the order."""
    customer: str
    """Who bought."""
    go: NotRequired[Literal["return", "status", "label"]]
    """Default: "return"."""
    items: NotRequired[list[str]]
    """What comes back: so many units of a line, for one reason."""
    return_to: NotRequired[str | None]
    """Where the shop's customer goes back to."""


class PublicLinkRequest(TypedDict):
    """What the links show, and for how many hours."""

    show: NotRequired[list[Literal["status", "label"]]]
    """Default: ["status", "label"]."""
    valid_hours: NotRequired[int]
    """Default: 72."""


class QuoteRequest(TypedDict):
    """A request, as a quote takes it; `policy` holds overrides of the policy's money rules."""

    return_id: NotRequired[str | None]
    """The return's id."""
    order: Order
    """What was bought, from whom, and how it was paid."""
    items: list[QuotedItem]
    """What comes back: so many units of a line, for one reason."""
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    """The pieces that are wanted instead."""
    pickup_slot: NotRequired[TimeWindow | None]
    """When the carrier shall come: one of those that are offered."""
    policy: NotRequired[MoneyRules | None]
    """Money rules of the policy to try instead of the shop's."""


class ReceiptUnits(TypedDict):
    """So many units of a line in one parcel; a serial number names one unit.

    What belongs to no line of the order has a null `line_id` and its `sku`: an extra.
    """

    line_id: NotRequired[str | None]
    """The order's own id of the line."""
    sku: NotRequired[str | None]
    """The shop's own id of the goods."""
    quantity: NotRequired[int]
    """Default: 1."""
    serial_number: NotRequired[str | None]
    """The piece's own number."""


class Receipt(TypedDict):
    """The warehouse opened a parcel. `complete`: nothing more is coming; no units: it was empty.

    `note` and `photos` (addresses, or ids in the warehouse's own system) are for whoever looks into it.
    """

    receipt_id: str
    """The caller's id of this receipt; the same again changes nothing."""
    by: NotRequired[str]
    """Default: "warehouse"."""
    location: NotRequired[str]
    """Default: "main"."""
    complete: NotRequired[bool]
    """Default: false."""
    units: NotRequired[list[ReceiptUnits]]
    """The pieces that it is about."""
    note: NotRequired[str | None]
    """What was noted, for people to read."""
    photos: NotRequired[list[str]]
    """Addresses of pictures."""


class RecordCredit(TypedDict):
    """The supplier gives money back for these units; `amount` in minor units."""

    credit_id: str
    """The entry's id in the books of store credit."""
    by: str
    """Who says so."""
    amount: int
    """Minor units of the currency."""
    currency: str
    """ISO 4217, such as USD."""
    unit_ids: list[str]
    """The units, each `{return_id}/{unit_id}`."""


class RecordShipment(TypedDict):
    """Everything authorised and not shipped yet went out in one shipment."""

    shipment_id: str
    """The shop's own id of the shipment."""
    by: str
    """Who says so."""
    tracking_code: NotRequired[str | None]
    """The carrier's own number of the parcel."""


class Refuse(TypedDict):
    """The supplier does not take these units back, or does not pay for them."""

    by: str
    """Who says so."""
    unit_ids: list[str]
    """The units, each `{return_id}/{unit_id}`."""
    reason: str
    """Why."""


class Release(TypedDict):
    """An operator ends a return that no workflow carries."""

    by: str
    """Who says so."""
    why: str
    """Why, in a sentence for people."""


class ReleaseReservation(TypedDict):
    """Let go of what was set aside for a return that has ended; `key` is the reservation's."""

    by: str
    """Who says so."""
    key: str
    """Which one it is."""


class RepairCheck(TypedDict):
    """The bench tested whether it works."""

    check_id: str
    """The caller's id of this check; the same again changes nothing."""
    by: NotRequired[str]
    """Default: "bench"."""
    passed: bool
    """Whether it works."""
    note: NotRequired[str | None]
    """What was noted, for people to read."""


class RepairWork(TypedDict):
    """The bench repaired the unit, with these parts from stock."""

    repair_id: str
    """The caller's id of this work; the same again changes nothing."""
    by: NotRequired[str]
    """Default: "bench"."""
    parts: NotRequired[list[Part]]
    """What the repair took from stock."""
    note: NotRequired[str | None]
    """What was noted, for people to read."""


class Replay(TypedDict):
    """From when on events are sent again."""

    since: datetime | str
    """What happened, or was kept, since then; not in the future. Not before 2000-01-01T00:00:00Z."""


class ResolveAttention(TypedDict):
    """What to do with a step that failed for good: the oldest one, or the one named by `step`."""

    seen: NotRequired[int | None]
    """How many timeline entries were known; refused where somebody has decided since."""
    by: str
    """Who says so."""
    action: Literal["retry", "mark_done", "skip"]
    """Try the step again, take it as done elsewhere, or leave it out."""
    reference: NotRequired[str | None]
    """What the payment provider calls it."""
    step: NotRequired[str | None]
    """The step's kind."""
    why: NotRequired[str | None]
    """Why, in a sentence for people."""


class RetryChange(TypedDict):
    """From now on, failed steps of a partner are tried again so; what is left out stays as it is.

    Waits double from `initial_seconds` to `maximum_seconds`. A step fails for good `give_up_after_seconds`
    after its first failure. Of a partner's `Retry-After`, `retry_after_maximum_seconds` count at most. Once it
    is back after it had failed for everybody, `recovery_rps` of the steps that wait are tried each second.
    """

    by: str
    """Who says so."""
    why: str
    """Why, in a sentence for people."""
    initial_seconds: NotRequired[float | None]
    """Seconds before the first repeat of a failed step."""
    maximum_seconds: NotRequired[float | None]
    """Seconds between repeats at most."""
    give_up_after_seconds: NotRequired[float | None]
    """After how many seconds of failing a step waits for an operator."""
    retry_after_maximum_seconds: NotRequired[float | None]
    """How long a partner may ask to be left alone, in seconds."""
    recovery_rps: NotRequired[float | None]
    """Steps a second that are tried once the partner works again."""


class RetryReset(TypedDict):
    """From now on, failed steps of a partner are tried again as the code and the settings say."""

    by: str
    """Who says so."""
    why: str
    """Why, in a sentence for people."""


class ReturnRequest(TypedDict):
    """One customer sending back units of one order."""

    return_id: NotRequired[str | None]
    """The return's id."""
    order: Order
    """What was bought, from whom, and how it was paid."""
    items: list[Item]
    """What comes back: so many units of a line, for one reason."""
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    """The pieces that are wanted instead."""
    pickup_slot: NotRequired[TimeWindow | None]
    """When the carrier shall come: one of those that are offered."""


class Rotation(TypedDict):
    """How long events are signed with the secret before, too."""

    overlap_hours: NotRequired[int]
    """0 ends the one before now. Default: 24."""


class SpendCredit(TypedDict):
    """The checkout, or an operator, pays so much of an order with a customer's store credit."""

    by: str
    """Who says so."""
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
                "homeward.support.opened",
                "homeward.support.asked",
                "homeward.support.answered",
                "homeward.support.address_proved",
                "homeward.support.escalated",
                "homeward.support.return_wanted",
                "homeward.support.return_refused",
                "homeward.support.became_return",
                "homeward.support.closed",
                "homeward.support.close_refused",
                "homeward.support.attention",
                "homeward.support.attention_resolved",
                "homeward.support.dropped",
                "homeward.repair.diagnosing",
                "homeward.repair.diagnosed",
                "homeward.repair.awaiting_customer",
                "homeward.repair.estimate_accepted",
                "homeward.repair.estimate_refused",
                "homeward.repair.estimate_unanswered",
                "homeward.repair.repairing",
                "homeward.repair.repaired",
                "homeward.repair.checking",
                "homeward.repair.check_passed",
                "homeward.repair.check_failed",
                "homeward.repair.reminded",
                "homeward.repair.done",
                "homeward.repair.unrepairable",
                "homeward.repair.refused",
                "homeward.repair.called_off",
                "homeward.repair.attention",
                "homeward.repair.attention_resolved",
                "homeward.repair.dropped",
                "homeward.supplier.added",
                "homeward.supplier.asked",
                "homeward.supplier.reminded",
                "homeward.supplier.authorised",
                "homeward.supplier.shipped",
                "homeward.supplier.credited",
                "homeward.supplier.refused",
                "homeward.supplier.attention",
                "homeward.supplier.attention_resolved",
                "homeward.supplier.ending",
                "homeward.supplier.dropped",
                "homeward.stock.received",
                "homeward.stock.restocked",
                "homeward.stock.moved",
                "homeward.stock.reserved",
                "homeward.stock.released",
                "homeward.stock.shipped",
                "homeward.stock.used",
                "homeward.stock.added",
                "homeward.credit.issued",
                "homeward.credit.spent",
                "homeward.credit.given_back",
                "homeward.credit.taken_back",
            ]
        ]
        | None
    ]
    """Which types of events are wanted; all where it is empty."""
    paused: NotRequired[bool | None]
    """While it is, its events wait."""


class TakeBackCredit(TypedDict):
    """A credit was given in error: `amount` of it, or what is left, is taken back."""

    by: str
    """Who says so."""
    why: str
    """Why, in a sentence for people."""
    customer_id: str
    """The customer's id; `guest:` and the mail address for one who bought without."""
    credit_id: str
    """The entry's id in the books of store credit."""
    amount: int
    """In the currency's minor unit."""


class StartReturn(TypedDict):
    """One customer sending back units of one order.

    A return of an order that the shop knows.
    """

    return_id: NotRequired[str | None]
    """The return's id."""
    order: Order | NamedOrder
    items: list[Item]
    """What comes back: so many units of a line, for one reason."""
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    """The pieces that are wanted instead."""
    pickup_slot: NotRequired[TimeWindow | None]
    """When the carrier shall come: one of those that are offered."""


class QuoteReturn(TypedDict):
    """A request, as a quote takes it; `policy` holds overrides of the policy's money rules.

    A quote of an order that the shop knows.
    """

    return_id: NotRequired[str | None]
    """The return's id."""
    order: Order | NamedOrder
    items: list[QuotedItem]
    """What comes back: so many units of a line, for one reason."""
    resolution: NotRequired[Resolution]
    """Default: "refund"."""
    method: NotRequired[Method]
    """Default: "mail"."""
    channel: NotRequired[Channel]
    """Default: "web"."""
    exchange_for: NotRequired[list[ExchangeItem] | None]
    """The pieces that are wanted instead."""
    pickup_slot: NotRequired[TimeWindow | None]
    """When the carrier shall come: one of those that are offered."""
    policy: NotRequired[MoneyRules | None]
    """Money rules of the policy to try instead of the shop's."""
