"""How an order was paid."""

from typing import Self

from pydantic import BaseModel, model_validator

from lifecycle.contract.errors import problem
from lifecycle.contract.orders.amounts import Amount
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.texts import Identifier, Words


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
