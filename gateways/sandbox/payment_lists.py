"""All that the built-in payment provider has made, page by page."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from gateways.database.engine import Database
from gateways.sandbox.tables import sandbox_charges, sandbox_holds, sandbox_refunds
from lifecycle.reconciliation.outside import MadePayment

_PAGE: Final = 200
_Row = Mapping[str, Any]


async def all_made(database: Database) -> AsyncIterator[MadePayment]:
    """Refunds, charges and holds. A charge without a key is a payment of the shop's, or a captured hold."""
    for table, as_made in ((sandbox_refunds, _refund), (sandbox_charges, _charge), (sandbox_holds, _hold)):
        async for row in _rows(database, table):
            if (made := as_made(row)) is not None:
                yield made


async def _rows(database: Database, table: Table) -> AsyncIterator[_Row]:
    after = ""
    while True:
        page = await database.read(_page_of(table, after))
        for row in page:
            yield row
        if len(page) < _PAGE:
            return
        after = page[-1]["reference"]


def _page_of(table: Table, after: str) -> Callable[[Connection], list[_Row]]:
    reference = table.c.reference
    statement = select(table).where(reference > after).order_by(reference).limit(_PAGE)
    return lambda connection: [dict(row) for row in connection.execute(statement).mappings()]


def _refund(row: _Row) -> MadePayment:
    """One whose key is none of a step's was made by hand."""
    key = row["key"] if row["key"].startswith("return-") else None
    return MadePayment("refund", row["reference"], key, row["charge"], row["amount"], row["status"], None)


def _charge(row: _Row) -> MadePayment | None:
    if row["key"] is None:
        return None
    return MadePayment("charge", row["reference"], row["key"], None, row["captured"], "succeeded", None)


def _hold(row: _Row) -> MadePayment:
    return MadePayment("hold", row["reference"], row["key"], None, row["amount"], row["state"], None)
