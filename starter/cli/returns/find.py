"""Finds a return by whatever somebody has of it."""

from datetime import datetime

import click
from pydantic import BaseModel

from client.list_rows import ListFilter
from client.search import FoundRow
from gateways.database.returns.listing import Customer, customers_of
from lifecycle.contract.money import format_money
from lifecycle.contract.texts import Words
from starter.cli.shared import options, render
from starter.cli.shared.session import with_homeward
from starter.shared.connect import Connected


class FoundReturn(BaseModel):
    """One return, with whose it is; ``value`` is what the goods cost, in minor units."""

    return_id: str
    order_id: str
    customer: str
    email: str
    status: str
    opened_at: datetime
    value: int
    currency: str


class FoundReturns(BaseModel):
    """What was found; ``instead`` has the words that were taken for each that nothing is known by."""

    returns: list[FoundReturn]
    instead: dict[str, list[str]]


def _row(row: FoundRow, customer: Customer) -> FoundReturn:
    recorded = row.recorded
    return FoundReturn(
        return_id=recorded.return_id,
        order_id=recorded.order_id,
        customer=customer.name,
        email=customer.email,
        status=row.listed.status,
        opened_at=recorded.opened_at,
        value=recorded.value,
        currency=recorded.currency,
    )


def _show(found: FoundReturns) -> None:
    for word, taken in found.instead.items():
        render.line(f"nothing is known by {word}; taken as {', '.join(taken)}")
    columns = ["return", "order", "customer", "email", "status", "started", "value"]
    cells = [
        (
            row.return_id,
            row.order_id,
            row.customer,
            row.email,
            row.status,
            row.opened_at,
            format_money(row.value, row.currency),
        )
        for row in found.returns
    ]
    render.table("returns", columns, cells)


class _Typed(BaseModel):
    text: Words


@click.command()
@click.argument("text")
@options.limit
@render.answers(_show)
def find(text: str, limit: int) -> FoundReturns:
    """Find returns by name, mail address, order, SKU, tracking code, serial number or a refund's reference.

    A word may be cut short, and a name may be misspelt. The newest return comes first.
    """
    wanted = ListFilter(text=_Typed(text=text).text)

    async def act(there: Connected) -> FoundReturns:
        page = await there.homeward.find(wanted, limit)
        customers = await customers_of(there.db, [row.recorded.return_id for row in page.rows])
        rows = [_row(row, customers[row.recorded.return_id]) for row in page.rows]
        return FoundReturns(returns=rows, instead=dict(page.instead))

    return with_homeward(act)
