"""What bookings of stock tell subscribers: one event for each SKU and kind of movement."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, bindparam, select

from gateways.database.messages import news
from gateways.database.stock.stock_change import StockChange
from gateways.database.tables.stock import stock
from lifecycle.events.data import StockBalance, StockEventData, StockMoved
from lifecycle.shared.record_ids import record_id

#: The event of each kind of movement; of any other, units are ``moved``.
_EVENTS: Final = {
    "receive": "received",
    "restock": "restocked",
    "reserve": "reserved",
    "release": "released",
    "ship": "shipped",
    "repair_parts": "used",
    "add": "added",
}
_BALANCES = (
    select(stock.c.location, stock.c.grade, stock.c.on_hand, stock.c.reserved)
    .where(stock.c.sku == bindparam("of"))
    .order_by(stock.c.location, stock.c.grade)
)


def tell(connection: Connection, changes: Sequence[StockChange], at: datetime) -> None:
    """Keep the events of one booking, once its balances are changed, if anybody wants them."""
    if not changes or not news.wanted(connection):
        return
    for (sku, kind), alike in groupby(sorted(changes, key=_what), _what):
        news.keep(connection, record_id("stock", sku), [_event(connection, sku, kind, list(alike), at)])


def _what(change: StockChange) -> tuple[str, str]:
    return change.sku, change.kind


def _event(connection: Connection, sku: str, kind: str, changes: Sequence[StockChange], at: datetime) -> StockEventData:
    number = news.next_number(connection, record_id("stock", sku))
    moves = _moves(changes)
    places = {(moved.location, moved.grade) for moved in moves}
    rows = connection.execute(_BALANCES, {"of": sku}).mappings().all()
    return StockEventData(
        number=number,
        entry=news.entry(at, _EVENTS.get(kind, "moved"), changes[0].by),
        sku=sku,
        kind=kind,
        moves=moves,
        balances=[StockBalance(**row) for row in rows if (row["location"], row["grade"]) in places],
        return_id=next((change.return_id for change in changes if change.return_id), None),
        unit_ids=sorted({change.unit_id for change in changes if change.unit_id}),
    )


def _place(change: StockChange) -> tuple[str, str]:
    return change.location, change.grade


def _moves(changes: Sequence[StockChange]) -> list[StockMoved]:
    """What they add up to, by shelf and grade."""
    together = [(place, list(alike)) for place, alike in groupby(sorted(changes, key=_place), _place)]
    return [
        StockMoved(
            location=location,
            grade=grade,
            quantity=sum(change.quantity for change in alike),
            reserved=sum(change.reserved for change in alike),
        )
        for (location, grade), alike in together
    ]
