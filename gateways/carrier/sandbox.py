"""The built-in carrier: labels and scans in the database, as a real carrier would keep them."""

import secrets
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, insert, select, update

from gateways.carrier.label_pdf import draw_label
from gateways.carrier.protocol import Label, LabelOrder, Loss
from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables import sandbox_claims, sandbox_scans, sandbox_shipments
from gateways.errors import Declined
from gateways.faults import failing_as_told
from lifecycle.messages import TrackingEvent, TrackingStatus

_BY_KEY = select(sandbox_shipments).where(sandbox_shipments.c.key == bindparam("of"))


_CLAIM = select(sandbox_claims.c.claim_id).where(sandbox_claims.c.key == bindparam("of"))


class SandboxCarrier:
    """Honours idempotency keys, refuses to void what was scanned; fault words in ``line2``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def buy_return_label(self, order: LabelOrder, idempotency_key: str) -> Label:
        """Buy one label; the same key with another sender or receiver is ``Declined``."""
        line2 = order.sender.address.line2
        async with failing_as_told(self._database, f"buy:{idempotency_key}", [line2]):
            return await self._buy(order, idempotency_key)

    async def _buy(self, order: LabelOrder, key: str) -> Label:
        label = _label_text(order)
        values = {
            "shipment_id": f"shp_{uuid4().hex[:20]}",
            "key": key,
            "return_id": order.return_id,
            "tracking_code": f"HW{secrets.randbelow(10**12):012d}",
            "label": label,
            "state": "bought",
        }

        def work(connection: Connection) -> dict[str, Any] | None:
            connection.execute(insert_if_new(sandbox_shipments, connection.dialect.name), values)
            return _shipment(connection, key)

        row = await self._database.write(work)
        if row is None or row["label"] != label:
            raise Declined("the idempotency key was used for another shipment", "idempotency_key_reused")
        return Label(
            shipment_id=row["shipment_id"],
            tracking_code=row["tracking_code"],
            label_url=f"/v1/returns/{order.return_id}/label",
        )

    async def void_label(self, idempotency_key: str) -> bool:
        """See the protocol."""
        row = await self._database.read(lambda connection: _shipment(connection, idempotency_key))
        if row is None:
            return False
        line2 = row["label"]["from"].get("line2")
        async with failing_as_told(self._database, f"void:{idempotency_key}", [line2]):
            return await self._database.write(lambda connection: _void(connection, idempotency_key))

    async def file_claim(self, loss: Loss, idempotency_key: str) -> str:
        """See the protocol; the first answer stands for the key."""
        values = {"claim_id": f"clm_{uuid4().hex[:20]}", "key": idempotency_key} | asdict(loss)

        def work(connection: Connection) -> str:
            connection.execute(insert_if_new(sandbox_claims, connection.dialect.name), values)
            return str(connection.execute(_CLAIM, {"of": idempotency_key}).scalar_one())

        return await self._database.write(work)

    async def label_file(self, tracking_code: str) -> bytes:
        """The label as a one-page PDF, drawn when it is asked for."""
        statement = select(sandbox_shipments).where(sandbox_shipments.c.tracking_code == tracking_code)
        row = await self._database.read(lambda connection: connection.execute(statement).mappings().first())
        if row is None:
            raise Declined(f"there is no label {tracking_code}", "not_found")
        return draw_label(row["return_id"], tracking_code, row["label"]["from"], row["label"]["to"])

    async def scan(self, tracking_code: str, status: TrackingStatus, at: datetime) -> TrackingEvent:
        """Record what happens to a parcel, and give the event that the carrier would send."""
        event = TrackingEvent(event_id=f"evt_{uuid4().hex[:20]}", tracking_code=tracking_code, status=status, at=at)
        statement = insert(sandbox_scans).values(event.model_dump(exclude={"detail"}))
        await self._database.write(lambda connection: connection.execute(statement))
        return event


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


def _label_text(order: LabelOrder) -> dict[str, Any]:
    sender = order.sender.address.model_dump(mode="json") | {"name": order.sender.name}
    return {"from": sender, "to": order.to.model_dump(mode="json")}
