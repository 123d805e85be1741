"""What was bought: the lines of an order, and the way out."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from lifecycle.contract.errors import problem
from lifecycle.contract.orders.amounts import Amount, Count, Flag, RareAmount
from lifecycle.contract.scanned_codes import folded
from lifecycle.contract.texts import Identifier, LongLine, Reference, ShortWords
from lifecycle.contract.times import Day, Instant


def _is_none(value: object) -> bool:
    return value is None


class TaxLine(BaseModel):
    """One of several taxes in a sum, such as a state's and a city's; carried, not reckoned with."""

    title: ShortWords = ""
    rate_percent: Annotated[Decimal | None, Field(ge=0, le=1000, max_digits=10, decimal_places=6)] = None
    amount: Amount


#: Carried with the order for whoever reads it; left out where there are none.
Tags = Annotated[list[ShortWords], Field(max_length=100, exclude_if=lambda tags: not tags)]
TaxLines = Annotated[list[TaxLine], Field(max_length=20, exclude_if=lambda lines: not lines)]
WebAddress = Annotated[Reference, Field(pattern=r"^https?://[^\s\x00]+$")]


def _add_up(tax_lines: list[TaxLine], tax: int) -> None:
    if tax_lines and sum(line.amount for line in tax_lines) != tax:
        raise problem("tax_lines", f"amounts that add up to the tax of {tax}")


class Line(BaseModel):
    """One order line; what ends in ``_total`` is for all its units together.

    ``refunded_total`` is all that has been given back for it, tax included: for units that came back, and for others.
    ``shipped_quantity`` None is all of it, ``delivered_at`` None the order's.
    """

    line_id: Identifier
    sku: Identifier
    title: LongLine = ""
    quantity: Count
    returned_quantity: Annotated[int, Field(strict=True, ge=0)] = 0
    shipped_quantity: Annotated[int | None, Field(strict=True, ge=0, exclude_if=_is_none)] = None
    delivered_at: Annotated[Instant | None, Field(exclude_if=_is_none)] = None
    unit_price: Amount
    discount_total: Amount = 0
    tax_total: Amount = 0
    refunded_total: RareAmount = 0
    serial_numbers: list[Identifier] = []
    final_sale: Flag = False
    holds_personal_data: Flag = False
    warranty_until: Day | None = None
    supplier_id: Identifier | None = None
    #: The line of the set that it belongs to, whose price is on that line.
    part_of: Annotated[Identifier | None, Field(exclude_if=_is_none)] = None
    category: Annotated[ShortWords | None, Field(exclude_if=_is_none)] = None
    tags: Tags = []
    image_url: Annotated[WebAddress | None, Field(exclude_if=_is_none)] = None
    tax_lines: TaxLines = []

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.returned_quantity > self.quantity:
            raise problem("returned_quantity", f"at most the {self.quantity} that were bought")
        if self.shipped_quantity is not None and not self.returned_quantity <= self.shipped_quantity <= self.quantity:
            expected = f"from the {self.returned_quantity} that came back to the {self.quantity} that were bought"
            raise problem("shipped_quantity", expected)
        if self.discount_total > self.quantity * self.unit_price:
            raise problem("discount_total", f"at most the line's price of {self.quantity * self.unit_price}")
        if len(self.serial_numbers) > self.quantity:
            raise problem("serial_numbers", f"at most {self.quantity}, one for each unit")
        if len(set(map(folded, self.serial_numbers))) < len(self.serial_numbers):
            raise problem("serial_numbers", "each serial number once")
        _add_up(self.tax_lines, self.tax_total)
        return self


class FeeKind(StrEnum):
    """What the customer paid for besides goods and shipping."""

    GIFT_WRAP = "gift_wrap"
    DUTIES = "duties"
    TIP = "tip"
    PAYMENT = "payment"
    OTHER = "other"


class OrderFee(BaseModel):
    """A fee of the order as a whole; ``tax`` is besides the ``amount``, or in it, as with prices."""

    kind: FeeKind = FeeKind.OTHER
    title: LongLine = ""
    amount: Amount
    tax: Amount = 0


class Shipping(BaseModel):
    """What the customer paid for the way out; ``refunded_total`` of it has been given back, tax included."""

    price: Amount = 0
    discount: Amount = 0
    tax: Amount = 0
    refunded_total: RareAmount = 0
    tax_lines: TaxLines = []

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.discount > self.price:
            raise problem("discount", f"at most the shipping price of {self.price}")
        _add_up(self.tax_lines, self.tax)
        return self
