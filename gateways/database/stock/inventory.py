"""The inventory, kept in the database: balances, and the movements that add up to them.

Only what is graded A, and not reserved already, can be reserved or taken. Whoever changes
balances does so in the order of ``_place``, so that two of them wait for each other, never in
a circle.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Select,
    Table,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from gateways.database.engine import Database, rows_of
from gateways.database.lookup import keep_codes
from gateways.database.statements import insert_for
from gateways.database.stock import stock_events
from gateways.database.stock.stock_change import StockChange
from gateways.database.tables.stock import movements, reservations, stock
from gateways.errors import Declined
from lifecycle.contract.grades import AS_NEW

#: The shelf that orders are served from first.
MAIN = "main"
_SELLABLE = AS_NEW.value
#: SKU, location and grade: what a balance is kept for.
_Place = tuple[str, str, str]
_MOVE = insert(movements)
_RESERVE = insert(reservations)
_SHELVES = select(stock.c.sku, stock.c.location, stock.c.grade).where(
    stock.c.sku.in_(bindparam("skus", expanding=True)), stock.c.grade == _SELLABLE
)
_FREE = (
    select((stock.c.on_hand - stock.c.reserved).label("free"))
    .where(
        stock.c.sku == bindparam("sku"), stock.c.location == bindparam("location"), stock.c.grade == bindparam("grade")
    )
    .with_for_update()
)
_RESERVED = select(reservations).where(reservations.c.key == bindparam("of"))
_MOVED = select(movements.c.id).where(movements.c.key == bindparam("of")).limit(1)
_SET_STATE = update(reservations).where(reservations.c.key == bindparam("of")).values(state=bindparam("becomes"))


class Inventory:
    """Books stock."""

    def attempt(self, key: str, titles: Sequence[str]) -> AbstractAsyncContextManager[None]:  # noqa: ARG002
        """Around one try of a booking of lines with these titles, where a stand-in may fail; the real one does not."""
        return nullcontext()

    async def tell_reserved(self, keys: Sequence[str]) -> list[tuple[str, str]]:  # noqa: ARG002
        """What was reserved under these keys is booked, or was released or shipped: nobody else has to know here.

        The kinds of movements that somebody else was told and refused for good, each with the refusal's code.
        """
        return []

    def book(self, connection: Connection, changes: Sequence[StockChange], *, key: str, at: datetime) -> None:
        """Append movements and change the balances, within the caller's transaction."""
        _book(connection, changes, key, at)


def reserve(
    connection: Connection, items: Sequence[tuple[str, int]], *, key: str, at: datetime, return_id: str
) -> bool:
    """Set units of ``(sku, quantity)`` aside, all or none; whether they are set aside now or were shipped.

    A repeat by the key is harmless; one whose units were released meanwhile gets none.
    """
    found = _states(connection, key)
    picked = None if found else _pick(connection, items)
    # Once more: whoever had the same key was waited for at the shelves.
    found = found or _states(connection, key)
    if found:
        return "released" not in found
    if picked is None:
        return False
    changes = [StockChange("reserve", *place, 0, return_id=return_id, reserved=count) for place, count in picked]
    _book(connection, changes, key, at)
    if changes:
        kept = {"key": key, "return_id": return_id, "state": "open", "at": at}
        rows = [
            kept | {"sku": sku, "location": location, "grade": grade, "quantity": count}
            for (sku, location, grade), count in picked
        ]
        connection.execute(_RESERVE, rows)
    return True


def release(connection: Connection, key: str, at: datetime, by: str | None = None) -> None:
    """Give a reservation back; harmless when there is none, or it was shipped or released."""
    _close(connection, key, at, "released", lambda row: replace(_leaving(row, "release", 0), by=by))


async def reserved_for(database: Database, key: str) -> str | None:
    """The return that a reservation is for; None where there is no such reservation."""
    statement = select(reservations.c.return_id).where(reservations.c.key == key).limit(1)
    return await database.read(lambda connection: connection.execute(statement).scalar())


