"""How an order was paid, and whether it was."""

from enum import StrEnum
from typing import Final, Self

from pydantic import BaseModel, model_validator

from lifecycle.contract.errors import problem
from lifecycle.contract.orders.amounts import Amount
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.texts import Identifier, Words

#: By how much cash may be rounded, in minor units: half of the smallest coin, of which Hungary has the largest.
_ROUNDED_BY: Final = {"HUF": 250}
_ROUNDED_BY_AT_MOST: Final = 50


class PaymentState(StrEnum):
    """Whether an order is paid, and whether money can go back the way it came."""

    PAID = "paid"
    #: Not, or only in part, so far.
    UNPAID = "unpaid"
    #: In cash at the door: there is no payment that could be given back to.
    CASH_ON_DELIVERY = "cash_on_delivery"
    #: By invoice, which the customer pays later.
    NET_TERMS = "net_terms"

    @property
    def in_full(self) -> bool:
        """Whether the customer has paid all of it."""
        return self in (PaymentState.PAID, PaymentState.CASH_ON_DELIVERY)


def most_rounding(currency: str) -> int:
    """By how much cash may be rounded up or down, in minor units."""
    return _ROUNDED_BY.get(currency, _ROUNDED_BY_AT_MOST)


class Tender(BaseModel):
    """One way the order was paid; ``reference`` is the payment provider's own name of it."""

    tender_id: Identifier
    kind: TenderKind
    captured: Amount
    refunded: Amount = 0
    reference: Words | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.refunded > self.captured:
            raise problem("refunded", f"at most the {self.captured} that were captured")
        return self
