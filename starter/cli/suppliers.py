"""What goes back to suppliers: who waits for what, and what suppliers say."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import click

from activities.suppliers.journey import record_id
from client.suppliers import Suppliers, units_at
from gateways.database.messages.outbox import mails_of
from lifecycle.contract.money import format_money
from lifecycle.suppliers.messages import Authorise, RecordCredit, RecordShipment, Refuse
from lifecycle.suppliers.state import SupplierSummary, SupplierView, UnitStage
from starter.cli.shared import render
from starter.cli.shared.session import with_homeward
from starter.shared.connect import Connected

_supplier = click.argument("supplier_id")
_by = click.option("--by", default="operator", show_default=True, help="Who did it; goes into the timeline.")
_id = click.option("--id", "paper_id", default="", help="The paper's number; made up when left out.")
_units = click.option("--unit", "units", multiple=True, metavar="RETURN/UNIT", help="Only this unit; repeatable.")

_UNIT = {
    "unit": "unit_id",
    "sku": "sku",
    "serial number": "serial_number",
    "stage": "stage",
    "since": "since",
    "batch": "batch",
    "authorisation": "authorisation_id",
    "shipment": "shipment_id",
    "credit": "credit_id",
    "reason": "reason",
}


@click.group()
def supplier() -> None:
    """Show what goes back to suppliers, and record what they answer."""


def _answer(action: Callable[[Suppliers], Awaitable[SupplierSummary]], *, as_json: bool) -> None:
    async def act(there: Connected) -> SupplierSummary:
        return await action(Suppliers(there.client))

    summary = with_homeward(act)
    if as_json:
        render.put_json(summary)
    else:
        _show_summary(summary)


def _show_summary(summary: SupplierSummary) -> None:
    counts = ", ".join(f"{count} {stage}" for stage, count in summary.units.items() if count)
    render.line(f"{summary.supplier_id}  {counts or 'no units'}")
    if summary.credited:
        render.line(f"  credited {_money(summary)}")
    if summary.attention:
        render.line(f"  needs attention: {summary.attention}")


def _money(summary: SupplierSummary) -> str:
    return ", ".join(format_money(amount, currency) for currency, amount in summary.credited.items())


@supplier.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@render.json_option
def list_suppliers(limit: int, *, as_json: bool) -> None:
    """List suppliers with how many units are at which stage."""

    async def act(there: Connected) -> list[SupplierSummary]:
        return await Suppliers(there.client).list(limit)

    rows = with_homeward(act)
    if as_json:
        render.put_json(rows)
        return
    columns = ["supplier", *UnitStage, "money", "attention"]
    cells = [[row.supplier_id, *(row.units[stage] for stage in UnitStage), _money(row), row.attention] for row in rows]
    render.table("suppliers", columns, cells)


@supplier.command()
@_supplier
@render.json_option
def show(supplier_id: str, *, as_json: bool) -> None:
    """Show one supplier's units, papers, timeline and mails."""

    async def act(there: Connected) -> tuple[SupplierView, list[dict[str, Any]]]:
        view = await Suppliers(there.client).view(supplier_id)
        return view, await mails_of(there.db, record_id(supplier_id))

    view, mails = with_homeward(act)
    if as_json:
        render.put_json({**view.model_dump(mode="json"), "mails": mails})
        return
    _show_summary(view.totals)
    if view.next:
        render.line(f"  next by itself: {view.next.what} at {render.printable(view.next.at)}")
    _show_tables(view)
    rows = [[mail["at"], mail["template"], mail["subject"], mail["state"]] for mail in mails]
    render.table("mails", ["at", "template", "subject", "state"], rows)


def _show_tables(view: SupplierView) -> None:
    rows = [[getattr(unit, field) for field in _UNIT.values()] for unit in view.units]
    render.table("units", list(_UNIT), rows)
    entries = [(entry.at, entry.event, entry.by, entry.detail) for entry in view.timeline]
    render.table("timeline", ["at", "event", "by", "detail"], entries)


@supplier.command()
@_supplier
@_id
@_units
@_by
@render.json_option
def authorise(supplier_id: str, paper_id: str, units: tuple[str, ...], by: str, *, as_json: bool) -> None:
    """Record that the supplier takes back what it was asked about, or the units named."""

    async def act(suppliers: Suppliers) -> SupplierSummary:
        named = list(units) or units_at(await suppliers.view(supplier_id), UnitStage.ASKED)
        message = Authorise(authorisation_id=paper_id or _made_up(), by=by, unit_ids=named)
        return await suppliers.authorise(supplier_id, message)

    _answer(act, as_json=as_json)


@supplier.command()
@_supplier
@_id
@click.option("--tracking", default=None, help="The carrier's tracking code.")
@_by
@render.json_option
def ship(supplier_id: str, paper_id: str, tracking: str | None, by: str, *, as_json: bool) -> None:
    """Record that everything authorised is on its way to the supplier."""

    async def act(suppliers: Suppliers) -> SupplierSummary:
        message = RecordShipment(shipment_id=paper_id or _made_up(), by=by, tracking_code=tracking)
        return await suppliers.record_shipment(supplier_id, message)

    _answer(act, as_json=as_json)


@supplier.command()
@_supplier
@click.argument("amount", type=int)
@click.argument("currency")
@_id
@_units
@_by
@render.json_option
def credit(
    supplier_id: str, amount: int, currency: str, paper_id: str, units: tuple[str, ...], by: str, *, as_json: bool
) -> None:
    """Record AMOUNT (minor units of CURRENCY) for everything shipped, or for the units named."""

    async def act(suppliers: Suppliers) -> SupplierSummary:
        named = list(units) or units_at(await suppliers.view(supplier_id), UnitStage.SHIPPED)
        message = RecordCredit(
            credit_id=paper_id or _made_up(), by=by, amount=amount, currency=currency.upper(), unit_ids=named
        )
        return await suppliers.record_credit(supplier_id, message)

    _answer(act, as_json=as_json)


@supplier.command()
@_supplier
@click.option("--unit", "units", multiple=True, required=True, metavar="RETURN/UNIT", help="Which; repeatable.")
@click.option("--reason", required=True, help="The supplier's own.")
@_by
@render.json_option
def refuse(supplier_id: str, units: tuple[str, ...], reason: str, by: str, *, as_json: bool) -> None:
    """Record that the supplier does not take, or does not pay for, the units named."""

    async def act(suppliers: Suppliers) -> SupplierSummary:
        return await suppliers.refuse(supplier_id, Refuse(by=by, unit_ids=list(units), reason=reason))

    _answer(act, as_json=as_json)


def _made_up() -> str:
    return uuid4().hex[:12]
