"""What units are worth, and to which tenders the money goes (CONTRACT section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from lifecycle.contract.grades import AS_NEW, Grade
from lifecycle.contract.money import percent, spread
from lifecycle.contract.policy import MoneyRules
from lifecycle.contract.request import Line, Order, Reason, ReturnRequest, Tender, TenderKind
from lifecycle.contract.view import Breakdown


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


@dataclass(frozen=True)
class Settled:
    """What a settlement comes to: capped amount, the parts before the cap, and each unit's own.

    ``taken_off``: what was given back as goods or repairs, and not as money.
    """

    amount: int
    breakdown: Breakdown
    refunds: dict[str, int]
    taken_off: int = 0

    @property
    def given_back(self) -> int:
        """What it takes of the order's money: everything but the bonus, also what bought something else."""
        return max(self.amount, 0) - self.breakdown.bonus + self.taken_off


def unit_prices(line: Line, prices_include_tax: bool) -> list[UnitPrice]:
    """Prices of all units of a line, in unit order.

    Discount and tax are facts of the line, spread once by largest remainder, so that the
    units always add up to exactly what was paid.
    """
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


def original_shipping(order: Order) -> int:
    """What the customer paid for the way out, tax included."""
    tax = 0 if order.prices_include_tax else order.shipping.tax
    return order.shipping.price - order.shipping.discount + tax


def unit_costs(unit: RefundableUnit, money: MoneyRules) -> tuple[int, int]:
    """``(restocking fee, condition deduction)`` of one unit, each half up on the net price.

    Nothing is taken by the seller's fault or from kept units. A 100 % deduction takes the
    tax too, and then no restocking fee; a lost unit, which nobody restocks, pays none either.
    """
    if unit.kept or unit.reason.sellers_fault:
        return 0, 0
    deduction = money.condition_deduction_percent[unit.grade or AS_NEW]
    if deduction == 100:
        return 0, unit.price.gross
    fee = 0 if unit.lost else percent(unit.price.net, money.restocking_fee_percent)
    return fee, percent(unit.price.net, deduction)


def _costs(claims: Sequence[RefundableUnit], money: MoneyRules) -> dict[str, tuple[int, int]]:
    """The ``unit_costs`` of each unit, worked out once for all that are alike."""
    alike: dict[object, tuple[int, int]] = {}
    costs = {}
    for claim in claims:
        kind = (claim.price, claim.reason, claim.grade, claim.lost, claim.kept)
        if kind not in alike:
            alike[kind] = unit_costs(claim, money)
        costs[claim.unit_id] = alike[kind]
    return costs


def settle(
    units: Sequence[RefundableUnit],
    money: MoneyRules,
    *,
    cap: int,
    shipping: int = 0,
    fee_taken: bool = False,
    sellers_fault_before: bool = False,
) -> Settled:
    """What these accepted units come to, never below 0 and never above ``cap``.

    The return shipping fee is taken once per return: not when it was taken before, not when
    any unit, of these or before, is the seller's fault, and not for lost or kept units only.
    """
    costs = _costs(units, money)
    refunds = {unit.unit_id: unit.price.gross - sum(costs[unit.unit_id]) for unit in units}
    fault = sellers_fault_before or any(unit.reason.sellers_fault for unit in units)
    sent = any(not (unit.lost or unit.kept) for unit in units)
    breakdown = Breakdown(
        units=sum(unit.price.gross for unit in units),
        shipping=shipping,
        restocking_fee=sum(fee for fee, _ in costs.values()),
        return_shipping_fee=money.return_shipping_fee if sent and not fault and not fee_taken else 0,
        condition_deduction=sum(deduction for _, deduction in costs.values()),
    )
    due = (
        breakdown.units
        + breakdown.shipping
        - breakdown.restocking_fee
        - breakdown.return_shipping_fee
        - breakdown.condition_deduction
    )
    return Settled(min(max(due, 0), max(cap, 0)), breakdown, refunds)


def exchange_price(request: ReturnRequest) -> int:
    """What the wanted items cost, tax included (CONTRACT section 3, exchange)."""
    include_tax = request.order.prices_include_tax
    return sum(
        item.quantity * item.unit_price + (0 if include_tax else item.tax_total) for item in request.exchange_for or []
    )


def with_bonus(worth: Settled, money: MoneyRules) -> Settled:
    """The same as store credit: a percentage of the capped amount on top, half up (CONTRACT section 3)."""
    bonus = percent(worth.amount, money.store_credit_bonus_percent)
    breakdown = worth.breakdown.model_copy(update={"bonus": bonus})
    return Settled(worth.amount + bonus, breakdown, worth.refunds)


def allocate(
    amount: int,
    tenders: Sequence[Tender],
    order_of_kinds: Sequence[TenderKind],
    already: Mapping[str, int],
) -> list[tuple[str, int]]:
    """``(tender_id, amount)`` for each tender that gets money, in the policy's order.

    None gets more than it holds: captured, less refunded and less what ``already`` says.
    Raises ``ValueError`` when they do not cover the amount.
    """
    rooms = {
        tender.tender_id: tender.captured - tender.refunded - already.get(tender.tender_id, 0)
        for tender in sorted(tenders, key=lambda tender: order_of_kinds.index(tender.kind))
    }
    parts = share_out(amount, rooms)
    rest = amount - sum(part for _, part in parts)
    if rest > 0:
        raise ValueError(f"the tenders hold {rest} less than is to be paid back")
    return parts


def share_out(amount: int, rooms: Mapping[str, int]) -> list[tuple[str, int]]:
    """As much of ``amount`` as fits, one after another: ``(name, part)`` for each that gets something."""
    parts = []
    for name, room in rooms.items():
        part = min(amount, room)
        if part > 0:
            parts.append((name, part))
            amount -= part
    return parts
