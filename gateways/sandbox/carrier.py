"""The built-in carrier: parcels and scans in the database, as a real carrier would keep them."""

import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from gateways.carrier.protocol import (
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
from gateways.database.statements import insert_if_new
from gateways.errors import Declined
from gateways.sandbox.carrier_offers import can_be_booked, points_near, windows
from gateways.sandbox.faults import failing_as_asked
from gateways.sandbox.label_pdf import draw_label
from gateways.sandbox.label_png import draw_code
from gateways.sandbox.tables import sandbox_claims, sandbox_scans, sandbox_shipments
from lifecycle.contract.messages import TrackingEvent, TrackingStatus
from lifecycle.contract.money import Cost
from lifecycle.contract.request import Customer
from lifecycle.contract.times import TimeWindow
from lifecycle.reconciliation.outside import MadeParcel

_BY_KEY = select(sandbox_shipments).where(sandbox_shipments.c.key == bindparam("of"))
_LISTED = (
    select(
        sandbox_shipments.c.key,
        sandbox_shipments.c.tracking_code,
        sandbox_shipments.c.state,
        exists().where(sandbox_scans.c.tracking_code == sandbox_shipments.c.tracking_code).label("scanned"),
    )
    .where(sandbox_shipments.c.key > bindparam("after"))
    .order_by(sandbox_shipments.c.key)
    .limit(bindparam("most"))
)
_PAGE = 200
#: What each kind of parcel costs at this carrier.
_PRICES: Final = {
    "label": Cost(520, "USD"),
    "pickup": Cost(890, "USD"),
    "drop_off": Cost(450, "USD"),
    "outbound": Cost(610, "USD"),
}
_CLAIM = select(sandbox_claims.c.claim_id).where(sandbox_claims.c.key == bindparam("of"))
#: Letters and digits that nobody takes for one another.
_READABLE = "ACDEFGHJKLMNPQRTUVWXY34679"


class SandboxCarrier:
    """Honours idempotency keys, refuses to void what was scanned; fault words in the customer's ``line2``.

    The same key with another order is ``Declined`` (``idempotency_key_reused``).
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def buy_return_label(self, order: LabelOrder, idempotency_key: str) -> Label:
        """See the protocol."""
        wanted = _wanted("label", order.return_id, _label_text(order))
        async with failing_as_asked(self._database, f"buy:{idempotency_key}", [order.sender.home.line2]):
            return _label(await self._make(idempotency_key, wanted), order)

    async def find_label(self, order: LabelOrder, idempotency_key: str) -> Label | None:
        """See the protocol."""
        row = await self._find("label", idempotency_key)
        return _label(row, order) if row else None

    async def pickup_slots(self, order: LabelOrder, after: datetime) -> list[TimeWindow]:
        """See the protocol; the instants are given in the time zone of ``after``."""
        async with failing_as_asked(self._database, f"slots:{order.return_id}", [order.sender.home.line2]):
            return windows(after)

    async def book_pickup(
        self, order: LabelOrder, slot: TimeWindow, idempotency_key: str, now: datetime
    ) -> PickupBooking:
        """See the protocol; a window can be booked up to 14 days ahead."""
        wanted = _wanted("pickup", order.return_id, _label_text(order), starts_at=slot.start, ends_at=slot.end)
        offered = can_be_booked(slot, now)
        async with failing_as_asked(self._database, f"pickup:{idempotency_key}", [order.sender.home.line2]):
            return _pickup(await self._make(idempotency_key, wanted, None if offered else "slot_unavailable"), order)

    async def find_pickup(self, order: LabelOrder, idempotency_key: str) -> PickupBooking | None:
        """See the protocol."""
        row = await self._find("pickup", idempotency_key)
        return _pickup(row, order) if row else None

    async def drop_off_points(self, order: LabelOrder) -> list[DropOffPoint]:
        """See the protocol; made up, in the customer's city."""
        async with failing_as_asked(self._database, f"points:{order.return_id}", [order.sender.home.line2]):
            return list(points_near(order.sender.home))

    async def create_drop_off_code(self, order: LabelOrder, idempotency_key: str) -> DropOffCode:
        """See the protocol."""
        wanted = _wanted("drop_off", order.return_id, _label_text(order), code=_new_code())
        async with failing_as_asked(self._database, f"drop-off:{idempotency_key}", [order.sender.home.line2]):
            return _drop_off(await self._make(idempotency_key, wanted), order)

    async def find_drop_off_code(self, order: LabelOrder, idempotency_key: str) -> DropOffCode | None:
        """See the protocol."""
        row = await self._find("drop_off", idempotency_key)
        return _drop_off(row, order) if row else None

    async def ship(self, order: OutboundOrder, idempotency_key: str) -> Shipment:
        """See the protocol."""
        items = [[sku, quantity] for sku, quantity in order.items]
        text = {"from": order.sender.model_dump(mode="json"), "to": _customer(order.to), "items": items}
        wanted = _wanted("outbound", order.return_id, text)
        async with failing_as_asked(self._database, f"ship:{idempotency_key}", [order.to.home.line2]):
            row = await self._make(idempotency_key, wanted)
        return Shipment(row["shipment_id"], row["tracking_code"], _PRICES["outbound"])

    async def find_shipment(self, idempotency_key: str) -> Shipment | None:
        """See the protocol."""
        row = await self._find("outbound", idempotency_key)
        return Shipment(row["shipment_id"], row["tracking_code"], _PRICES["outbound"]) if row else None

    async def _find(self, kind: str, key: str) -> dict[str, Any] | None:
        row = await self._database.read(lambda connection: _shipment(connection, key))
        return row if row and row["kind"] == kind else None

    async def _make(self, key: str, wanted: dict[str, Any], refused: str | None = None) -> dict[str, Any]:
        """Make a shipment once for each key; ``refused`` is why a new one cannot be had."""
        values = wanted | {
            "shipment_id": f"shp_{uuid4().hex[:20]}",
            "key": key,
            "tracking_code": f"HW{secrets.randbelow(10**12):012d}",
            "state": "bought",
        }

        def work(connection: Connection) -> dict[str, Any]:
            if refused and _shipment(connection, key) is None:
                raise Declined("the carrier does not come at that time", refused)
            connection.execute(insert_if_new(sandbox_shipments, connection.dialect.name), values)
            row = _shipment(connection, key)
            if row is None or any(row[name] != wanted[name] for name in _COMPARED):
                raise Declined("the idempotency key was used for another shipment", "idempotency_key_reused")
            return row

        return await self._database.write(work)

    async def void_label(self, idempotency_key: str, keep: str | None = None) -> bool:
        """See the protocol."""
        row = await self._database.read(lambda connection: _shipment(connection, idempotency_key))
        if row is None or row["tracking_code"] == keep:
            return False
        customer = row["label"]["to" if row["kind"] == "outbound" else "from"]
        async with failing_as_asked(self._database, f"void:{idempotency_key}", [customer.get("line2")]):
            return await self._database.write(lambda connection: _void(connection, idempotency_key))

    async def file_claim(self, loss: Loss, idempotency_key: str) -> str:
        """See the protocol; the first answer stands for the key."""
        values = {"claim_id": f"clm_{uuid4().hex[:20]}", "key": idempotency_key} | asdict(loss)

        def work(connection: Connection) -> str:
            connection.execute(insert_if_new(sandbox_claims, connection.dialect.name), values)
            return str(connection.execute(_CLAIM, {"of": idempotency_key}).scalar_one())

        return await self._database.write(work)

    async def find_claim(self, idempotency_key: str) -> str | None:
        """See the protocol."""
        return await self._database.read(
            lambda connection: connection.execute(_CLAIM, {"of": idempotency_key}).scalar()
        )

    async def label_file(self, tracking_code: str) -> LabelFile:
        """See the protocol; drawn when it is asked for."""
        statement = select(sandbox_shipments).where(sandbox_shipments.c.tracking_code == tracking_code)
        row = await self._database.read(lambda connection: connection.execute(statement).mappings().first())
        if row is None:
            raise Declined(f"there is no label {tracking_code}", "not_found")
        if row["kind"] == "drop_off":
            return LabelFile("drop-off-code.png", "image/png", draw_code(row["code"]))
        given = (row["return_id"], tracking_code, row["label"]["from"], row["label"]["to"])
        if row["kind"] == "outbound":
            return LabelFile("shipping-label.pdf", "application/pdf", draw_label(*given, heading="FROM THE SHOP"))
        return LabelFile("return-label.pdf", "application/pdf", draw_label(*given))

    async def made_since(self, since: datetime) -> AsyncIterator[MadeParcel]:
        """See the protocol; everything there ever was, since no times are kept."""
        del since
        after = ""
        while True:
            page = await self._database.read(_page_after(after))
            for key, tracking_code, state, scanned in page:
                yield MadeParcel(tracking_code, key, usable=state == "bought" and not scanned)
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    async def scan(self, tracking_code: str, status: TrackingStatus, at: datetime) -> TrackingEvent:
        """Record what happens to a parcel, and give the event that the carrier would send."""
        event = TrackingEvent(event_id=f"evt_{uuid4().hex[:20]}", tracking_code=tracking_code, status=status, at=at)
        statement = insert(sandbox_scans).values(event.model_dump(exclude={"detail"}))
        await self._database.write(lambda connection: connection.execute(statement))
        return event


def _page_after(after: str) -> Callable[[Connection], list[tuple[str, str, str, bool]]]:
    asked = {"after": after, "most": _PAGE}
    return lambda connection: [tuple(row) for row in connection.execute(_LISTED, asked)]


def _shipment(connection: Connection, key: str) -> dict[str, Any] | None:
    row = connection.execute(_BY_KEY, {"of": key}).mappings().first()
    return dict(row) if row else None


def _void(connection: Connection, key: str) -> bool:
    row = _shipment(connection, key)
    if row is None:
        return False
    scans = select(sandbox_scans.c.event_id).where(sandbox_scans.c.tracking_code == row["tracking_code"])
    if connection.execute(scans.limit(1)).first():
        raise Declined("the parcel has been scanned, its label cannot be voided", "already_used")
    connection.execute(update(sandbox_shipments).where(sandbox_shipments.c.key == key).values(state="voided"))
    return True


_COMPARED = ("kind", "return_id", "label", "starts_at", "ends_at")


def _wanted(kind: str, return_id: str, label: dict[str, Any], **more: datetime | str) -> dict[str, Any]:
    plain = {"starts_at": None, "ends_at": None, "code": None}
    return {"kind": kind, "return_id": return_id, "label": label, **plain, **more}


def _label_text(order: LabelOrder) -> dict[str, Any]:
    return {"from": _customer(order.sender), "to": order.to.model_dump(mode="json")}


def _customer(customer: Customer) -> dict[str, Any]:
    return customer.home.model_dump(mode="json") | {"name": customer.name}


def _label(row: dict[str, Any], order: LabelOrder) -> Label:
    return Label(row["shipment_id"], row["tracking_code"], _label_url(order), _PRICES["label"])


def _pickup(row: dict[str, Any], order: LabelOrder) -> PickupBooking:
    times = row["starts_at"], row["ends_at"]
    return PickupBooking(row["shipment_id"], row["tracking_code"], _label_url(order), *times, _PRICES["pickup"])


def _drop_off(row: dict[str, Any], order: LabelOrder) -> DropOffCode:
    points = points_near(order.sender.home)
    code, cost = row["code"], _PRICES["drop_off"]
    return DropOffCode(row["shipment_id"], row["tracking_code"], _label_url(order), code, points, cost)


def _label_url(order: LabelOrder) -> str:
    return f"/v1/returns/{order.return_id}/label"


def _new_code() -> str:
    """Two groups of four, short enough to be typed at a counter."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(2))
