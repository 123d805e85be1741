"""The orders that the portal knows, where they are kept in the database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from gateways.database.engine import Database
from gateways.orders.database import keep_orders, list_orders
from gateways.orders.protocol import read_order
from lifecycle.contract.errors import InvalidRequest
from starter.cli.shared import inputs, render
from starter.cli.shared.session import WrongInput, with_database
from starter.shared.example_dates import delivered

_COLUMNS = ("order_id", "email", "placed_at", "delivered_at", "units")


@click.group(invoke_without_command=True)
@click.option("--email", default=None, help="Only this customer's.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@render.json_option
@click.pass_context
def orders(context: click.Context, email: str | None, limit: int, *, as_json: bool) -> None:
    """List the orders kept in the database, the newest first."""
    if context.invoked_subcommand:
        return

    async def act(db: Database) -> Sequence[Mapping[str, Any]]:
        return await list_orders(db, email, limit)

    rows = with_database(act)
    if as_json:
        render.put_json([row["order"] for row in rows])
        return
    render.table("orders", _COLUMNS, [_cells(row) for row in rows])


@orders.command()
@click.argument("file")
@click.option("--delivered-days-ago", type=click.IntRange(0, 3650), default=None, help="Move its dates.")
@render.json_option
def add(file: str, delivered_days_ago: int | None, *, as_json: bool) -> None:
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

    async def act(db: Database) -> None:
        await keep_orders(db, [found])

    with_database(act)
    if as_json:
        render.put_json({"order_id": found.order.order_id})
    else:
        render.line(f"{found.order.order_id} is kept")


def _cells(row: Mapping[str, Any]) -> list[object]:
    order = row["order"]
    units = sum(line["quantity"] for line in order["lines"])
    arrived = order.get("delivered_at")
    return [
        row["order_id"],
        row["email"],
        row["placed_at"],
        datetime.fromisoformat(arrived) if arrived else None,
        units,
    ]
