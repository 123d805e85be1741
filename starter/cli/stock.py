"""What is on the shelves."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from gateways.database.engine import Database
from gateways.database.stock.inventory import add_stock, balances, check
from lifecycle.contract.grades import AS_NEW
from starter.cli.shared import options, render
from starter.cli.shared.session import Failed, with_database
from starter.shared.books.stock import release_reservation

_by = options.by("operations", "Who says so.")
Rows = Sequence[Mapping[str, Any]]


def _show(rows: Rows) -> None:
    render.records("inventory", ["sku", "location", "grade", "on_hand", "reserved"], rows)


def _show_wrong(rows: Rows) -> None:
    if rows:
        render.records("does not add up", list(rows[0]), rows)
    else:
        render.line("Every balance is the sum of its movements.")


@click.group(invoke_without_command=True)
@click.option("--sku", default=None, help="Only this one; an unknown SKU holds 0.")
@render.json_option
@click.pass_context
def inventory(context: click.Context, sku: str | None, *, as_json: bool) -> None:
    """Show what is on the shelves."""
    if not context.invoked_subcommand:
        rows = with_database(lambda db: balances(db, sku))
        unknown = {"sku": sku, "location": "main", "grade": AS_NEW.value, "on_hand": 0, "reserved": 0}
        render.answer(rows or ([unknown] if sku else []), _show, as_json=as_json)


@inventory.command()
@click.argument("sku")
@click.argument("quantity", type=click.IntRange(1, 1_000_000))
@options.repeatable_id("--request-id")
@_by
@render.answers(_show)
def add(sku: str, quantity: int, request_id: str, by: str) -> Rows:
    """Put QUANTITY new units of SKU on the main shelf."""

    async def act(db: Database) -> Rows:
        await add_stock(db, sku, quantity, by=by, request_id=request_id)
        return await balances(db, sku)

    return with_database(act)


@inventory.command("release")
@click.argument("key")
@_by
@render.answers(_show)
def release(key: str, by: str) -> Rows:
    """Release the reservation KEY of a return that has ended; an open return keeps its own."""

    async def act(db: Database) -> Rows:
        await release_reservation(db, key, by)
        return await balances(db, None)

    return with_database(act)


@inventory.command("check")
@render.json_option
def check_books(*, as_json: bool) -> None:
    """Prove that the balances are the sums of their movements; ends with 1 where they are not."""
    wrong = with_database(check)
    render.answer(wrong, _show_wrong, as_json=as_json)
    if wrong:
        raise Failed(f"{len(wrong)} of the balances do not add up")