def ship_reserved(connection: Connection, key: str, at: datetime) -> None:
    """Take what was reserved off the shelf; again is harmless.

    Raises ``Declined`` (``reservation_gone``) when it was released, or never made.
    """
    _close(connection, key, at, "shipped", lambda row: _leaving(row, "ship", -row["quantity"]))
    if _states(connection, key) != {"shipped"}:
        raise Declined("the reservation is gone", "reservation_gone")


def take(
    connection: Connection, items: Sequence[tuple[str, int]], *, key: str, at: datetime, return_id: str, kind: str
) -> bool:
    """Use units of ``(sku, quantity)`` up at once, all or none; whether they were there.

    A repeat by the key is harmless.
    """
    picked = _pick(connection, items)
    if connection.execute(_MOVED, {"of": key}).first():
        return True
    if picked is None:
        return False
    _book(connection, [StockChange(kind, *place, -count, return_id=return_id) for place, count in picked], key, at)
    return True


def _pick(connection: Connection, items: Sequence[tuple[str, int]]) -> list[tuple[_Place, int]] | None:
    """Where so many free units are, locked; None when there are not enough."""
    wanted: Counter[str] = Counter()
    for sku, quantity in items:
        wanted[sku] += quantity
    free: dict[_Place, int] = {}
    for sku, location, grade in sorted(tuple(row) for row in connection.execute(_SHELVES, {"skus": list(wanted)})):
        shelf = {"sku": sku, "location": location, "grade": grade}
        free[sku, location, grade] = connection.execute(_FREE, shelf).scalar_one()
    picked = []
    for place in sorted(free, key=lambda place: (place[1] != MAIN, place)):
        count = min(wanted[place[0]], free[place])
        if count > 0:
            picked.append((place, count))
            wanted[place[0]] -= count
    return None if wanted.total() else picked


def _states(connection: Connection, key: str) -> set[str]:
    return {str(row["state"]) for row in connection.execute(_RESERVED, {"of": key}).mappings()}


def _close(connection: Connection, key: str, at: datetime, state: str, change: Callable[[Any], StockChange]) -> None:
    """End what is still open of a reservation."""
    rows = connection.execute(_RESERVED.with_for_update(), {"of": key}).mappings().all()
    still = [row for row in rows if row["state"] == "open"]
    _book(connection, [change(row) for row in still], key, at)
    if still:
        connection.execute(_SET_STATE, {"of": key, "becomes": state})


def _leaving(row: Any, kind: str, quantity: int) -> StockChange:
    place = (row["sku"], row["location"], row["grade"])
    return StockChange(kind, *place, quantity, return_id=row["return_id"], reserved=-row["quantity"])


def _book(connection: Connection, changes: Iterable[StockChange], key: str, at: datetime) -> None:
    changes = list(changes)
    balances = [_balance(place, list(alike)) for place, alike in groupby(sorted(changes, key=_place), key=_place)]
    if changes:
        connection.execute(_change(connection.dialect.name), balances)
        connection.execute(_MOVE, [vars(change) | {"key": key, "at": at} for change in changes])
    serials: dict[str, list[str]] = defaultdict(list)
    for change in changes:
        if change.serial_number and change.return_id:
            serials[change.return_id].append(change.serial_number)
    for return_id, of_return in serials.items():
        keep_codes(connection, "unit", of_return, return_id)
    stock_events.tell(connection, changes, at)


def _place(change: StockChange) -> _Place:
    return change.sku, change.location, change.grade


def _balance(place: _Place, changes: Sequence[StockChange]) -> dict[str, Any]:
    """What these changes of one balance add up to."""
    sku, location, grade = place
    return {
        "sku": sku,
        "location": location,
        "grade": grade,
        "on_hand": sum(change.quantity for change in changes),
        "reserved": sum(change.reserved for change in changes),
    }


@cache
def _change(dialect: str) -> Any:
    statement = insert_for(stock, dialect)
    return statement.on_conflict_do_update(
        index_elements=["sku", "location", "grade"],
        set_={
            "on_hand": stock.c.on_hand + statement.excluded.on_hand,
            "reserved": stock.c.reserved + statement.excluded.reserved,
        },
    )


async def balances(database: Database, sku: str | None = None) -> list[dict[str, Any]]:
    """``[{sku, location, grade, on_hand, reserved}]``, of one SKU or of all."""
    statement = select(stock).order_by(stock.c.sku, stock.c.location, stock.c.grade)
    if sku is not None:
        statement = statement.where(stock.c.sku == sku)
    return await rows_of(database, statement)


