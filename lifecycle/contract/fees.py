"""What an amount is made of (CONTRACT section 3), in minor units: fees by name, and what they are taken off."""

from typing import Annotated

from pydantic import BaseModel, Field


class Deductions(BaseModel):
    """What is taken off, each positive: how much, and when, is a row of ``lifecycle.returns.fees`` for each."""

    restocking_fee: int = 0
    return_shipping_fee: int = 0
    condition_deduction: int = 0

    @property
    def deductions(self) -> dict[str, int]:
        """Each by its name, also those of 0."""
        return {name: getattr(self, name) for name in Deductions.model_fields}

    @property
    def deducted(self) -> int:
        """All of them together."""
        return sum(self.deductions.values())


class _Paid(BaseModel):
    units: int = 0
    shipping: int = 0
    order_fees: Annotated[int, Field(exclude_if=lambda amount: amount == 0)] = 0


class Breakdown(Deductions, _Paid):
    """The parts of an amount, in minor units. Fees and deductions are positive here.

    ``capped`` is what would go back besides, if there were more of the order's money left; ``set_by_hand`` what staff
    added when they set the amount, below 0 where they took off; ``not_paid`` what failed and staff went on without.
    """

    bonus: int = 0
    exchange: int = 0
    capped: Annotated[int, Field(exclude_if=lambda amount: amount == 0)] = 0
    set_by_hand: Annotated[int, Field(exclude_if=lambda amount: amount == 0)] = 0
    not_paid: Annotated[int, Field(exclude_if=lambda amount: amount == 0)] = 0

    @property
    def less_deductions(self) -> int:
        """What was paid for units, shipping and fees, less what is taken off it; never below 0, before the cap."""
        return max(0, self.units + self.shipping + self.order_fees - self.deducted)

    @property
    def signed(self) -> dict[str, int]:
        """Each part by its name, those that lessen the amount below 0."""
        less = self.deductions | {"exchange": self.exchange, "capped": self.capped, "not_paid": self.not_paid}
        more = {"units": self.units, "shipping": self.shipping, "order_fees": self.order_fees, "bonus": self.bonus}
        more |= {"set_by_hand": self.set_by_hand}
        return more | {name: -amount for name, amount in less.items()}
