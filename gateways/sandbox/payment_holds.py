"""Holds and charges of the built-in payment provider, each a piece of work on one connection."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from gateways.database.statements import insert_if_new
from gateways.errors import Declined
from gateways.payment.protocol import Charge, ChargeOrder, Hold, HoldOrder, RefundOrder
from gateways.sandbox.tables import sandbox_charges, sandbox_holds

#: How long a hold lasts (CONTRACT section 7).
HOLD_LASTS = timedelta(days=30)
_HOLD = select(sandbox_holds).where(sandbox_holds.c.reference == bindparam("of"))
_HOLD_BY_KEY = select(sandbox_holds).where(sandbox_holds.c.key == bindparam("of"))
_END = (
    update(sandbox_holds)
    .where(sandbox_holds.c.reference == bindparam("of"))
    .values(state=bindparam("becomes"), captured=bindparam("taken"))
)
_CHARGE_BY_KEY = select(sandbox_charges).where(sandbox_charges.c.key == bindparam("of"))
_CAPTURE = insert(sandbox_charges)


def place(connection: Connection, order: HoldOrder, key: str) -> Hold:
    """Set the amount aside, or give the hold that the key stands for."""
    _positive(order.amount)
    row = {
        "reference": f"ho_{uuid4().hex[:20]}",
        "key": key,
        "tender": order.tender_reference,
        "fingerprint": fingerprint(order),
        "amount": order.amount,
        "currency": order.currency,
        "state": "held",
        "captured": None,
        "expires_at": order.now + HOLD_LASTS,
    }
    if connection.execute(insert_if_new(sandbox_holds, connection.dialect.name), row).first() is None:
        return _shown(_same(kept_row(connection, _HOLD_BY_KEY, key), row["fingerprint"]))
    return _shown(row)


def find_hold(connection: Connection, key: str) -> Hold | None:
    """The hold that the key stands for."""
    row = kept_row(connection, _HOLD_BY_KEY, key)
    return _shown(row) if row else None


def tender_of(connection: Connection, reference: str) -> str:
    """The tender that a hold was placed on; raises ``Declined`` (``not_found``)."""
    return str(_hold(connection, reference, lock=False)["tender"])


def release(connection: Connection, reference: str) -> Hold:
    """Release the amount."""
    row = _hold(connection, reference)
    if row["state"] == "captured":
        raise Declined("the hold has been captured", "already_captured")
    return _end(connection, row, "released") if row["state"] == "held" else _shown(row)


def capture(connection: Connection, reference: str, amount: int, now: datetime) -> Hold:
    """Make a charge of the hold; an expired one is given back as it is, for the caller to refuse."""
    _positive(amount)
    row = _hold(connection, reference)
    if row["state"] == "captured":
        if row["captured"] != amount:
            raise Declined("another amount of the hold has been captured", "already_captured")
        return _shown(row)
    if row["state"] == "released":
        raise Declined("the hold has been released", "hold_released")
    if row["state"] == "expired" or now >= row["expires_at"]:
        return _end(connection, row, "expired")
    if amount > row["amount"]:
        raise Declined("more than the hold holds", "amount_too_large")
    charged = {"reference": reference, "currency": row["currency"], "captured": amount, "refunded": 0}
    connection.execute(_CAPTURE, charged)
    return _end(connection, row, "captured", amount)


def charge(connection: Connection, order: ChargeOrder, key: str) -> Charge:
    """Take the amount, or give the charge that the key stands for."""
    _positive(order.amount)
    row = {
        "reference": f"ch_{uuid4().hex[:20]}",
        "key": key,
        "fingerprint": fingerprint(order),
        "currency": order.currency,
        "captured": order.amount,
        "refunded": 0,
    }
    if connection.execute(insert_if_new(sandbox_charges, connection.dialect.name), row).first() is None:
        return _charge(_same(kept_row(connection, _CHARGE_BY_KEY, key), row["fingerprint"]))
    return _charge(row)


def find_charge(connection: Connection, key: str) -> Charge | None:
    """The charge that the key stands for."""
    row = kept_row(connection, _CHARGE_BY_KEY, key)
    return _charge(row) if row else None


def _shown(row: Mapping[str, Any]) -> Hold:
    return Hold(row["reference"], row["amount"], row["state"], row["expires_at"])


def _charge(row: Mapping[str, Any]) -> Charge:
    return Charge(row["reference"], row["captured"])


def _hold(connection: Connection, reference: str, *, lock: bool = True) -> Mapping[str, Any]:
    row = kept_row(connection, _HOLD.with_for_update() if lock else _HOLD, reference)
    if row is None:
        raise Declined(f"there is no hold {reference}", "not_found")
    return row


def kept_row(connection: Connection, statement: Select[Any], of: str) -> dict[str, Any] | None:
    """What is kept ``of`` a key or a reference."""
    found = connection.execute(statement, {"of": of}).mappings().first()
    return dict(found) if found else None


def _end(connection: Connection, row: Mapping[str, Any], state: str, taken: int | None = None) -> Hold:
    connection.execute(_END, {"of": row["reference"], "becomes": state, "taken": taken})
    return _shown({**row, "state": state})


def _same(row: Mapping[str, Any] | None, expected: object) -> Mapping[str, Any]:
    if row is None or row["fingerprint"] != expected:
        raise Declined("the idempotency key was used for another payment", "idempotency_key_reused")
    return row


def _positive(amount: int) -> None:
    if amount <= 0:
        raise Declined("expected an amount above 0", "amount_too_small")


def fingerprint(order: RefundOrder | HoldOrder | ChargeOrder) -> str:
    """What an order is known again by."""
    # A repeat comes later, and is the same order all the same.
    content = {name: value for name, value in asdict(order).items() if name != "now"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
