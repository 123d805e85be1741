"""Returns of a database from before orders' money was claimed count for the returns that come after."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, column, insert, select, table

from gateways.database.columns import Instant, Json
from gateways.database.engine import Database, _upgrade, rows_of
from gateways.database.orders import order_money
from gateways.database.tables.returns import claims
from lifecycle.returns.order_money import left
from tests.gateways.partner_requests import NOW
from tests.lifecycle.orders import body, request

PAID = [
    {"tender_id": "t1", "amount": 4000, "state": "succeeded", "reference": "re_1"},
    {"tender_id": "t1", "amount": 300, "state": "failed", "reference": "re_2"},
    {"tender_id": "store_credit", "amount": 1100, "state": "succeeded", "reference": "sc_1"},
]


def _view(resolution: str, amount: int, paid: list[dict[str, Any]], **parts: int) -> dict[str, Any]:
    units = [
        {"unit_id": "1-1", "reception": "received", "acceptance": "accepted", "disposition": "restock"},
        {"unit_id": "1-2", "reception": "received", "acceptance": "rejected", "disposition": "return_to_customer"},
        {"unit_id": "1-3", "reception": "lost", "acceptance": "accepted", "disposition": None},
    ]
    breakdown = {"bonus": 0, "exchange": 0} | parts
    settlement = {"resolution": resolution, "amount": amount, "paid": paid, "breakdown": breakdown}
    return {"settlement": settlement, "units": units}


def _before(connection: Connection) -> None:
    _upgrade(connection, "0007")
    returns = table(
        "returns",
        *map(column, ("return_id", "order_id", "customer_id", "status")),
        column("request", Json),
        column("view", Json),
        column("opened_at", Instant),
    )
    views = {
        "R-1": _view("refund", 5100, PAID, bonus=100),
        "R-2": _view("exchange", -1000, [PAID[0] | {"amount": -1000}], exchange=3000),
        "R-3": _view("replacement", 0, PAID),
        "R-4": None,
    }
    for return_id, view in views.items():
        row = {"return_id": return_id, "order_id": "SO-1", "customer_id": "C-1", "status": "refunded"}
        connection.execute(insert(returns), row | {"request": body(), "view": view, "opened_at": NOW})
    held = table("claims", *map(column, ("order_id", "unit_id", "return_id", "sellers_fault")))
    for number in (1, 2, 3):
        unit = {"order_id": "SO-1", "unit_id": f"1-{number}", "return_id": "R-1"}
        connection.execute(insert(held), unit | {"sellers_fault": False})


async def test_what_closed_returns_gave_and_which_units_are_back_is_known(empty_url: str) -> None:
    database = Database(empty_url)
    if database.sqlite:
        Path(str(database.url.database)).parent.mkdir(parents=True)
    try:
        await database.write(_before)
        await database.upgrade()
        books = await database.read(lambda connection: order_money.books(connection, "SO-1", "R-9"))
        # R-1 gave 4000 and 1000 of credit without its bonus, R-2 took 2000 off what it brought.
        assert (books.given.total, books.given.tenders) == (7000, {"t1": 4000})
        assert left(request().order, books).total == 15400 - 7000
        back = {row["unit_id"]: row["back"] for row in await rows_of(database, select(claims))}
        assert back == {"1-1": True, "1-2": False, "1-3": True}
    finally:
        await database.dispose()
