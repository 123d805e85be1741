"""The request that starts a return (CONTRACT section 4), checked field by field.

All money is an integer in the minor unit of ``order.currency`` (ISO 4217 exponent), all
instants are timezone-aware. Workflow payloads may hold unknown fields, so that old workers
and new callers can meet, and answers name them; ``parse_request(..., forbid_unknown=True)`` is for the command
line and the API, where an unknown field is a typing error and texts are judged strictly
(``lifecycle.contract.texts``).
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema

from lifecycle.contract.errors import InvalidRequest, fault_of, problem
from lifecycle.contract.orders.amounts import Amount, Count, Flag
from lifecycle.contract.orders.customer import Address, Customer
from lifecycle.contract.orders.lines import Line
from lifecycle.contract.orders.order import Order
from lifecycle.contract.orders.payment import Tender
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.sizes import MOST_UNITS, check_order, check_return
from lifecycle.contract.texts import AT_BOUNDARY, Identifier, ReturnId, Text, Words
from lifecycle.contract.times import PickupSlot

#: An order is a part of a request: whoever reads requests finds its models here too.
__all__ = ["Address", "Amount", "Count", "Customer", "Flag", "Line", "Order", "Tender"]


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
        raise InvalidRequest(problems(error), faults(error)) from None


def problems(error: ValidationError) -> list[tuple[str, str]]:
    """``(field, what is wrong)`` for each problem; fields are dotted paths from the root.

    Values are left out on purpose: they may be personal, and these texts reach logs.
    """
    return [(field, text) for field, _, text in _all(error)]


def faults(error: ValidationError) -> dict[str, str]:
    """The kind of fault of each field, as ``lifecycle.contract.errors.FAULTS`` names them."""
    return {field: kind for field, kind, _ in _all(error)}


def _all(error: ValidationError) -> Iterator[tuple[str, str, str]]:
    for item in error.errors(include_url=False, include_input=False):
        inner = (item.get("ctx") or {}).get("field", "")
        # Pydantic marks a wrong key of a mapping with a part of its own.
        path = ".".join(str(part) for part in (*item["loc"], inner) if part not in ("", "[key]"))
        yield (path or "body", *fault_of(item))
