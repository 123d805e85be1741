"""The request that starts a return (CONTRACT section 4), checked field by field.

All money is an integer in the minor unit of ``order.currency`` (ISO 4217 exponent), all
instants are timezone-aware. Workflow payloads ignore unknown fields so that old workers
and new callers can meet; ``parse_request(..., forbid_unknown=True)`` is for the command
line and the API, where an unknown field is a typing error and texts are judged strictly
(``lifecycle.contract.texts``).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, model_validator
from pydantic.json_schema import SkipJsonSchema

from lifecycle.contract.errors import InvalidRequest, problem
from lifecycle.contract.money import is_currency
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.scanned_codes import folded
from lifecycle.contract.sizes import MOST_UNITS, check_order, check_return
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.texts import (
    AT_BOUNDARY,
    EmailAddress,
    Identifier,
    LongLine,
    MaybeWords,
    ReturnId,
    ShortWords,
    Text,
    Words,
)
from lifecycle.contract.times import Day, Instant, PickupSlot

#: Clocks of the shop's systems may differ by this much before a date counts as future.
CLOCK_SKEW = timedelta(minutes=5)

#: Money in minor units; strict, so that 40.0, "40" and true are refused.
Amount = Annotated[int, Field(strict=True, ge=0, le=10**12)]
#: Left out of what is sent and recorded where it is 0: an order without it takes no more room than before.
RareAmount = Annotated[Amount, Field(exclude_if=lambda amount: amount == 0)]
Count = Annotated[int, Field(strict=True, ge=1, le=1000)]
Flag = Annotated[bool, Field(strict=True)]


class Reason(StrEnum):
    """Why the customer sends a unit back."""

    DEFECTIVE = "defective"
    NOT_AS_DESCRIBED = "not_as_described"
    WRONG_ITEM = "wrong_item"
    DAMAGED_IN_TRANSIT = "damaged_in_transit"
    SIZE_TOO_SMALL = "size_too_small"
    SIZE_TOO_LARGE = "size_too_large"
    COLOR = "color"
    STYLE = "style"
    UNWANTED = "unwanted"
    OTHER = "other"

    @property
    def sellers_fault(self) -> bool:
        """Whether the shop bears this reason's costs: no fee, no deduction (CONTRACT section 3)."""
        return self in _SELLERS_FAULT


_SELLERS_FAULT = frozenset({Reason.DEFECTIVE, Reason.NOT_AS_DESCRIBED, Reason.WRONG_ITEM, Reason.DAMAGED_IN_TRANSIT})


class Method(StrEnum):
    """How the goods come back."""

    MAIL = "mail"
    PICKUP = "pickup"
    DROP_OFF = "drop_off"


class Channel(StrEnum):
    """Where the customer asked; recorded, the path is the same."""

    WEB = "web"
    EMAIL = "email"
    PHONE = "phone"
    CHAT = "chat"
    STORE = "store"


class Address(BaseModel):
    """A postal address; ``country`` is ISO 3166-1 alpha-2."""

    name: LongLine | None = None
    line1: Words
    line2: MaybeWords | None = None
    city: Words
    state: ShortWords | None = None
    postal_code: ShortWords | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Customer(BaseModel):
    """Who bought; the only personal data of a return."""

    customer_id: Identifier
    name: Words
    email: EmailAddress
    phone: ShortWords | None = None
    address: Address


class Line(BaseModel):
    """One order line; what ends in ``_total`` is for all its units together.

    ``refunded_total`` is all that has been given back for it, tax included: for units that came back, and for others.
    """

    line_id: Identifier
    sku: Identifier
    title: LongLine = ""
    quantity: Count
    returned_quantity: Annotated[int, Field(strict=True, ge=0)] = 0
    unit_price: Amount
    discount_total: Amount = 0
    tax_total: Amount = 0
    refunded_total: RareAmount = 0
    serial_numbers: list[Identifier] = []
    final_sale: Flag = False
    holds_personal_data: Flag = False
    warranty_until: Day | None = None
    supplier_id: Identifier | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.returned_quantity > self.quantity:
            raise problem("returned_quantity", f"at most the {self.quantity} that were bought")
        if self.discount_total > self.quantity * self.unit_price:
            raise problem("discount_total", f"at most the line's price of {self.quantity * self.unit_price}")
        if len(self.serial_numbers) > self.quantity:
            raise problem("serial_numbers", f"at most {self.quantity}, one for each unit")
        if len(set(map(folded, self.serial_numbers))) < len(self.serial_numbers):
            raise problem("serial_numbers", "each serial number once")
        return self


