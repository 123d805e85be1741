"""The order that a return is of (CONTRACT section 4); ``docs/orders.md`` says what each field means."""

from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, Field, ValidationInfo, model_validator

from lifecycle.contract.errors import problem
from lifecycle.contract.money import is_currency
from lifecycle.contract.orders.amounts import Flag
from lifecycle.contract.orders.customer import Customer
from lifecycle.contract.orders.lines import FeeKind, Line, OrderFee, Shipping, Tags
from lifecycle.contract.orders.payment import PaymentState, Tender, most_rounding
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.texts import Identifier
from lifecycle.contract.times import Instant

#: Clocks of the shop's systems may differ by this much before a date counts as future.
CLOCK_SKEW = timedelta(minutes=5)

_LOCALE = r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$"


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
    #: What was paid for besides; it goes back with the shipping, where the policy lists its kind.
    fees: Annotated[list[OrderFee], Field(max_length=50, exclude_if=lambda fees: not fees)] = []
    #: What the total was rounded by because it was paid in cash, up or down.
    cash_rounding: Annotated[int, Field(strict=True, exclude_if=lambda amount: amount == 0)] = 0
    payment_state: Annotated[PaymentState, Field(exclude_if=lambda state: state == PaymentState.PAID)] = (
        PaymentState.PAID
    )
    tenders: Annotated[list[Tender], Field(max_length=20)] = []
    #: As BCP 47 names it: what the customer reads.
    locale: Annotated[Annotated[str, Field(pattern=_LOCALE)] | None, Field(exclude_if=lambda name: name is None)] = None
    tags: Tags = []

    @cached_property
    def _by_id(self) -> dict[str, Line]:
        return {line.line_id: line for line in self.lines}

    def line(self, line_id: str) -> Line:
        """The line of that id; ``KeyError`` when the order has none."""
        return self._by_id[line_id]

    def delivered(self, line: Line) -> datetime | None:
        """When the line was delivered; None where it has not been yet."""
        return line.delivered_at or self.delivered_at

    def set_of(self, line: Line) -> list[Line]:
        """The lines of a set, by any of them: its own first, then its parts; alone for what belongs to none."""
        whole = self._by_id[line.part_of] if line.part_of else line
        return [whole, *(part for part in self.lines if part.part_of == whole.line_id)]

    @property
    def units(self) -> int:
        """How many pieces were bought."""
        return sum(line.quantity for line in self.lines)

    @property
    def total(self) -> int:
        """What the order cost: lines and shipping after discounts, and fees, tax included; in cash, as rounded."""
        lines = sum(self._paid_for(line) for line in self.lines)
        return lines + self._paid_for_shipping + self.paid_for_fees(frozenset(FeeKind)) + self.cash_rounding

    def paid_for_fees(self, kinds: Container[FeeKind]) -> int:
        """What the customer paid for fees of these kinds, tax included."""
        return sum(fee.amount + self._besides(fee.tax) for fee in self.fees if fee.kind in kinds)

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
        if not self.customer.customer_id:
            self.customer.call_guest(f"order {self.order_id}")
        _once("lines", "line_id", (line.line_id for line in self.lines))
        _once("tenders", "tender_id", (tender.tender_id for tender in self.tenders))
        self._taxes_fit()
        self._refunds_fit()
        self._sets_fit()
        self._is_rounded_as_cash()
        if (info.context or {}).get("at_boundary"):
            self._names_no_credit()
        self._is_paid()
        self._dates_fit((info.context or {}).get("now"))
        return self

    def _is_paid(self) -> None:
        if not self.payment_state.in_full:
            return
        captured = sum(tender.captured for tender in self.tenders)
        if captured < self.total:
            raise problem("tenders", f"captured amounts that cover the order's total of {self.total}, got {captured}")
        if not self.tenders:
            raise problem("tenders", "at least one, of an order that is paid")

    def _is_rounded_as_cash(self) -> None:
        if abs(self.cash_rounding) > (most := most_rounding(self.currency)):
            raise problem("cash_rounding", f"from -{most} to {most}")

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
        for number, fee in enumerate(self.fees):
            if fee.tax > fee.amount:
                raise problem(f"fees.{number}.tax", "at most the amount that includes it")

    def _refunds_fit(self) -> None:
        for number, line in enumerate(self.lines):
            if line.refunded_total > (paid := self._paid_for(line)):
                raise problem(f"lines.{number}.refunded_total", f"at most the {paid} that were paid for the line")
        if self.shipping.refunded_total > (paid := self._paid_for_shipping):
            raise problem("shipping.refunded_total", f"at most the {paid} that were paid for shipping")

    def _sets_fit(self) -> None:
        for number, line in enumerate(self.lines):
            if line.part_of is None:
                continue
            whole = self._by_id.get(line.part_of)
            if whole is None or whole.part_of is not None:
                raise problem(f"lines.{number}.part_of", "a line of the order that is no part itself")
            if line.quantity % whole.quantity:
                raise problem(f"lines.{number}.quantity", f"a multiple of the {whole.quantity} of line {whole.line_id}")

    def _dates_fit(self, now: datetime | None) -> None:
        of_lines = {f"lines.{number}.delivered_at": line.delivered_at for number, line in enumerate(self.lines)}
        delivered = {"delivered_at": self.delivered_at, **of_lines}
        for field, value in delivered.items():
            if self.placed_at and value and value < self.placed_at:
                raise problem(field, "not before placed_at")
        for field, value in {"placed_at": self.placed_at, **delivered}.items():
            if now and value and value > now + CLOCK_SKEW:
                raise problem(field, "a date that is not in the future")


def _once(field: str, key: str, values: Iterable[str]) -> None:
    seen = set()
    for number, value in enumerate(values):
        if value in seen:
            raise problem(f"{field}.{number}.{key}", f"each {key} once, got {value} again")
        seen.add(value)
