"""The built-in payment provider: charges and refunds in the database, as a real one keeps them."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, select, update

from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.errors import Declined
from gateways.payment.protocol import Charge, ChargeOrder, Hold, HoldOrder, Refund, RefundOrder
from gateways.sandbox import payment_holds, payment_lists
from gateways.sandbox.faults import failing_as_asked, parse
from gateways.sandbox.tables import sandbox_charges, sandbox_refunds
from lifecycle.reconciliation.outside import MadePayment

_BY_KEY = select(sandbox_refunds).where(sandbox_refunds.c.key == bindparam("of"))
_FAIL = (
    update(sandbox_refunds)
    .where(sandbox_refunds.c.reference == bindparam("of"), sandbox_refunds.c.status != "failed")
    .values(status="failed")
    .returning(sandbox_refunds.c.charge, sandbox_refunds.c.amount)
)
_CHARGE = sandbox_charges.c
_REPLACED = select(sandbox_refunds.c.amount).where(
    sandbox_refunds.c.reference == bindparam("of"), sandbox_refunds.c.status != "failed"
)
_RETURN = (
    update(sandbox_charges)
    .where(_CHARGE.reference == bindparam("of"))
    .values(refunded=_CHARGE.refunded - bindparam("amount"))
)
_HELD = select((_CHARGE.captured - _CHARGE.refunded).label("held")).where(_CHARGE.reference == bindparam("of"))
_CURRENCY = select(_CHARGE.currency).where(_CHARGE.reference == bindparam("of"))
_TAKE = (
    update(sandbox_charges)
    .where(
        _CHARGE.reference == bindparam("of"),
        _CHARGE.captured - _CHARGE.refunded >= bindparam("amount"),
    )
    .values(refunded=_CHARGE.refunded + bindparam("amount"))
    .returning(_CHARGE.reference)
)


class SandboxPayments:
    """Honours idempotency keys, never pays back more than was captured.

    A charge is known from the first request that names its reference. Fault words stand in
    the tender's reference; ``fault:pending:N`` is pending for N answers and then succeeds,
    ``fault:pending`` stays so until the provider's own event says otherwise. A hold fails as the
    reference of the tender says that it was placed on.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, order: RefundOrder) -> int:
        """See the protocol; a charge that is not known yet holds what the order says."""
        return await self._database.read(lambda connection: _held(connection, order))

    async def refund(self, order: RefundOrder, idempotency_key: str) -> Refund:
        """Pay back; ``Declined`` above what was captured, or for a key used with another order."""
        fault_key, texts = f"refund:{idempotency_key}", [order.tender_reference]
        async with failing_as_asked(self._database, fault_key, texts):
            return await self._database.write(lambda connection: self._refund_once(connection, order, idempotency_key))

    def _refund_once(self, connection: Connection, order: RefundOrder, key: str) -> Refund:
        row = self._row(order, key)
        if connection.execute(insert_if_new(sandbox_refunds, connection.dialect.name), row).first() is None:
            return _refund(_made_before(connection, order, key))
        if order.replaces:
            _give_back(connection, order.replaces)
        _take_from_charge(connection, order)
        return _refund(row)

    def _row(self, order: RefundOrder, key: str) -> dict[str, Any]:
        fault = parse(order.tender_reference)
        pending = fault is not None and fault.kind == "pending" and fault.times != 0
        return {
            "reference": f"re_{uuid4().hex[:20]}",
            "key": key,
            "charge": order.tender_reference,
            "fingerprint": payment_holds.fingerprint(order),
            "amount": order.amount,
            "status": "pending" if pending else "succeeded",
            # The answer to the refund itself is the first that says pending.
            "pending_left": fault.times - 1 if pending and fault and fault.times else None,
        }

    async def find_refund(self, _order: RefundOrder, idempotency_key: str) -> Refund | None:
        """See the protocol."""
        row = await self._database.read(lambda connection: payment_holds.kept_row(connection, _BY_KEY, idempotency_key))
        return _refund(row) if row else None

    async def refund_status(self, reference: str) -> Refund:
        """The status of a refund; a pending one with a number of answers comes nearer to success."""
        return await self._database.write(lambda connection: _ask(connection, reference))

    async def hold(self, order: HoldOrder, idempotency_key: str) -> Hold:
        """See the protocol; it lasts 30 days."""
        async with failing_as_asked(self._database, f"hold:{idempotency_key}", [order.tender_reference]):
            return await self._database.write(
                lambda connection: payment_holds.place(connection, order, idempotency_key)
            )

    async def find_hold(self, idempotency_key: str, _tender: str | None = None) -> Hold | None:
        """See the protocol."""
        return await self._database.read(lambda connection: payment_holds.find_hold(connection, idempotency_key))

    async def release_hold(self, reference: str) -> Hold:
        """See the protocol."""
        tender = await self._database.read(lambda connection: payment_holds.tender_of(connection, reference))
        async with failing_as_asked(self._database, f"release:{reference}", [tender]):
            return await self._database.write(lambda connection: payment_holds.release(connection, reference))

    async def capture_hold(self, reference: str, amount: int, now: datetime) -> Hold:
        """See the protocol."""
        tender = await self._database.read(lambda connection: payment_holds.tender_of(connection, reference))
        async with failing_as_asked(self._database, f"capture:{reference}", [tender]):
            hold = await self._database.write(
                lambda connection: payment_holds.capture(connection, reference, amount, now)
            )
            # Not in the transaction: that the hold has expired shall be remembered.
            if hold.state == "expired":
                raise Declined("the hold has expired", "hold_expired")
            return hold

    async def charge(self, order: ChargeOrder, idempotency_key: str) -> Charge:
        """See the protocol."""
        async with failing_as_asked(self._database, f"charge:{idempotency_key}", [order.tender_reference]):
            return await self._database.write(
                lambda connection: payment_holds.charge(connection, order, idempotency_key)
            )

    async def find_charge(self, idempotency_key: str, _tender: str | None = None) -> Charge | None:
        """See the protocol."""
        return await self._database.read(lambda connection: payment_holds.find_charge(connection, idempotency_key))

    async def made_since(self, since: datetime) -> AsyncIterator[MadePayment]:
        """See the protocol; everything there ever was, since no times are kept."""
        del since
        async for made in payment_lists.all_made(self._database):
            yield made


