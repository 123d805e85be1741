"""What is on the shelves."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from gateways.database.engine import Database
from gateways.database.stock.inventory import add_stock, balances, check
from lifecycle.contract.grades import AS_NEW
from starter.cli.shared import render
from starter.cli.shared.session import Failed, with_database


@click.group(invoke_without_command=True)
@click.option("--sku", default=None, help="Only this one; an unknown SKU holds 0.")
@render.json_option
@click.pass_context
def inventory(context: click.Context, sku: str | None, *, as_json: bool) -> None:
    """Show what is on the shelves."""
    if context.invoked_subcommand:
        return

    async def act(db: Database) -> Sequence[Mapping[str, Any]]:
        return await balances(db, sku)

    _show(with_database(act), sku, as_json=as_json)


@inventory.command()
@click.argument("sku")
@click.argument("quantity", type=click.IntRange(1, 1_000_000))
@render.json_option
def add(sku: str, quantity: int, *, as_json: bool) -> None:
    """Put QUANTITY new units of SKU on the main shelf."""

    async def act(db: Database) -> Sequence[Mapping[str, Any]]:
        await add_stock(db, sku, quantity)
        return await balances(db, sku)

    _show(with_database(act), sku, as_json=as_json)


@inventory.command("check")
@render.json_option
def check_books(*, as_json: bool) -> None:
    """Prove that the balances are the sums of their movements; ends with 1 where they are not."""
    wrong = with_database(check)
    if as_json:
        render.put_json(wrong)
    elif wrong:
        render.table("does not add up", list(wrong[0]), [list(row.values()) for row in wrong])
    else:
        render.line("Every balance is the sum of its movements.")
    if wrong:
        raise Failed(f"{len(wrong)} of the balances do not add up")


def _show(rows: Sequence[Mapping[str, Any]], sku: str | None, *, as_json: bool) -> None:
    if not rows and sku:
        rows = [{"sku": sku, "location": "main", "grade": AS_NEW.value, "on_hand": 0, "reserved": 0}]
    if as_json:
        render.put_json(list(rows))
        return
    columns = ["sku", "location", "grade", "on_hand", "reserved"]
    render.table("inventory", columns, [[row[column] for column in columns] for row in rows])
