"""What Homeward asks of a carrier."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lifecycle.contract.money import Cost
from lifecycle.contract.request import Address, Customer
from lifecycle.contract.times import TimeWindow
from lifecycle.reconciliation.outside import MadeParcel


@dataclass(frozen=True)
class LabelOrder:
    """A prepaid label from the customer to the shop."""

    return_id: str
    sender: Customer
    to: Address


@dataclass(frozen=True)
class Label:
    """A label that was bought; ``cost``, here and below, is what the carrier takes; None where it does not say."""

    shipment_id: str
    tracking_code: str
    label_url: str
    cost: Cost | None = None


@dataclass(frozen=True)
class Loss:
    """A parcel that the carrier lost; ``amount`` in minor units is what its goods were worth."""

    tracking_code: str
    amount: int
    currency: str


@dataclass(frozen=True)
class PickupBooking:
    """A label, and a van that takes the parcel between ``start`` and ``end``."""

    shipment_id: str
    tracking_code: str
    label_url: str
    start: datetime
    end: datetime
    cost: Cost | None = None


@dataclass(frozen=True)
class DropOffPoint:
    """A place that takes parcels; ``hours`` as a customer reads them."""

    point_id: str
    name: str
    line1: str
    city: str
    postal_code: str | None
    country: str
    hours: str


@dataclass(frozen=True)
class DropOffCode:
    """A code that is scanned at any of the points instead of a printed label."""

    shipment_id: str
    tracking_code: str
    label_url: str
    code: str
    points: tuple[DropOffPoint, ...]
    cost: Cost | None = None


@dataclass(frozen=True)
class OutboundOrder:
    """A parcel from the shop to the customer: a replacement, a repaired or a rejected unit.

    ``items`` are ``(sku, quantity)``.
    """

    return_id: str
    to: Customer
    sender: Address
    items: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Shipment:
    """A parcel on its way to the customer."""

    shipment_id: str
    tracking_code: str
    cost: Cost | None = None


@dataclass(frozen=True)
class LabelFile:
    """What the customer shows or sticks on; ``media_type`` is ``application/pdf`` or ``image/png``."""

    filename: str
    media_type: str
    content: bytes


class Carrier(Protocol):
    """Parcels both ways, and the files that go with them; raises ``gateways.errors``.

    Who asks first: whatever makes something looks itself for what was made with the key. Each ``find_...`` makes
    nothing: it gives what was made with a key and is whole, None when there is none, to who does not know what came of
    an earlier call. The order's content may differ from what it was made for.
    """

    async def buy_return_label(self, order: LabelOrder, idempotency_key: str) -> Label:
        """Buy one label; the same key gives the same label."""
        ...

    async def find_label(self, order: LabelOrder, idempotency_key: str) -> Label | None:
        """The label bought with that key."""
        ...

    async def pickup_slots(self, order: LabelOrder, after: datetime) -> list[TimeWindow]:
        """The next days' windows, soonest first: at least 4, none on a Sunday, all starting after ``after``."""
        ...

    async def book_pickup(
        self, order: LabelOrder, slot: TimeWindow, idempotency_key: str, now: datetime
    ) -> PickupBooking:
        """Buy a label and book its pickup in one; the same key gives the same booking.

        Raises ``Declined`` (``slot_unavailable``) for a window that is not offered, or that has
        begun at ``now``.
        """
        ...

    async def find_pickup(self, order: LabelOrder, idempotency_key: str) -> PickupBooking | None:
        """The pickup booked with that key."""
        ...

    async def drop_off_points(self, order: LabelOrder) -> list[DropOffPoint]:
        """At least 3 points by the customer's address, nearest first."""
        ...

    async def create_drop_off_code(self, order: LabelOrder, idempotency_key: str) -> DropOffCode:
        """Make one code; the same key gives the same code."""
        ...

    async def find_drop_off_code(self, order: LabelOrder, idempotency_key: str) -> DropOffCode | None:
        """The code made with that key."""
        ...

    async def ship(self, order: OutboundOrder, idempotency_key: str) -> Shipment:
        """Send a parcel to the customer; the same key gives the same shipment."""
        ...

    async def find_shipment(self, idempotency_key: str) -> Shipment | None:
        """The parcel to the customer that was sent with that key."""
        ...

    async def void_label(self, idempotency_key: str, keep: str | None = None) -> bool:
        """Void what was made with the key, be it a label, a pickup, a drop-off code or a shipment.

        One with the tracking code ``keep`` stays as it is. True, now or before; false when there is
        none. Raises ``Declined`` (``already_used``) once the carrier has scanned the parcel.
        """
        ...

    async def file_claim(self, loss: Loss, idempotency_key: str) -> str:
        """Claim a loss, once for each key; gives the claim's id."""
        ...

    async def find_claim(self, idempotency_key: str) -> str | None:
        """The id of the claim made with that key."""
        ...

    async def label_file(self, tracking_code: str) -> LabelFile:
        """The label as PDF, or the drop-off code as PNG; raises ``Declined`` for an unknown code."""
        ...

    def made_since(self, since: datetime) -> AsyncIterator[MadeParcel]:
        """Labels, pickups, codes and parcels that were paid for with a key of ours; in no order, page by page."""
        ...
