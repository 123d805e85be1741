"""Every fee: how much it is, and when it is taken (CONTRACT section 3).

A new one is a row of ``PER_UNIT`` or ``PER_RETURN`` here, its name a field of ``contract.fees``, what it costs a
key of ``contract.policy``, and its words stand in ``content/en/fees.toml``: all else goes through them. What customers
are told beforehand that the way back costs is ``way_back_cost``, the sum of what ``PER_RETURN`` takes. Before they have
chosen a method, the portal's offers are worked out with the policy's first one: a fee that depends on the method has to
be told there for each.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from lifecycle.contract.grades import AS_NEW
from lifecycle.contract.money import percent
from lifecycle.contract.policy import MoneyRules
from lifecycle.contract.request import Method, Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.returns.prices import RefundableUnit
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.state import Return

#: ``free``; ``fee``: it is taken; ``unless_fault``: it is, unless the seller is at fault; ``unsaid``: it depends on
#: what they get in the end, which nobody knows yet.
WayBackKind = Literal["free", "fee", "unless_fault", "unsaid"]


class WayBackCost(NamedTuple):
    """What mails and pages say that the way back costs; ``amount``, in minor units, where it is taken."""

    kind: WayBackKind
    amount: int


def _restocking_fee(unit: RefundableUnit, money: MoneyRules) -> int:
    """Not for a lost unit, which nobody restocks, and not where the deduction takes everything."""
    free = unit.lost or _deducted_percent(unit, money) == 100
    return 0 if free else percent(unit.price.net, money.restocking_fee_percent)


def _condition_deduction(unit: RefundableUnit, money: MoneyRules) -> int:
    """One of 100 % takes the tax too."""
    deducted = _deducted_percent(unit, money)
    return unit.price.gross if deducted == 100 else percent(unit.price.net, deducted)


def _deducted_percent(unit: RefundableUnit, money: MoneyRules) -> Decimal:
    return money.condition_deduction_percent[unit.grade or AS_NEW]


def _return_shipping_fee(money: MoneyRules, _: Method) -> int:
    return money.return_shipping_fee


#: What each unit costs, in minor units, half up on its net price; nothing is taken by the seller's fault or from kept
#: units.
PER_UNIT: Final[Mapping[str, Callable[[RefundableUnit, MoneyRules], int]]] = {
    "restocking_fee": _restocking_fee,
    "condition_deduction": _condition_deduction,
}
#: What each return costs, in minor units, by the way it comes back: once, for what is sent back, and not if any unit is
#: the seller's fault.
PER_RETURN: Final[Mapping[str, Callable[[MoneyRules, Method], int]]] = {
    "return_shipping_fee": _return_shipping_fee,
}


def unit_fees(unit: RefundableUnit, money: MoneyRules) -> dict[str, int]:
    """The fees of one unit, each by its name."""
    free = unit.kept or unit.reason.sellers_fault
    return {name: 0 if free else fee(unit, money) for name, fee in PER_UNIT.items()}


def fees_of_units(units: Sequence[RefundableUnit], money: MoneyRules) -> dict[str, dict[str, int]]:
    """The ``unit_fees`` of each unit, worked out once for all that are alike."""
    alike: dict[object, dict[str, int]] = {}
    fees = {}
    for unit in units:
        kind = (unit.price, unit.reason, unit.grade, unit.lost, unit.kept)
        if kind not in alike:
            alike[kind] = unit_fees(unit, money)
        fees[unit.unit_id] = alike[kind]
    return fees


def return_fees(ret: Return) -> dict[str, int]:
    """The fees that a return may still cost, each by its name: those not taken before, none after a seller's fault."""
    taken, money, method = ret.money.breakdown.deductions, ret.opened.terms.money, ret.request.method
    free = ret.money.sellers_fault
    return {name: 0 if free or taken[name] else fee(money, method) for name, fee in PER_RETURN.items()}


def way_back_fee(money: MoneyRules, method: Method) -> int:
    """All that a return costs once, in minor units, where nothing is the seller's fault."""
    return sum(fee(money, method) for fee in PER_RETURN.values())


def way_back_cost(
    money: MoneyRules,
    method: Method,
    resolution: Resolution,
    reasons: Collection[Reason | None],
    *,
    taken: bool = False,
) -> WayBackCost:
    """What the way back costs, by what they asked for and why; None for a reason that is not known.

    ``taken``: some of it has been taken already.
    """
    amount = way_back_fee(money, method)
    return WayBackCost(_way_back_kind(amount, resolution, reasons, taken=taken), amount)


def _way_back_kind(
    amount: int, resolution: Resolution, reasons: Collection[Reason | None], *, taken: bool
) -> WayBackKind:
    if taken:
        return "unsaid"
    if not amount:
        return "free"
    if rule_of(resolution).pays is None:
        return "unsaid"
    return "unless_fault" if any(reason is None or reason.sellers_fault for reason in reasons) else "fee"


def quoted_way_back_cost(ret: Return) -> WayBackCost:
    """The same for a return as it is now."""
    request, reasons = ret.request, [unit.reason for unit in ret.expected]
    taken = any(ret.money.breakdown.deductions[name] for name in PER_RETURN)
    return way_back_cost(ret.opened.terms.money, request.method, request.resolution, reasons, taken=taken)
