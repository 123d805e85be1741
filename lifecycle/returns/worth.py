"""What accepted units come to: their prices, less the fees, within what may be given back (CONTRACT section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from lifecycle.contract.fees import Breakdown
from lifecycle.contract.money import percent
from lifecycle.contract.policy import MoneyRules
from lifecycle.returns.fees import PER_UNIT, fees_of_units
from lifecycle.returns.prices import RefundableUnit


@dataclass(frozen=True)
class Settled:
    """What a settlement comes to: capped amount, its parts, and each unit's own before the cap.

    ``taken_off``: what was given back as goods or repairs, and not as money.
    """

    amount: int
    breakdown: Breakdown
    refunds: dict[str, int]
    taken_off: int = 0

    def within(self, most: int) -> "Settled":
        """The same, but no more than that; the breakdown says what is cut off."""
        cut = max(0, self.amount - max(most, 0))
        if not cut:
            return self
        breakdown = self.breakdown.model_copy(update={"capped": self.breakdown.capped + cut})
        return replace(self, amount=self.amount - cut, breakdown=breakdown)

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
    order_fees: int = 0,
    per_return: Mapping[str, int] = MappingProxyType({}),
) -> Settled:
    """What these accepted units come to, never below 0 and never above ``cap``.

    ``per_return`` holds the fees that are taken once per return: not when any of these units is the seller's
    fault, and not for lost or kept units only.
    """
    fees = fees_of_units(units, money)
    refunds = {unit.unit_id: unit.price.gross - sum(fees[unit.unit_id].values()) for unit in units}
    fault = any(unit.reason.sellers_fault for unit in units)
    sent = any(not (unit.lost or unit.kept) for unit in units)
    breakdown = Breakdown(
        units=sum(unit.price.gross for unit in units),
        shipping=shipping,
        order_fees=order_fees,
        **{name: sum(of_unit[name] for of_unit in fees.values()) for name in PER_UNIT},
        **(per_return if sent and not fault else {}),
    )
    return Settled(breakdown.less_deductions, breakdown, refunds).within(cap)


def with_bonus(worth: Settled, money: MoneyRules) -> Settled:
    """The same as store credit: a percentage of the capped amount on top, half up (CONTRACT section 3)."""
    bonus = percent(worth.amount, money.store_credit_bonus_percent)
    breakdown = worth.breakdown.model_copy(update={"bonus": bonus})
    return Settled(worth.amount + bonus, breakdown, worth.refunds)
