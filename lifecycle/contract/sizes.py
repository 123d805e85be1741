"""How large an order, and a return, may be: judged where they come in, not asked of returns that run already."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from lifecycle.contract.errors import InvalidRequest

if TYPE_CHECKING:
    from lifecycle.contract.request import Item, Line, Order, ReturnRequest

#: Units of one order: what can be looked through while somebody waits. No return has more either.
MOST_UNITS: Final = 5000
#: Bytes of the largest thing that a return sends at once, its view and state as it closes: Temporal takes 2 MiB.
_LARGEST: Final = 2_000_000
#: What a unit takes of that, beside its line's ids; and how often these stand there for each unit.
_UNIT, _LINE_ID, _SKU, _SERIAL = 1000, 10, 2, 2


def check_order(order: "Order", field: str) -> None:
    """Raise ``InvalidRequest`` for ``field`` where an order has too many units."""
    if order.units > MOST_UNITS:
        raise InvalidRequest([(field, f"expected at most {MOST_UNITS} units in one order")])


def check_return(request: "ReturnRequest") -> None:
    """Raise ``InvalidRequest`` where one return could not carry all these units to its end."""
    most = most_at_once(request.order, request.items)
    if sum(item.quantity for item in request.items) > most:
        raise InvalidRequest([("items", f"expected at most {most} units such as these in one return")])


def most_at_once(order: "Order", items: Sequence["Item"]) -> int:
    """How many units such as these one return carries: some 1900 with short ids, some 800 with the longest."""
    units = sum(item.quantity for item in items)
    needed = sum(item.quantity * _bytes(order.line(item.line_id)) for item in items)
    return _LARGEST * units // needed


def _bytes(line: "Line") -> int:
    serial = max((len(number.encode()) for number in line.serial_numbers), default=0)
    return _UNIT + _LINE_ID * len(line.line_id.encode()) + _SKU * len(line.sku.encode()) + _SERIAL * serial
