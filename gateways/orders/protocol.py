"""What Homeward asks of the shop's orders."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from pydantic import BaseModel, ValidationError

from gateways.errors import Declined
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.order_ids import spellings
from lifecycle.contract.request import Amount, Order, faults, problems
from lifecycle.contract.sizes import check_order
from lifecycle.contract.texts import AT_BOUNDARY, Identifier, LongLine

#: No blanks, no ``@``, and a digit.
_LIKE_AN_ID: Final = re.compile(r"(?=.*\d)\w[\w.:/-]{0,59}$")
#: Of a very wrong order, so many fields that are wrong stand in a log.
_MOST_FIELDS: Final = 20


class Alternative(BaseModel):
    """Something that a line's unit can be exchanged for; price and tax of one unit, in minor units."""

    sku: Identifier
    title: LongLine = ""
    unit_price: Amount
    tax_total: Amount = 0


class _Line(BaseModel):
    line_id: Identifier
    exchanges: list[Alternative] = []


class _Lines(BaseModel):
    lines: list[_Line]


@dataclass(frozen=True)
class FoundOrder:
    """An order, and what its lines can be exchanged for, by ``line_id``."""

    order: Order
    alternatives: Mapping[str, tuple[Alternative, ...]] = field(default_factory=dict)


class OrderRefused(Declined):
    """An order that is not given, or that cannot be taken: asking again does not help.

    ``order_id`` is what was asked for; ``fields`` names what is wrong with what came.
    """

    def __init__(self, message: str, code: str, order_id: str, wrong: InvalidRequest | None = None) -> None:
        self.order_id = order_id
        self.fields = [field for field, _ in wrong.problems] if wrong else []
        super().__init__(f"{message}: {wrong}" if wrong else message, code)

    @property
    def facts(self) -> dict[str, str | list[str]]:
        """See the base; what was typed in the place of an id, such as a name or a mail address, is left out."""
        bare, found = self.order_id.strip().lstrip("#"), dict[str, str | list[str]]()
        if _LIKE_AN_ID.match(bare):
            found["order_id"] = bare
        if self.fields:
            found["fields"] = self.fields[:_MOST_FIELDS]
        return found


class Orders(Protocol):
    """Where orders come from; raises ``gateways.errors``, ``OrderRefused`` among them."""

    async def find(self, order_id: str) -> FoundOrder | None:
        """One order by an id, or by what somebody typed as one; None when there is none.

        The id of the order that is answered is its id, however it was asked for.
        """
        ...

    async def close(self) -> None:
        """Let connections go."""
        ...


class KeptOrders(Orders, Protocol):
    """The same, for whoever wants to know what is wrong with an order."""

    async def ask(self, order_id: str) -> Any | None:
        """One order as it is kept, unchecked; None when there is none. Raises ``gateways.errors``."""
        ...


async def search(orders: Orders, typed: str) -> AsyncIterator[FoundOrder]:
    """The orders that somebody who typed this may mean, each once; raises ``gateways.errors``.

    That one spelling of it is refused is raised last: another may be the order.
    """
    seen, refused = set(), None
    for name in spellings(typed):
        try:
            found = await orders.find(name)
        except OrderRefused as error:
            refused = refused or error
            continue
        if found and found.order.order_id not in seen:
            seen.add(found.order.order_id)
            yield found
    if refused:
        raise refused


def read_order(raw: Any, now: datetime, *, forbid_unknown: bool = False) -> FoundOrder:
    """Check an order of CONTRACT section 4, whose lines may have ``exchanges``.

    ``now`` bounds its dates. Raises ``InvalidRequest``, which names every field that is wrong.
    """
    try:
        lines = _Lines.model_validate(raw, context=AT_BOUNDARY).lines
        plain = raw | {"lines": [{key: line[key] for key in line if key != "exchanges"} for line in raw["lines"]]}
        extra: Literal["forbid", "ignore"] = "forbid" if forbid_unknown else "ignore"
        order = Order.model_validate(plain, context={**AT_BOUNDARY, "now": now}, extra=extra)
    except ValidationError as error:
        raise InvalidRequest(problems(error), faults(error)) from None
    check_order(order, "lines")
    return FoundOrder(order, {line.line_id: tuple(line.exchanges) for line in lines if line.exchanges})