def _ask(connection: Connection, reference: str) -> Refund:
    # Held until the answer is written: a failure that is reported meanwhile must not become a success.
    statement = select(sandbox_refunds).where(sandbox_refunds.c.reference == reference).with_for_update()
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise Declined(f"there is no refund {reference}", "not_found")
    if row["status"] != "pending" or row["pending_left"] is None:
        return _refund(row)
    left = row["pending_left"] - 1
    status = "pending" if left >= 0 else "succeeded"
    change = {"pending_left": max(left, 0), "status": status}
    connection.execute(update(sandbox_refunds).where(sandbox_refunds.c.reference == reference).values(change))
    return _refund({**row, **change})


def _made_before(connection: Connection, order: RefundOrder, key: str) -> dict[str, Any]:
    row = payment_holds.kept_row(connection, _BY_KEY, key)
    if row is None or row["fingerprint"] != payment_holds.fingerprint(order):
        raise Declined("the idempotency key was used for another refund", "idempotency_key_reused")
    return row


def _give_back(connection: Connection, reference: str) -> None:
    """A refund that failed after its answer: its money is back on the charge."""
    row = connection.execute(_FAIL, {"of": reference}).first()
    if row is not None:
        connection.execute(_RETURN, {"of": row.charge, "amount": row.amount})


def _held(connection: Connection, order: RefundOrder) -> int:
    charge = connection.execute(_HELD, {"of": order.tender_reference}).first()
    if charge is None:
        return order.captured - order.refunded
    failed = connection.execute(_REPLACED, {"of": order.replaces}).first() if order.replaces else None
    return int(charge.held) + (int(failed.amount) if failed else 0)


def _take_from_charge(connection: Connection, order: RefundOrder) -> None:
    known = {
        "reference": order.tender_reference,
        "currency": order.currency,
        "captured": order.captured,
        "refunded": order.refunded,
    }
    connection.execute(insert_if_new(sandbox_charges, connection.dialect.name), known)
    if connection.execute(_CURRENCY, {"of": order.tender_reference}).scalar_one() != order.currency:
        raise Declined("the charge is in another currency", "currency_mismatch")
    taken = {"of": order.tender_reference, "amount": order.amount}
    if connection.execute(_TAKE, taken).first() is None:
        raise Declined("the refund is more than the charge still holds", "amount_too_large")


def _refund(row: Any) -> Refund:
    return Refund(reference=row["reference"], status=row["status"], amount=row["amount"])
