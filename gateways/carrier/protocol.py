"""What Homeward asks of a carrier."""

from dataclasses import dataclass
from typing import Protocol

from lifecycle.request import Address, Customer


@dataclass(frozen=True)
class LabelOrder:
    """A prepaid label from the customer to the shop."""

    return_id: str
    sender: Customer
    to: Address


@dataclass(frozen=True)
class Label:
    """A label that was bought."""

    shipment_id: str
    tracking_code: str
    label_url: str


@dataclass(frozen=True)
class Loss:
    """A parcel that the carrier lost; ``amount`` in minor units is what its goods were worth."""

    tracking_code: str
    amount: int
    currency: str


class Carrier(Protocol):
    """Labels and their files; raises ``gateways.errors``."""

    async def buy_return_label(self, order: LabelOrder, idempotency_key: str) -> Label:
        """Buy one label; the same key gives the same label."""
        ...

    async def void_label(self, idempotency_key: str) -> bool:
        """Void the label bought with the key: true, now or before; false when there is none.

        Raises ``Declined`` once the carrier has scanned the parcel.
        """
        ...

    async def file_claim(self, loss: Loss, idempotency_key: str) -> str:
        """Claim a loss, once for each key; gives the claim's id."""
        ...

    async def label_file(self, tracking_code: str) -> bytes:
        """The label as PDF; raises ``Declined`` for an unknown code."""
        ...
