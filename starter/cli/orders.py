"""The orders that the portal knows, where they are kept in the database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from gateways.orders.database import keep_orders, list_orders
from gateways.orders.protocol import read_order
from lifecycle.contract.errors import InvalidRequest
from starter.cli.shared import inputs, render
from starter.cli.shared.session import WrongInput, with_database
from starter.shared.example_dates import delivered

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
