"""What goes back to suppliers: who waits for what, and what suppliers say."""

from typing import Any

import click

from activities.suppliers.journey import record_id
from client.suppliers import Suppliers, units_at
from gateways.database.messages.outbox import mails_of
from lifecycle.contract.money import format_money
from lifecycle.suppliers.messages import Authorise, RecordCredit, RecordShipment, Refuse
from lifecycle.suppliers.state import SupplierSummary, SupplierView, UnitStage
from starter.cli.shared import options, render
from starter.cli.shared.session import with_homeward
from starter.shared.connect import Connected

_supplier = click.argument("supplier_id")
_by = options.by("operator")
_id = options.repeatable_id("--id", "paper_id", shown="The paper's number; made up when left out.")
_units = click.option("--unit", "units", multiple=True, metavar="RETURN/UNIT", help="Only this unit; repeatable.")

_Shown = tuple[SupplierView, list[dict[str, Any]]]
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


def _show_summary(summary: SupplierSummary) -> None:
    counts = ", ".join(f"{count} {stage}" for stage, count in summary.units.items() if count)
    render.line(f"{summary.supplier_id}  {counts or 'no units'}")
    if summary.credited:
        render.line(f"  credited {_money(summary)}")
    if summary.attention:
        render.line(f"  needs attention: {summary.attention}")


def _money(summary: SupplierSummary) -> str:
    return ", ".join(format_money(amount, currency) for currency, amount in summary.credited.items())


def _show_list(rows: list[SupplierSummary]) -> None:
    columns = ["supplier", *UnitStage, "money", "attention"]
    cells = [[row.supplier_id, *(row.units[stage] for stage in UnitStage), _money(row), row.attention] for row in rows]
    render.table("suppliers", columns, cells)


@supplier.command("list")
@options.limit
@render.answers(_show_list)
def list_suppliers(limit: int) -> list[SupplierSummary]:
    """List suppliers with how many units are at which stage."""
    return with_homeward(lambda there: Suppliers(there.client).list(limit))


def _show(found: _Shown) -> None:
    view, mails = found
    _show_summary(view.totals)
    if view.next:
        render.line(f"  next by itself: {view.next.what} at {render.printable(view.next.at)}")
    rows = [[getattr(unit, field) for field in _UNIT.values()] for unit in view.units]
    render.table("units", list(_UNIT), rows)
    render.timeline(view.timeline)
    render.records("mails", ["at", "template", "subject", "state"], mails)


@supplier.command()
@_supplier
@render.answers(_show, lambda found: {**found[0].model_dump(mode="json"), "mails": found[1]})
def show(supplier_id: str) -> _Shown:
    """Show one supplier's units, papers, timeline and mails."""

    async def act(there: Connected) -> _Shown:
        view = await Suppliers(there.client).view(supplier_id)
        return view, await mails_of(there.db, record_id(supplier_id))

    return with_homeward(act)


@supplier.command()
@_supplier
@_id
@_units
@_by
@render.answers(_show_summary)
def authorise(supplier_id: str, paper_id: str, units: tuple[str, ...], by: str) -> SupplierSummary:
    """Record that the supplier takes back what it was asked about, or the units named."""

    async def act(there: Connected) -> SupplierSummary:
        suppliers = Suppliers(there.client)
        named = list(units) or units_at(await suppliers.view(supplier_id), UnitStage.ASKED)
        message = Authorise(authorisation_id=paper_id, by=by, unit_ids=named)
        return await suppliers.authorise(supplier_id, message)

    return with_homeward(act)


@supplier.command()
@_supplier
@_id
@click.option("--tracking", default=None, help="The carrier's tracking code.")
@_by
@render.answers(_show_summary)
def ship(supplier_id: str, paper_id: str, tracking: str | None, by: str) -> SupplierSummary:
    """Record that everything authorised is on its way to the supplier."""
    return with_homeward(
        lambda there: Suppliers(there.client).record_shipment(
            supplier_id, RecordShipment(shipment_id=paper_id, by=by, tracking_code=tracking)
        )
    )


@supplier.command()
@_supplier
@click.argument("amount", type=int)
@click.argument("currency")
@_id
@_units
@_by
@render.answers(_show_summary)
def credit(
    supplier_id: str, amount: int, currency: str, paper_id: str, units: tuple[str, ...], by: str
) -> SupplierSummary:
    """Record AMOUNT (minor units of CURRENCY) for everything shipped, or for the units named."""

    async def act(there: Connected) -> SupplierSummary:
        suppliers = Suppliers(there.client)
        named = list(units) or units_at(await suppliers.view(supplier_id), UnitStage.SHIPPED)
        message = RecordCredit(credit_id=paper_id, by=by, amount=amount, currency=currency.upper(), unit_ids=named)
        return await suppliers.record_credit(supplier_id, message)

    return with_homeward(act)


@supplier.command()
@_supplier
@click.option("--unit", "units", multiple=True, required=True, metavar="RETURN/UNIT", help="Which; repeatable.")
@click.option("--reason", required=True, help="The supplier's own.")
@_by
@render.answers(_show_summary)
def refuse(supplier_id: str, units: tuple[str, ...], reason: str, by: str) -> SupplierSummary:
    """Record that the supplier does not take, or does not pay for, the units named."""
    return with_homeward(
        lambda there: Suppliers(there.client).refuse(supplier_id, Refuse(by=by, unit_ids=list(units), reason=reason))
    )
