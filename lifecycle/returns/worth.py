"""What accepted units come to: their prices, less the fees, within what may be given back (CONTRACT section 3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.contract.money import percent
from lifecycle.contract.policy import MoneyRules
from lifecycle.contract.view import Breakdown
from lifecycle.returns.fees import costs_of_units, return_shipping_fee
from lifecycle.returns.prices import RefundableUnit


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
    costs = costs_of_units(units, money)
    refunds = {unit.unit_id: unit.price.gross - sum(costs[unit.unit_id]) for unit in units}
    fault = sellers_fault_before or any(unit.reason.sellers_fault for unit in units)
    sent = any(not (unit.lost or unit.kept) for unit in units)
    breakdown = Breakdown(
        units=sum(unit.price.gross for unit in units),
        shipping=shipping,
        restocking_fee=sum(fee for fee, _ in costs.values()),
        return_shipping_fee=return_shipping_fee(money, sellers_fault=fault, taken=fee_taken) if sent else 0,
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


def with_bonus(worth: Settled, money: MoneyRules) -> Settled:
    """The same as store credit: a percentage of the capped amount on top, half up (CONTRACT section 3)."""
    bonus = percent(worth.amount, money.store_credit_bonus_percent)
    breakdown = worth.breakdown.model_copy(update={"bonus": bonus})
    return Settled(worth.amount + bonus, breakdown, worth.refunds)