class Shipping(BaseModel):
    """What the customer paid for the way out; ``refunded_total`` of it has been given back, tax included."""

    price: Amount = 0
    discount: Amount = 0
    tax: Amount = 0
    refunded_total: RareAmount = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.discount > self.price:
            raise problem("discount", f"at most the shipping price of {self.price}")
        return self


class Tender(BaseModel):
    """One way the order was paid; ``reference`` is the payment provider's own name of it."""

    tender_id: Identifier
    kind: TenderKind
    captured: Amount
    refunded: Amount = 0
    reference: Words | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.refunded > self.captured:
            raise problem("refunded", f"at most the {self.captured} that were captured")
        return self


class Order(BaseModel):
    """The order as the shop knows it; its prices, discounts and taxes are facts."""

    order_id: Identifier
    placed_at: Instant | None = None
    delivered_at: Instant | None = None
    currency: str
    prices_include_tax: Flag = False
    customer: Customer
    lines: Annotated[list[Line], Field(min_length=1, max_length=500)]
    shipping: Shipping = Shipping()
    tenders: Annotated[list[Tender], Field(min_length=1, max_length=20)]

    @cached_property
    def _by_id(self) -> dict[str, Line]:
        return {line.line_id: line for line in self.lines}

    def line(self, line_id: str) -> Line:
        """The line of that id; ``KeyError`` when the order has none."""
        return self._by_id[line_id]

    @property
    def units(self) -> int:
        """How many pieces were bought."""
        return sum(line.quantity for line in self.lines)

    @property
    def total(self) -> int:
        """What the order cost: lines and shipping after discounts, tax included."""
        return sum(self._paid_for(line) for line in self.lines) + self._paid_for_shipping

    def _paid_for(self, line: Line) -> int:
        return line.quantity * line.unit_price - line.discount_total + self._besides(line.tax_total)

    @property
    def _paid_for_shipping(self) -> int:
        return self.shipping.price - self.shipping.discount + self._besides(self.shipping.tax)

    def _besides(self, tax: int) -> int:
        """The part of a tax that prices do not hold already."""
        return 0 if self.prices_include_tax else tax

    @model_validator(mode="after")
    def _is_sound(self, info: ValidationInfo) -> Self:
        if not is_currency(self.currency):
            raise problem("currency", "an ISO 4217 code such as USD")
        _once("lines", "line_id", (line.line_id for line in self.lines))
        _once("tenders", "tender_id", (tender.tender_id for tender in self.tenders))
        self._taxes_fit()
        self._refunds_fit()
        if (info.context or {}).get("at_boundary"):
            self._names_no_credit()
        captured = sum(tender.captured for tender in self.tenders)
        if captured < self.total:
            raise problem("tenders", f"captured amounts that cover the order's total of {self.total}, got {captured}")
        self._dates_fit((info.context or {}).get("now"))
        return self

    def _names_no_credit(self) -> None:
        """``store_credit`` is where the credit goes that Homeward itself gives: no card can be called so."""
        for number, tender in enumerate(self.tenders):
            if tender.tender_id == TenderKind.STORE_CREDIT and tender.kind is not TenderKind.STORE_CREDIT:
                raise problem(f"tenders.{number}.tender_id", "another id for what is no store credit")

    def _taxes_fit(self) -> None:
        if not self.prices_include_tax:
            return
        for number, line in enumerate(self.lines):
            if line.tax_total > line.quantity * line.unit_price - line.discount_total:
                raise problem(f"lines.{number}.tax_total", "at most the price that includes it")

    def _refunds_fit(self) -> None:
        for number, line in enumerate(self.lines):
            if line.refunded_total > (paid := self._paid_for(line)):
                raise problem(f"lines.{number}.refunded_total", f"at most the {paid} that were paid for the line")
        if self.shipping.refunded_total > (paid := self._paid_for_shipping):
            raise problem("shipping.refunded_total", f"at most the {paid} that were paid for shipping")

    def _dates_fit(self, now: datetime | None) -> None:
        if self.placed_at and self.delivered_at and self.delivered_at < self.placed_at:
            raise problem("delivered_at", "not before placed_at")
        for field in ("placed_at", "delivered_at"):
            value: datetime | None = getattr(self, field)
            if now and value and value > now + CLOCK_SKEW:
                raise problem(field, "a date that is not in the future")


