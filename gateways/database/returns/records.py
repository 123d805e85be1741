"""Every return from its opening step on, the units it claims, and its final view."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, String, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from gateways.database.engine import Database
from gateways.database.figures import facts as counted
from gateways.database.lookup import keep_codes
from gateways.database.orders import order_money, order_names
from gateways.database.returns import listing
from gateways.database.returns.promises import COLUMNS, kept_by, promise_columns
from gateways.database.statements import insert_if_new
from gateways.database.tables.returns import claims, rejected_units, returns
from gateways.errors import Declined, Unavailable
from lifecycle.contract.order_ids import order_key
from lifecycle.contract.request import Order, ReturnRequest
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import View
from lifecycle.figures import facts as figures
from lifecycle.figures.facts import FactName
from lifecycle.returns.eligibility import FREQUENT_WINDOW, SHIPPING, ClaimedUnit, Facts, is_back
from lifecycle.returns.promise import Kept


class UnitsTaken(Unavailable):
    """Another return holds one of the units; decide again with what is known now."""


class NoRecord(Declined):
    """The database was brought back from before the return began: its steps wait for an operator."""


@dataclass(frozen=True)
class StoredReturn:
    """What the database keeps of a return; ``view`` from its closing step on."""

    return_id: str
    order_id: str
    request: dict[str, Any]
    status: str
    view: dict[str, Any] | None
    opened_at: datetime
    closed_at: datetime | None


_OF = returns.c.return_id == bindparam("of")
_ALONE = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("order", type_=String), 0)))
_HELD = select(claims).where(claims.c.order_id == order_names.CANONICAL, claims.c.return_id != bindparam("of"))
_REJECTED = select(rejected_units.c.unit_id, rejected_units.c.return_id).where(
    rejected_units.c.order_id == order_names.CANONICAL, rejected_units.c.return_id != bindparam("of")
)
_own = returns.alias("own")
_OPENED = select(_own.c.opened_at).where(_own.c.return_id == bindparam("of")).scalar_subquery()
#: A return that is changed is judged as when it opened: those begun after it do not count against it.
_BEGUN = select(func.count()).where(
    returns.c.customer_id == bindparam("customer"),
    returns.c.opened_at >= bindparam("since"),
    returns.c.return_id != bindparam("of"),
    or_(_OPENED.is_(None), returns.c.opened_at <= _OPENED),
)
_MINE = select(claims.c.unit_id).where(claims.c.return_id == bindparam("of"))
_POLICY = select(returns.c.policy).where(_OF)
_REQUEST = select(returns.c.request).where(_OF)
_ORDER = select(returns.c.order_id).where(_OF)
_KNOWN = select(*[returns.c[name] for name in StoredReturn.__dataclass_fields__]).where(_OF)
_REQUEST_AND_POLICY = select(returns.c.request, returns.c.policy).where(_OF)
_INSERT, _CLAIM = insert(returns), insert(claims).values(order_id=order_names.CANONICAL)
_OF_ORDER = select(claims).where(claims.c.order_id == order_names.CANONICAL)
_BACK = (
    update(claims)
    .where(claims.c.return_id == bindparam("of"), claims.c.unit_id.in_(bindparam("units", expanding=True)))
    .values(back=bindparam("known"))
)
_CLOSE = (
    update(returns)
    .where(_OF)
    .values({name: bindparam(f"new_{name}") for name in ("status", "view", "state", "closed_at", *COLUMNS)})
)
_REOPEN = update(returns).where(_OF).values(dict.fromkeys(("view", "closed_at", *COLUMNS)))


def facts(connection: Connection, *, order_id: str, customer_id: str, return_id: str, since: datetime) -> Facts:
    """What other returns hold of the order, and how many the customer began since then, before this one.

    Nobody else learns or changes that of the same order before the transaction ends: which
    return completes an order, and takes its shipping, is decided one return at a time.
    """
    alone(connection, order_id)
    of = order_names.spelt(order_id) | {"of": return_id}
    rows = connection.execute(_HELD, of).all()
    begun = connection.execute(_BEGUN, {"customer": customer_id, "since": since, "of": return_id}).scalar_one()
    rejected = connection.execute(_REJECTED, of).all()
    return Facts(
        claimed={row.unit_id: _claimed(row) for row in rows if row.unit_id != SHIPPING},
        shipping_claimed=any(row.unit_id == SHIPPING for row in rows),
        customer_returns=begun,
        rejected={row.unit_id: row.return_id for row in rejected},
        books=order_money.books(connection, order_id, return_id),
    )


def facts_beside(connection: Connection, order: Order, return_id: str, now: datetime) -> Facts:
    """The same, as the opening of that return sees it."""
    customer, since = order.customer.customer_id, now - FREQUENT_WINDOW
    return facts(connection, order_id=order.order_id, customer_id=customer, return_id=return_id, since=since)


def _claimed(row: Row[Any]) -> ClaimedUnit:
    return ClaimedUnit(row.return_id, row.sellers_fault, row.back)


def mark_back(connection: Connection, return_id: str, units: Mapping[str, bool]) -> None:
    """Keep of each unit that a return holds whether it is back for good."""
    for known in (True, False):
        names = [unit_id for unit_id, back in units.items() if back is known]
        if names:
            connection.execute(_BACK, {"of": return_id, "units": names, "known": known})


def claim_shipping_if_whole(connection: Connection, order: Order, return_id: str, units: Collection[str]) -> bool:
    """Hold the order's original shipping, if with these units the whole order is back, one by the seller's fault."""
    mark_back(connection, return_id, dict.fromkeys(units, True))
    found = connection.execute(_OF_ORDER, order_names.spelt(order.order_id))
    rows = [row for row in found if row.unit_id != SHIPPING]
    others = {row.unit_id: _claimed(row) for row in rows if row.return_id != return_id}
    if not is_back(order, others, units) or not any(row.sellers_fault and row.back for row in rows):
        return False
    return claim_shipping(connection, order.order_id, return_id)


def alone(connection: Connection, order_id: str) -> None:
    """Until the transaction ends nobody else decides on the order."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        connection.execute(_ALONE, {"order": order_key(order_id)})


