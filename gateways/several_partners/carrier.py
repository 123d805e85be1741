"""Several carriers as one: chosen by method and country, and true to whom made what.

Another of them changes nothing here: ``workers.partner_table`` lists them.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import TypeVar

from gateways.carrier.protocol import (
    Carrier,
    DropOffCode,
    DropOffPoint,
    Label,
    LabelFile,
    LabelOrder,
    Loss,
    OutboundOrder,
    PickupBooking,
    Shipment,
)
from gateways.database.engine import Database
from gateways.several_partners.partners import Partners
from lifecycle.contract.request import Method
from lifecycle.contract.times import TimeWindow
from lifecycle.reconciliation.outside import MadeParcel

Parcel = TypeVar("Parcel", bound=Label | PickupBooking | DropOffCode | Shipment | None)
#: The name of the carrier for a return's method, None for a parcel to the customer, and the customer's country.
Choose = Callable[[Method | None, str], str]


class RoutedCarrier:
    """See the protocol; the first of ``carriers`` is the default."""

    def __init__(self, database: Database, carriers: Mapping[str, Carrier], choose: Choose) -> None:
        self._carriers = Partners(database, carriers)
        self._choose = choose

    async def buy_return_label(self, order: LabelOrder, idempotency_key: str) -> Label:
        """See the protocol."""
        carrier = await self._carriers.assign(idempotency_key, self._name(Method.MAIL, order))
        return await self._kept(idempotency_key, await carrier.buy_return_label(order, idempotency_key))

    async def find_label(self, order: LabelOrder, idempotency_key: str) -> Label | None:
        """See the protocol."""
        carrier = await self._carriers.asked(idempotency_key)
        return await self._kept(idempotency_key, await carrier.find_label(order, idempotency_key))

    async def pickup_slots(self, order: LabelOrder, after: datetime) -> list[TimeWindow]:
        """See the protocol."""
        return await self._carriers.named(self._name(Method.PICKUP, order)).pickup_slots(order, after)

    async def book_pickup(
        self, order: LabelOrder, slot: TimeWindow, idempotency_key: str, now: datetime
    ) -> PickupBooking:
        """See the protocol."""
        carrier = await self._carriers.assign(idempotency_key, self._name(Method.PICKUP, order))
        return await self._kept(idempotency_key, await carrier.book_pickup(order, slot, idempotency_key, now))

    async def find_pickup(self, order: LabelOrder, idempotency_key: str) -> PickupBooking | None:
        """See the protocol."""
        carrier = await self._carriers.asked(idempotency_key)
        return await self._kept(idempotency_key, await carrier.find_pickup(order, idempotency_key))

    async def drop_off_points(self, order: LabelOrder) -> list[DropOffPoint]:
        """See the protocol."""
        return await self._carriers.named(self._name(Method.DROP_OFF, order)).drop_off_points(order)

    async def create_drop_off_code(self, order: LabelOrder, idempotency_key: str) -> DropOffCode:
        """See the protocol."""
        carrier = await self._carriers.assign(idempotency_key, self._name(Method.DROP_OFF, order))
        return await self._kept(idempotency_key, await carrier.create_drop_off_code(order, idempotency_key))

    async def find_drop_off_code(self, order: LabelOrder, idempotency_key: str) -> DropOffCode | None:
        """See the protocol."""
        carrier = await self._carriers.asked(idempotency_key)
        return await self._kept(idempotency_key, await carrier.find_drop_off_code(order, idempotency_key))

    async def ship(self, order: OutboundOrder, idempotency_key: str) -> Shipment:
        """See the protocol."""
        carrier = await self._carriers.assign(idempotency_key, self._choose(None, order.to.home.country))
        return await self._kept(idempotency_key, await carrier.ship(order, idempotency_key))

    async def find_shipment(self, idempotency_key: str) -> Shipment | None:
        """See the protocol."""
        carrier = await self._carriers.asked(idempotency_key)
        return await self._kept(idempotency_key, await carrier.find_shipment(idempotency_key))

    async def void_label(self, idempotency_key: str, keep: str | None = None) -> bool:
        """See the protocol; asked of whoever made it."""
        return await (await self._carriers.asked(idempotency_key)).void_label(idempotency_key, keep)

    async def file_claim(self, loss: Loss, idempotency_key: str) -> str:
        """See the protocol; claimed from whoever carried the parcel."""
        carrier = await self._carriers.assign(idempotency_key, await self._carriers.maker(loss.tracking_code))
        return await carrier.file_claim(loss, idempotency_key)

    async def find_claim(self, idempotency_key: str) -> str | None:
        """See the protocol."""
        return await (await self._carriers.asked(idempotency_key)).find_claim(idempotency_key)

    async def label_file(self, tracking_code: str) -> LabelFile:
        """See the protocol; asked of whoever made it."""
        return await self._carriers.about(tracking_code, lambda carrier: carrier.label_file(tracking_code))

    async def made_since(self, since: datetime) -> AsyncIterator[MadeParcel]:
        """See the protocol; of all of them."""
        for carrier in self._carriers.all():
            async for made in carrier.made_since(since):
                yield made

    def _name(self, method: Method, order: LabelOrder) -> str:
        return self._choose(method, order.sender.home.country)

    async def _kept(self, key: str, made: Parcel) -> Parcel:
        if made is not None:
            await self._carriers.keep(key, made.tracking_code)
        return made
