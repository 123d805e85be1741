"""Which units are back for good: the order's original shipping goes back with the last of them (CONTRACT section 3)."""

from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns.commands import BookStock
from lifecycle.returns.prices import order_fees, original_shipping
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.state import Return, remedy_of
from lifecycle.returns.units import UnitState


def is_back(ret: Return, unit: UnitState) -> bool:
    """Whether it is back for good, or would be if it came: for money, not rejected, sent back, missing or kept.

    Lost on its way it is back too; worth nothing by its grade all the same. One that is replaced,
    exchanged or repaired is not: the customer has it, or another in its place.
    """
    for_money = rule_of(remedy_of(ret, unit)).money_only
    away = unit.kept or unit.gone_back or unit.reception in (Reception.MISSING, Reception.NOT_EXPECTED)
    return for_money and not away and unit.acceptance is not Acceptance.REJECTED


def may_complete(ret: Return) -> bool:
    """Whether its units, all back now, may be the last of the order, and the books have to be asked."""
    opening, money = ret.opened, ret.money
    if not opening.may_complete or opening.holds_shipping or money.shipping_paid or money.overridden is not None:
        return False
    return with_the_last(ret) > 0 and all(is_back(ret, unit) for unit in ret.counted)


def with_the_last(ret: Return) -> int:
    """What goes back of the order's shipping and fees with its last unit, in minor units."""
    order = ret.request.order
    return original_shipping(order) + order_fees(order, ret.opened.terms.money)


def back(ret: Return) -> list[str]:
    """Units that are settled and back for good."""
    return [unit.unit_id for unit in ret.counted if unit.settled and is_back(ret, unit)]


def unreported_back(ret: Return) -> list[str] | None:
    """Those of them that no stock booking has reported: lost ones, ungraded ones; None for none."""
    units = [unit for unit in ret.counted if unit.settled and is_back(ret, unit) and not unit.back_told]
    for unit in units:
        unit.back_told = True
    return [unit.unit_id for unit in units] or None


def last_units(ret: Return) -> list[str] | None:
    """Its units, where the order may be whole with them; None where that need not be asked."""
    return [unit.unit_id for unit in ret.counted] if may_complete(ret) else None


def judged(ret: Return, booking: BookStock) -> dict[str, bool]:
    """The units of a booking that are judged, each with whether it is back for good: the booking reports it."""
    if booking.step != "restock":
        return {}
    booked = set(booking.unit_ids)
    units = [unit for unit in ret.counted if unit.unit_id in booked and unit.judged]
    for unit in units:
        unit.back_told = is_back(ret, unit)
    return {unit.unit_id: is_back(ret, unit) for unit in units}


def may_be_last(ret: Return) -> None:
    """Another return of the order has opened, and holds all else that is not back."""
    opening = ret.opening
    if opening is not None and opening.terms.money.refund_original_shipping == "seller_fault":
        opening.may_complete = not opening.completes_order