def insert_return(
    connection: Connection,
    return_id: str,
    request: ReturnRequest,
    policy: dict[str, Any],
    status: Status,
    at: datetime,
    amount: int | None = None,
) -> None:
    """Keep a return that has just been decided on, the whole policy that decided, and the ``amount`` it promised."""
    values = {
        "return_id": return_id,
        "order_id": request.order.order_id,
        "customer_id": request.order.customer.customer_id,
        "request": request.model_dump(mode="json"),
        "policy": policy,
        "status": status.value,
        "opened_at": at,
    }
    connection.execute(_INSERT, values)
    order_names.keep(connection, request.order.order_id)
    keep_codes(
        connection, "unit", (number for line in request.order.lines for number in line.serial_numbers), return_id
    )
    listing.keep(connection, return_id, request, status, at, amount)


def claim_units(connection: Connection, order_id: str, return_id: str, units: Mapping[str, bool]) -> None:
    """Hold units, each with whether the seller is at fault; raises ``UnitsTaken``."""
    held = set(connection.execute(_MINE, {"of": return_id}).scalars())
    order = order_names.spelt(order_id)
    rows = [
        order | {"unit_id": unit_id, "return_id": return_id, "sellers_fault": fault}
        # Always in the same order: two returns that want the same units wait for each other, never in a circle.
        for unit_id, fault in sorted(units.items())
        if unit_id not in held
    ]
    if not rows:
        return
    try:
        connection.execute(_CLAIM, rows)
    except IntegrityError:
        raise UnitsTaken(f"another return holds one of {', '.join(units)}", "units_taken") from None


def claim_shipping(connection: Connection, order_id: str, return_id: str) -> bool:
    """Hold the order's original shipping, if no other return does; whether this one does now."""
    order = order_names.canonical(connection, order_id)
    row = {"order_id": order, "unit_id": SHIPPING, "return_id": return_id, "sellers_fault": False}
    connection.execute(insert_if_new(claims, connection.dialect.name), row)
    holder = select(claims.c.return_id).where(claims.c.order_id == order, claims.c.unit_id == SHIPPING)
    return bool(connection.execute(holder).scalar_one() == return_id)


def release_claims(connection: Connection, return_id: str, unit_id: str | None = None) -> None:
    """Release one unit of a return, or all."""
    statement = delete(claims).where(claims.c.return_id == return_id)
    connection.execute(statement if unit_id is None else statement.where(claims.c.unit_id == unit_id))


def close_return(
    connection: Connection, return_id: str, view: View, state: Mapping[str, Any], at: datetime
) -> Kept | None:
    """Keep the final view, what it says of the promise, and the state that a run of later days begins with.

    Gives what it says of the promise; None where that does not count.
    """
    new = {"status": view.status.value, "view": view.model_dump(mode="json"), "state": state, "closed_at": at}
    promise = kept_by(connection, return_id, view)
    new |= promise_columns(promise)
    connection.execute(_CLOSE, {"of": return_id} | {f"new_{name}": value for name, value in new.items()})
    _list_closed(connection, return_id, view, at)
    _count(connection, return_id, view, promise, at)
    return promise


