"""What Homeward asks of a payment provider. Amounts in minor units."""

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class RefundOrder:
    """Money back to the tender that ``tender_reference`` names.

    ``captured`` and ``refunded`` are what the shop knows of that tender.
    """

    return_id: str
    step: str
    tender_reference: str
    amount: int
    currency: str
    captured: int
    refunded: int
    #: A refund that the provider itself has reported as failed since, and that this one takes the place of.
    replaces: str | None = None


@dataclass(frozen=True)
class Refund:
    """A refund as the provider knows it."""

    reference: str
    status: Literal["pending", "succeeded", "failed"]
    amount: int


class Payments(Protocol):
    """Refunds; raises ``gateways.errors``."""

    async def held(self, order: RefundOrder) -> int:
        """How much the tender still holds, whoever paid back what was paid back before."""
        ...

    async def refund(self, order: RefundOrder, idempotency_key: str) -> Refund:
        """Pay back once for each key."""
        ...

    async def find_refund(self, idempotency_key: str) -> Refund | None:
        """The refund made with that key, if there is one: asked before one is made again."""
        ...

    async def refund_status(self, reference: str) -> Refund:
        """What has become of a refund; raises ``Declined`` for an unknown one."""
        ...
