"""The figures of a period, as the desk shows them."""

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from gateways.database.figures.read import figures
from lifecycle.contract.money import format_money
from lifecycle.contract.request import Method
from lifecycle.figures.period import Preset
from lifecycle.figures.tables import LIMIT_DAYS, TABLES, TARGET_DAYS, Figures, rows_of
from starter.cli.shared import render
from starter.cli.shared.options import OneOf
from starter.cli.shared.session import settings_or_exit, with_database
from starter.shared.figures.asked import FILE_SKUS, SHOWN_SKUS, as_csv, wanted
from workers.policy_file import PolicyFile

_AMOUNTS: Final = {"amount", "cost"}


def _show(found: Figures) -> None:
    render.line(f"{found.first} to {found.last}, days in {found.timezone}")
    for name, kind in TABLES.items():
        columns = list(kind.model_fields)
        rows = rows_of(found, name)
        if rows:
            render.table(name, columns, [[_cell(row.model_dump(), column) for column in columns] for row in rows])
    counted = found.settled_within(TARGET_DAYS)[1]
    for days in (TARGET_DAYS, LIMIT_DAYS) if counted else ():
        within = found.settled_within(days)[0]
        render.line(f"settled within {days} business days: {within} of {counted}, {within / counted:.0%}")


def _cell(row: dict[str, Any], column: str) -> object:
    value = row[column]
    return format_money(value, row["currency"]) if column in _AMOUNTS and row["currency"] else value


@click.command()
@click.option("--period", type=OneOf(Preset), default=None, help="Up to today; this month if not given.")
@click.option("--from", "first", default=None, metavar="DATE", help="First day, at the shop.")
@click.option("--to", "last", default=None, metavar="DATE", help="Last day, at the shop.")
@click.option("--country", default=None, help="Of customers' addresses, in two letters.")
@click.option("--method", type=OneOf(Method), default=None)
@click.option("--csv", "table", type=click.Choice(list(TABLES)), default=None, help="One table, as CSV.")
@render.json_option
def report(table: str | None, as_json: bool, first: str | None, last: str | None, **given: str | None) -> None:
    """Show the figures of a period: returns, reasons, money, the promise, grades, labels and questions."""
    if table and as_json:
        raise click.UsageError("--csv and --json exclude each other")
    zone = ZoneInfo(PolicyFile(settings_or_exit().policy)().clock.timezone)
    asked = wanted({**given, "from": first, "to": last}, zone, datetime.now(UTC))
    found = with_database(lambda db: figures(db, asked, FILE_SKUS if table else SHOWN_SKUS))
    if table:
        click.echo(as_csv(table, rows_of(found, table)), nl=False)
    else:
        render.answer(found, _show, as_json=as_json)
