"""What units, shipping and wanted items were sold for (CONTRACT section 3)."""

from dataclasses import dataclass
from itertools import groupby

from lifecycle.contract.grades import Grade
from lifecycle.contract.money import spread
from lifecycle.contract.policy import MoneyRules
from lifecycle.contract.request import Line, Order, Reason, ReturnRequest


@dataclass(frozen=True)
class UnitPrice:
    """One unit's price in minor units: ``net`` after discount and before tax, ``gross`` with tax."""

    net: int
    gross: int


@dataclass(frozen=True)
class RefundableUnit:
    """One accepted unit to be paid; no grade counts as A."""

    unit_id: str
    price: UnitPrice
    reason: Reason
    grade: Grade | None = None
    lost: bool = False
    kept: bool = False


def unit_prices(line: Line, prices_include_tax: bool) -> list[UnitPrice]:
    """Prices of all units of a line, in unit order, less what has been given back for them while they stayed.

    Discount and tax are facts of the line, spread once by largest remainder, so that the
    units always add up to exactly what was paid.
    """
    return _less_given_back(paid_prices(line, prices_include_tax), line)


def paid_prices(line: Line, prices_include_tax: bool) -> list[UnitPrice]:
    """The same as they were paid, whatever has been given back since."""
    discounts = spread(line.discount_total, line.quantity)
    taxes = spread(line.tax_total, line.quantity)
    prices = []
    for (discount, tax), alike in groupby(zip(discounts, taxes, strict=True)):
        price = line.unit_price - discount
        # Shares of tax and discount are rounded apart: a net price must not fall below nothing by that.
        inclusive = UnitPrice(max(price - tax, 0), price)
        each = inclusive if prices_include_tax else UnitPrice(price, price + tax)
        prices += [each for _ in alike]
    return prices


def _less_given_back(paid: list[UnitPrice], line: Line) -> list[UnitPrice]:
    """The line's ``refunded_total`` is first what the units cost that came back; the rest lowers the others alike.

    The units that are left add up to what is left of their price, whichever of the line's they are taken to be: at
    most to that, if the first of it are among them.
    """
    back = line.returned_quantity
    whole = sum(price.gross for price in paid[back:])
    given = max(0, line.refunded_total - sum(price.gross for price in paid[:back]))
    left = max(0, whole - given)
    if left == whole:
        return paid
    lowered = [price.gross * left // whole for price in paid]
    rest = left - sum(lowered[back:])
    for number in [number for number in range(back, len(paid)) if paid[number].gross][:rest]:
        lowered[number] += 1
    return [_lowered(price, gross) for price, gross in zip(paid, lowered, strict=True)]


def _lowered(price: UnitPrice, gross: int) -> UnitPrice:
    """The same price at ``gross``, its tax by the same rate."""
    net = (2 * price.net * gross + price.gross) // (2 * price.gross) if price.gross else 0
    return UnitPrice(net, gross)


def original_shipping(order: Order) -> int:
    """What the customer paid for the way out, tax included, less what has been given back of it."""
    tax = 0 if order.prices_include_tax else order.shipping.tax
    return order.shipping.price - order.shipping.discount + tax - order.shipping.refunded_total


def order_fees(order: Order, money: MoneyRules) -> int:
    """What goes back of the order's own fees with its shipping, tax included."""
    return order.paid_for_fees(money.refund_order_fees)


def exchange_price(request: ReturnRequest) -> int:
    """What the wanted items cost, tax included (CONTRACT section 3, exchange)."""
    include_tax = request.order.prices_include_tax
    return sum(
        item.quantity * item.unit_price + (0 if include_tax else item.tax_total) for item in request.exchange_for or []
    )
