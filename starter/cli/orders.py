"""The orders that the portal knows, where they are kept in the database."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import click

from gateways.orders.database import keep_orders, list_orders
from gateways.orders.protocol import KeptOrders, read_order
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.money import format_money
from lifecycle.contract.order_ids import spellings
from lifecycle.contract.request import Order
from starter.cli.shared import inputs, render
from starter.cli.shared.session import Failed, WrongInput, run, settings_or_exit, with_database
from starter.shared.connect import database
from starter.shared.example_dates import delivered
from workers.partner_table import orders_of
from workers.settings import Settings

_COLUMNS = ("order_id", "email", "placed_at", "delivered_at", "units")


def _show(rows: Sequence[Mapping[str, Any]]) -> None:
    render.table("orders", _COLUMNS, [_cells(row) for row in rows])


def _cells(row: Mapping[str, Any]) -> list[object]:
    arrived = row["order"].get("delivered_at")
    units = sum(line["quantity"] for line in row["order"]["lines"])
    at = datetime.fromisoformat(arrived) if arrived else None
    return [row["order_id"], row["email"], row["placed_at"], at, units]


@click.group(invoke_without_command=True)
@click.option("--email", default=None, help="Only this customer's.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@render.json_option
@click.pass_context
def orders(context: click.Context, email: str | None, limit: int, *, as_json: bool) -> None:
    """List the orders kept in the database, the newest first."""
    if context.invoked_subcommand:
        return
    rows = with_database(lambda db: list_orders(db, email, limit))
    render.answer([row["order"] for row in rows] if as_json else rows, _show, as_json=as_json)


def _show_kept(kept: Mapping[str, str]) -> None:
    render.line(f"{kept['order_id']} is kept")


@orders.command()
@click.argument("file")
@click.option("--delivered-days-ago", type=click.IntRange(0, 3650), default=None, help="Move its dates.")
@render.answers(_show_kept)
def add(file: str, delivered_days_ago: int | None) -> dict[str, str]:
    """Keep the order in FILE (- for standard input): an order, or a request that holds one."""
    raw, now = inputs.read_json(file), datetime.now(UTC)
    whole = raw if isinstance(raw, dict) and "order" in raw else {"order": raw}
    if delivered_days_ago is not None:
        whole = delivered(whole, delivered_days_ago, now)
    if not isinstance(whole["order"], dict):
        raise WrongInput([("body", "expected an order, or an object with `order`")])
    try:
        found = read_order(whole["order"], now, forbid_unknown=True)
    except InvalidRequest as error:
        raise WrongInput(error.problems) from None
    with_database(lambda db: keep_orders(db, [found]))
    return {"order_id": found.order.order_id}


@orders.command()
@click.argument("order_id")
@render.json_option
def check(order_id: str, *, as_json: bool) -> None:
    """Ask the shop's order service for ORDER_ID and say field by field what is wrong; ends with 1 where it is refused.

    Without a service, the orders in the database are asked.
    """
    settings = settings_or_exit()
    found = run(_look_up(settings, order_id))
    render.answer(found, _show_checked, as_json=as_json)
    if found["problems"]:
        raise SystemExit(1)


@asynccontextmanager
async def _closing(kept: KeptOrders) -> AsyncIterator[KeptOrders]:
    try:
        yield kept
    finally:
        await kept.close()


async def _look_up(settings: Settings, typed: str) -> dict[str, Any]:
    async with database(settings) as db, _closing(orders_of(settings, db)) as kept:
        for name in spellings(typed):
            came = await kept.ask(name)
            if came is not None:
                return _checked(name, came)
    raise Failed(f"no such order; asked for as {', '.join(spellings(typed)) or 'nothing'}")


def _checked(asked: str, came: Any) -> dict[str, Any]:
    now, wrong, unknown = datetime.now(UTC), list[tuple[str, str]](), list[str]()
    try:
        order = read_order(came, now).order
    except InvalidRequest as error:
        order, wrong = None, error.problems
    try:
        read_order(came, now, forbid_unknown=True)
    except InvalidRequest as error:
        unknown = [field for field, _ in error.problems if field not in dict(wrong)]
    said = {"asked_for": asked, "order_id": came.get("order_id"), "problems": dict(wrong), "passed_over": unknown}
    return said | (_summed_up(order) if order else {})


def _summed_up(order: Order) -> dict[str, Any]:
    return {
        "customer_id": order.customer.customer_id,
        "units": order.units,
        "total": order.total,
        "captured": sum(tender.captured for tender in order.tenders),
        "refunded": sum(tender.refunded for tender in order.tenders),
        "currency": order.currency,
        "payment_state": order.payment_state.value,
    }


def _show_checked(found: Mapping[str, Any]) -> None:
    render.line(f"{found['order_id']}, asked for as {found['asked_for']}")
    for field, expected in found["problems"].items():
        render.line(f"  {field}: {expected}")
    for field in found["passed_over"]:
        render.line(f"  {field}: passed over, nobody knows such a field")
    if found["problems"]:
        return
    amounts = (f"{name} {format_money(found[name], found['currency'])}" for name in ("total", "captured", "refunded"))
    render.line(f"  it can be taken: {found['units']} units, {', '.join(amounts)}, {found['payment_state']}")
