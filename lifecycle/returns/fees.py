"""What is taken off a return's money: for restocking, for a unit's condition, for the way back (CONTRACT section 3).

How much each is, when it is taken, and what mails and pages say of return shipping: they ask here, as what pays does.
``worth`` takes them off, for which ``settlement.settling`` passes what they depend on. A fee with a line of its own is
a part of ``Breakdown`` (``contract.view``), of ``settlement.statement``, and of what mails and pages show of both.
"""

from collections.abc import Collection, Sequence
from typing import Literal

from lifecycle.contract.grades import AS_NEW
from lifecycle.contract.money import percent
from lifecycle.contract.policy import MoneyRules
from lifecycle.contract.request import Reason, Resolution
from lifecycle.returns.prices import RefundableUnit
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.state import Return

#: ``free``; ``fee``: it is taken; ``unless_fault``: it is, unless the seller is at fault; ``unsaid``: it depends on
#: what they get in the end, which nobody knows yet.
ReturnShippingCost = Literal["free", "fee", "unless_fault", "unsaid"]


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


def costs_of_units(claims: Sequence[RefundableUnit], money: MoneyRules) -> dict[str, tuple[int, int]]:
    """The ``unit_costs`` of each unit, worked out once for all that are alike."""
    alike: dict[object, tuple[int, int]] = {}
    costs = {}
    for claim in claims:
        kind = (claim.price, claim.reason, claim.grade, claim.lost, claim.kept)
        if kind not in alike:
            alike[kind] = unit_costs(claim, money)
        costs[claim.unit_id] = alike[kind]
    return costs


def return_shipping_fee(money: MoneyRules, *, sellers_fault: bool = False, taken: bool = False) -> int:
    """What sending it back costs the customer, in minor units: once per return, not if any unit is the seller's fault.

    Whoever asks says whether any accepted unit is, now or before, and whether the fee was taken before.
    """
    return 0 if sellers_fault or taken else money.return_shipping_fee


def return_shipping_cost(
    money: MoneyRules, resolution: Resolution, reasons: Collection[Reason | None], *, taken: bool = False
) -> ReturnShippingCost:
    """What is said of it, by what they asked for and why; None for a reason that is not known."""
    if taken:
        return "unsaid"
    if not return_shipping_fee(money):
        return "free"
    if rule_of(resolution).pays is None:
        return "unsaid"
    fault = any(reason is None or reason.sellers_fault for reason in reasons)
    return "fee" if return_shipping_fee(money, sellers_fault=fault) else "unless_fault"


def quoted_return_shipping_cost(ret: Return) -> ReturnShippingCost:
    """The same for a return as it is now."""
    reasons = [unit.reason for unit in ret.expected]
    return return_shipping_cost(ret.opened.terms.money, ret.request.resolution, reasons, taken=ret.money.fee_taken)
