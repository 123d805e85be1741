"""What Homeward asks of the shop's orders."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ValidationError

from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.order_ids import spellings
from lifecycle.contract.request import Amount, Order, problems
from lifecycle.contract.sizes import check_order
from lifecycle.contract.texts import AT_BOUNDARY, Identifier, LongLine


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


class Orders(Protocol):
    """Where orders come from; raises ``gateways.errors``."""

    async def find(self, order_id: str) -> FoundOrder | None:
        """One order by an id, or by what somebody typed as one; None when there is none.

        The id of the order that is answered is its id, however it was asked for.
        """
        ...

    async def close(self) -> None:
        """Let connections go."""
        ...


async def search(orders: Orders, typed: str) -> AsyncIterator[FoundOrder]:
    """The orders that somebody who typed this may mean, each once; raises ``gateways.errors``."""
    seen = set()
    for name in spellings(typed):
        found = await orders.find(name)
        if found and found.order.order_id not in seen:
            seen.add(found.order.order_id)
            yield found


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
        raise InvalidRequest(problems(error)) from None
    check_order(order, "lines")
    return FoundOrder(order, {line.line_id: tuple(line.exchanges) for line in lines if line.exchanges})