def _count(connection: Connection, return_id: str, view: View, promise: Kept | None, at: datetime) -> None:
    counted.of_return(connection, return_id, figures.closing(view, promise, at), again=True)
    counted.of_return(connection, return_id, figures.paid(view, at))
    counted.drop(connection, return_id, FactName.MONEY, figures.failed(view))


def _list_closed(connection: Connection, return_id: str, view: View, at: datetime) -> None:
    if listing.close(connection, return_id, view, at):
        return
    row = connection.execute(_KNOWN, {"of": return_id}).first()
    if row:  # opened by a process of an earlier version, while the database was upgraded
        request = ReturnRequest.model_validate(row.request)
        listing.keep(connection, return_id, request, Status(row.status), row.opened_at)
        listing.close(connection, return_id, view, at)


def reopen_return(connection: Connection, return_id: str) -> None:
    """It goes on: its workflow knows more than what was kept."""
    connection.execute(_REOPEN, {"of": return_id})
    listing.reopen(connection, return_id)


async def state_of(database: Database, return_id: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The request and the state of a closed return; None when it is open or unknown."""
    statement = select(returns.c.request, returns.c.state).where(
        returns.c.return_id == return_id, returns.c.closed_at.is_not(None)
    )
    row = await database.read(lambda connection: connection.execute(statement).first())
    return (dict(row.request), dict(row.state or {})) if row else None


def request_in(connection: Connection, return_id: str) -> ReturnRequest:
    """The request of a return, read within a transaction; raises ``NoRecord``."""
    return ReturnRequest.model_validate(_recorded(connection, _REQUEST, return_id).request)


def request_and_policy_in(connection: Connection, return_id: str) -> tuple[ReturnRequest, dict[str, Any] | None]:
    """Both in one statement; raises ``NoRecord``."""
    row = _recorded(connection, _REQUEST_AND_POLICY, return_id)
    return ReturnRequest.model_validate(row.request), row.policy


def policy_in(connection: Connection, return_id: str) -> dict[str, Any] | None:
    """The policy that a return started with, read within a transaction; None for returns of the first schema.

    Raises ``NoRecord``.
    """
    kept: dict[str, Any] | None = _recorded(connection, _POLICY, return_id).policy
    return kept


def _recorded(connection: Connection, statement: Select[Any], return_id: str) -> Row[Any]:
    row = connection.execute(statement, {"of": return_id}).first()
    if row is None:
        told = f"the database has no record of {return_id}: `homeward revive {return_id}` makes one"
        raise NoRecord(told, "no_record")
    return row


async def get_return(database: Database, return_id: str) -> StoredReturn | None:
    """What is kept of a return; None when it is unknown."""
    if "\x00" in return_id:  # PostgreSQL takes no text with one
        return None
    row = await database.read(lambda connection: connection.execute(_KNOWN, {"of": return_id}).first())
    return StoredReturn(*row) if row else None


async def order_of(database: Database, return_id: str) -> str | None:
    """The order of a return; None when it is unknown."""
    return await database.read(lambda connection: connection.execute(_ORDER, {"of": return_id}).scalar_one_or_none())


@dataclass(frozen=True)
class Known:
    """How a return stands in the records: ``status`` is how it ended once it is ``closed``, else how it began."""

    status: str
    closed: bool


async def known_of(database: Database, return_ids: Collection[str]) -> dict[str, Known]:
    """Those of them that are known, by id."""
    columns = (returns.c.return_id, returns.c.status, returns.c.closed_at)
    statement = select(*columns).where(returns.c.return_id.in_(return_ids))
    rows = await database.read(lambda connection: connection.execute(statement).all())
    return {return_id: Known(status, closed_at is not None) for return_id, status, closed_at in rows}


async def returns_of(database: Database, order_id: str) -> list[StoredReturn]:
    """What is kept of an order's returns, however they spelt its id, oldest first."""
    columns = [returns.c[name] for name in StoredReturn.__dataclass_fields__]

    def work(connection: Connection) -> list[StoredReturn]:
        alike = returns.c.order_id.in_(order_names.spellings_in(connection, order_id))
        rows = connection.execute(select(*columns).where(alike).order_by(returns.c.opened_at))
        return [StoredReturn(*row) for row in rows]

    return await database.read(work)
