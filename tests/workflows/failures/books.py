"""What has to be true of all books once a return has ended: stock, reservations, holds, labels, parcels, money."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from gateways.database.engine import Database, rows_of
from gateways.database.tables.credit import credit_entries
from gateways.database.tables.returns import claims
from gateways.database.tables.stock import movements, stock
from gateways.sandbox.tables import sandbox_charges, sandbox_holds, sandbox_refunds, sandbox_shipments
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import View
from tests.gateways.reserved import reservations_of

_OFF = (Status.CANCELLED, Status.EXPIRED, Status.DECLINED)


class Books:
    """All rows of one return's partners, read at once; each question gives what is wrong, in words."""

    def __init__(self, database: Database, request: ReturnRequest, view: View) -> None:
        self._database = database
        self._view = view
        #: As many of each SKU may go out, be it a replacement, a repaired or a rejected unit.
        self._due = Counter(unit.sku for unit in view.units)
        self._due.update({item.sku: item.quantity for item in request.exchange_for or []})

    async def problems(self) -> list[str]:
        """Everything that is wrong."""
        found: list[str] = []
        for ask in (
            self._stock,
            self._reservations,
            self._holds,
            self._labels,
            self._parcels,
            self._money,
            self._claims,
        ):
            found += await ask()
        return found

    async def _rows(self, statement: Select[Any]) -> list[dict[str, Any]]:
        return await rows_of(self._database, statement)

    async def _stock(self) -> list[str]:
        mine = select(movements.c.sku).where(movements.c.return_id == self._view.return_id)
        rows = await self._rows(select(stock).where(stock.c.sku.in_(mine)))
        wrong = [row for row in rows if row["on_hand"] < 0 or row["reserved"] != 0]
        return [f"stock: {row}" for row in wrong]

    async def _reservations(self) -> list[str]:
        rows = await reservations_of(self._database, self._view.return_id)
        return [f"reservation: {row['key']} is open" for row in rows if row["state"] == "open"]

    async def _holds(self) -> list[str]:
        rows = await self._rows(_of(sandbox_holds, self._view.return_id))
        held = [f"hold: {row['reference']} is held" for row in rows if row["state"] == "held"]
        told = self._view.settlement.hold
        if told is None:
            return held
        states = {row["state"] for row in rows if row["reference"] == told.reference} - {told.state}
        return held + [f"hold: {state} at the provider, {told.state} in the view" for state in states]

    async def _labels(self) -> list[str]:
        rows = await self._shipments(outbound=False)
        # The label of a parcel that went back to the customer is used up: the carrier voids it no more.
        used = {entry.detail for entry in self._view.timeline if entry.event == "returned_to_sender"}
        valid = [row for row in rows if row["state"] != "voided" and row["tracking_code"] not in used]
        known = self._view.handover.tracking_code
        if self._view.status in _OFF:
            return [f"label: {row['key']} is valid" for row in valid]
        return [f"label: {row['key']} is valid and unknown" for row in valid if row["tracking_code"] != known]

    async def _parcels(self) -> list[str]:
        rows = [row for row in await self._shipments(outbound=True) if row["state"] != "voided"]
        told = " ".join(entry.detail or "" for entry in self._view.timeline if entry.event in _SENT)
        found = [f"parcel: {row['key']} is not on the timeline" for row in rows if row["tracking_code"] not in told]
        sent: Counter[str] = Counter()
        for row in rows:
            sent.update(dict(row["label"]["items"]))
        return found + [f"parcel: {more} of {sku} too many went out" for sku, more in (sent - self._due).items()]

    async def _shipments(self, *, outbound: bool) -> Sequence[dict[str, Any]]:
        mine = select(sandbox_shipments).where(sandbox_shipments.c.return_id == self._view.return_id)
        rows = await self._rows(mine)
        return [row for row in rows if (row["kind"] == "outbound") is outbound]

    async def _money(self) -> list[str]:
        """What partners paid out is what the view says, and what is owed."""
        settlement = self._view.settlement
        made = await self._rows(_of(sandbox_refunds, self._view.return_id))
        refunds = [row for row in made if row["status"] != "failed"]
        charges = await self._rows(_of(sandbox_charges, self._view.return_id))
        lots = await self._rows(select(credit_entries).where(credit_entries.c.return_id == self._view.return_id))
        given = sum(row["amount"] for row in [*refunds, *lots]) - sum(row["captured"] for row in charges)
        known = {row.get("reference") or row["credit_id"] for row in [*refunds, *lots, *charges]}
        paid = [paid for paid in settlement.paid if paid.state == "succeeded"]
        told = sum(one.amount for one in paid if one.reference in known)
        if given != told:
            return [
                f"money: {given} was given, the view says {told}, the rest by hand of {sum(p.amount for p in paid)}"
            ]
        return []

    async def _claims(self) -> list[str]:
        rows = await self._rows(select(claims).where(claims.c.return_id == self._view.return_id))
        off = self._view.status in _OFF
        return [f"claim: {row['unit_id']} is still claimed" for row in rows if off]


_SENT = ("replacement_shipped", "repaired_shipped", "sent_back")


def _of(table: Any, return_id: str) -> Select[Any]:
    """Rows that one of the return's steps made: their idempotency key begins with its workflow's id."""
    return select(table).where(table.c.key.startswith(f"return-{return_id}/", autoescape=True))