class Item(BaseModel):
    """What comes back: so many units of one line, for one reason."""

    line_id: Identifier
    quantity: Count
    reason: Reason
    note: Text | None = None


class ExchangeItem(BaseModel):
    """What an exchange wants instead; ``tax_total`` is for the whole quantity."""

    sku: Identifier
    quantity: Count
    unit_price: Amount
    tax_total: Amount = 0


class ReturnRequest(BaseModel):
    """One customer sending back units of one order."""

    return_id: ReturnId | None = None
    order: Order
    items: Annotated[list[Item], Field(min_length=1, max_length=500)]
    resolution: Resolution = Resolution.REFUND
    method: Method = Method.MAIL
    channel: Channel = Channel.WEB
    exchange_for: list[ExchangeItem] | None = None
    pickup_slot: PickupSlot | None = None
    #: The API key whose word stands for the order; set by the API alone.
    vouched_by: SkipJsonSchema[Annotated[Words | None, Field(exclude_if=lambda key: key is None)]] = None

    @model_validator(mode="after")
    def _fits_the_order(self) -> Self:
        asked: Counter[str] = Counter()
        bought = {line.line_id: line.quantity for line in self.order.lines}
        for number, item in enumerate(self.items):
            if item.line_id not in bought:
                raise problem(f"items.{number}.line_id", f"a line of the order, got {item.line_id}")
            asked[item.line_id] += item.quantity
            if asked[item.line_id] > bought[item.line_id]:
                expected = f"at most the {bought[item.line_id]} bought on line {item.line_id}"
                raise problem(f"items.{number}.quantity", expected)
        if self.resolution is Resolution.EXCHANGE and not self.exchange_for:
            raise problem("exchange_for", "the items wanted instead, for the resolution exchange")
        return self


class NamedOrder(BaseModel):
    """An order that the shop knows, by its id."""

    order_id: Identifier


class NamedRequest(ReturnRequest):
    """A return of an order that the shop knows."""

    order: NamedOrder  # type: ignore[assignment]  # the order is looked up

    @model_validator(mode="after")
    def _fits_the_order(self) -> Self:
        """Judged once the order is there."""
        return self


def parse_request(raw: Any, *, now: datetime, forbid_unknown: bool = False) -> ReturnRequest:
    """Check a request and give it its types.

    ``now`` bounds the order's dates. Raises ``InvalidRequest``, whose message names every
    field that is wrong and what was expected, e.g. ``order.lines.0.unit_price: ...``.
    """
    if forbid_unknown and isinstance(raw, dict) and "vouched_by" in raw:
        raise InvalidRequest([("vouched_by", "expected no such field")])
    with invalid_as_request_error():
        request = ReturnRequest.model_validate(
            raw,
            context={"now": now} | (AT_BOUNDARY if forbid_unknown else {}),
            extra="forbid" if forbid_unknown else "ignore",
        )
    if sum(item.quantity for item in request.items) > MOST_UNITS:
        raise InvalidRequest([("items", f"expected at most {MOST_UNITS} units in one return")])
    if forbid_unknown:
        check_order(request.order, "order.lines")
        check_return(request)
    return request


@contextmanager
def invalid_as_request_error() -> Iterator[None]:
    """Raise ``InvalidRequest``, which names every field that is wrong, where Pydantic finds some."""
    try:
        yield
    except ValidationError as error:
        raise InvalidRequest(problems(error)) from None


def problems(error: ValidationError) -> list[tuple[str, str]]:
    """``(field, what is wrong)`` for each problem; fields are dotted paths from the root.

    Values are left out on purpose: they may be personal, and these texts reach logs.
    """
    found = []
    for item in error.errors(include_url=False, include_input=False):
        inner = (item.get("ctx") or {}).get("field", "")
        # Pydantic marks a wrong key of a mapping with a part of its own.
        path = ".".join(str(part) for part in (*item["loc"], inner) if part not in ("", "[key]"))
        found.append((path or "body", item["msg"]))
    return found


def _once(field: str, key: str, values: Iterable[str]) -> None:
    seen = set()
    for number, value in enumerate(values):
        if value in seen:
            raise problem(f"{field}.{number}.{key}", f"each {key} once, got {value} again")
        seen.add(value)