async def balances_after(database: Database, sku: str, limit: int) -> list[dict[str, Any]]:
    """``balances`` of so many SKUs, in their order, that come after this one."""
    following = select(stock.c.sku).where(stock.c.sku > sku).distinct().order_by(stock.c.sku).limit(limit)
    statement = select(stock).where(stock.c.sku.in_(following))
    return await rows_of(database, statement.order_by(stock.c.sku, stock.c.location, stock.c.grade))


async def movements_of(database: Database, return_id: str) -> list[dict[str, Any]]:
    """``[{at, kind, sku, location, grade, quantity, reserved, serial_number, unit_id}]``, oldest first."""
    names = ("at", "kind", "sku", "location", "grade", "quantity", "reserved", "serial_number", "unit_id")
    statement = select(*[movements.c[name] for name in names]).where(movements.c.return_id == return_id)
    return await rows_of(database, statement.order_by(movements.c.id))


async def moved_by(database: Database, key: str) -> list[dict[str, Any]]:
    """What the step of that key has moved, as JSON: ``movements_of``'s fields, and the return's id.

    ``reserved`` is left out where it is 0: so it was told before there were reservations, and a key keeps its body.
    """
    names = ("at", "kind", "sku", "location", "grade", "quantity", "reserved", "serial_number", "return_id", "unit_id")
    statement = select(*[movements.c[name] for name in names]).where(movements.c.key == key).order_by(movements.c.id)
    rows = await rows_of(database, statement)
    told = [row | {"at": row["at"].isoformat()} for row in rows]
    return [{name: value for name, value in row.items() if name != "reserved" or value} for row in told]


async def check(database: Database) -> list[dict[str, Any]]:
    """What does not add up; empty when every balance is the sum of its movements.

    ``[{sku, location, grade, on_hand, moved, reserved, moved_reserved, open}]``: what the
    movements say beside what is kept, and what open reservations hold.
    """
    return await rows_of(database, _sums())


@cache
def _sums() -> Any:
    # One statement, so that all is seen at one moment.
    every = union_all(
        _part(stock, on_hand=stock.c.on_hand, reserved=stock.c.reserved),
        _part(movements, moved=movements.c.quantity, moved_reserved=movements.c.reserved),
        _part(reservations, open=reservations.c.quantity).where(reservations.c.state == "open"),
    ).subquery()
    total = {name: func.sum(every.c[name]).cast(BigInteger) for name in _SUMMED}
    place = (every.c.sku, every.c.location, every.c.grade)
    differs = or_(
        total["on_hand"] != total["moved"],
        total["reserved"] != total["moved_reserved"],
        total["reserved"] != total["open"],
    )
    columns = [column.label(name) for name, column in total.items()]
    return select(*place, *columns).group_by(*place).having(differs).order_by(*place)


_SUMMED = ("on_hand", "moved", "reserved", "moved_reserved", "open")


def _part(table: Table, **summed: Column[int]) -> Select[Any]:
    """The places of a table, with what it counts there and 0 for the rest."""
    counted = [summed.get(name, literal(0, BigInteger)).label(name) for name in _SUMMED]
    return select(table.c.sku, table.c.location, table.c.grade, *counted)


async def add_stock(
    database: Database,
    sku: str,
    quantity: int,
    location: str = MAIN,
    grade: str = _SELLABLE,
    *,
    by: str | None = None,
    request_id: str | None = None,
) -> None:
    """Units that came from elsewhere: a delivery, a count; the same ``request_id`` again changes nothing."""
    change = StockChange(kind="add", sku=sku, location=location, grade=grade, quantity=quantity, by=by)
    key, at = f"add-{request_id or uuid4().hex}", datetime.now(UTC)

    def work(connection: Connection) -> None:
        # The balance first: whoever adds to it with the same key is waited for there.
        connection.execute(_change(connection.dialect.name), [_balance(_place(change), [])])
        if not connection.execute(_MOVED, {"of": key}).first():
            _book(connection, [change], key, at)

    await database.write(work)
