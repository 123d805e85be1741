"""Lists returns by what our own records say: kept in the transactions that open and close them.

What an open return's workflow alone knows, such as its status, is asked of Temporal: whoever filters by that
names the open returns that it holds for.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    exists,
    false,
    func,
    literal,
    select,
    tuple_,
    update,
)

from gateways.database.engine import Database
from gateways.database.figures import facts
from gateways.database.returns import search
from gateways.database.statements import insert_if_new
from gateways.database.tables.returns import returns
from gateways.database.tables.search import listings, search_terms
from lifecycle.contract.request import Method, Reason, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import View
from lifecycle.figures.facts import reasons
from lifecycle.shared.listing import Sort

_OF = listings.c.return_id == bindparam("of")
_CLOSE = (
    update(listings)
    .where(_OF)
    .values({name: bindparam(f"new_{name}") for name in ("status", "resolution", "method", "amount", "closed_at")})
)
_REOPEN = update(listings).where(_OF).values(closed_at=None)


_KEYS: Final = {
    Sort.NEWEST: listings.c.opened_at,
    Sort.OLDEST: listings.c.opened_at,
    Sort.VALUE: listings.c.value,
    Sort.UPDATED: listings.c.updated_at,
}
_UPWARDS: Final = (Sort.OLDEST, Sort.UPDATED)


@dataclass(frozen=True)
class Records:
    """Which returns to list, as far as our records know: those of which all that is set holds."""

    text: str | None = None
    reason: Reason | None = None
    country: str | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    #: Anything was recorded of it then or later.
    updated_since: datetime | None = None
    #: However its id is spelt.
    order_id: str | None = None
    customer_id: str | None = None
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True)
class Ends:
    """Which closed returns are wanted; none of them where ``none`` is."""

    statuses: Collection[Status] = ()
    resolution: Resolution | None = None
    method: Method | None = None
    none: bool = False


@dataclass(frozen=True)
class Row:
    """One return as our records have it; see ``gateways.database.tables.search.listings``."""

    return_id: str
    order_id: str
    opened_at: datetime
    closed_at: datetime | None
    status: str
    resolution: str
    method: str
    country: str
    reasons: str
    value: int
    currency: str
    amount: int | None
    updated_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether its workflow goes on."""
        return self.closed_at is None


@dataclass(frozen=True)
class Listing:
    """Some rows, and the words that were taken for misspelt ones."""

    rows: list[Row]
    instead: dict[str, list[str]] = field(default_factory=dict)


_ROW: Final = [listings.c[name] for name in Row.__dataclass_fields__]


def keep(
    connection: Connection,
    return_id: str,
    request: ReturnRequest,
    status: Status,
    at: datetime,
    amount: int | None = None,
) -> None:
    """Keep the row, and the words, of a return that is being opened; again is harmless."""
    row = row_of(return_id, request, status, at) | {"amount": amount, "updated_at": datetime.now(UTC)}
    if connection.execute(insert_if_new(listings, connection.dialect.name), row).first():
        search.keep_terms(connection, return_id, request)
        facts.of_return(connection, return_id, reasons(request, at))


def row_of(return_id: str, request: ReturnRequest, status: Status, at: datetime) -> dict[str, Any]:
    """The row that a return begins with."""
    order, reasons = request.order, {item.reason.value for item in request.items}
    goods = [(order.line(item.line_id), item.quantity) for item in request.items]
    return {
        "return_id": return_id,
        "order_id": order.order_id,
        "opened_at": at,
        "status": status.value,
        "resolution": request.resolution.value,
        "method": request.method.value,
        "country": order.customer.address.country if order.customer.address else "",
        "reasons": f",{','.join(sorted(reasons))},",
        "value": sum(line.unit_price * count - line.discount_total * count // line.quantity for line, count in goods),
        "currency": order.currency,
    }


def close(connection: Connection, return_id: str, view: View, at: datetime) -> bool:
    """Keep how it ended; whether it has a row: one that a process of an earlier version opened may have none."""
    new = {
        "status": view.status.value,
        "resolution": view.settlement.resolution.value,
        "method": view.handover.method.value,
        "amount": view.settlement.amount,
        "closed_at": at,
    }
    given = {"of": return_id} | {f"new_{name}": value for name, value in new.items()}
    return connection.execute(_CLOSE, given).rowcount > 0


def reopen(connection: Connection, return_id: str) -> None:
    """It goes on."""
    connection.execute(_REOPEN, {"of": return_id})


async def page(
    database: Database,
    wanted: Records,
    limit: int,
    after: str = "",
    *,
    ends: Ends | None = None,
    open_ids: Collection[str] = (),
) -> Listing:
    """At most ``limit`` rows, going on ``after`` another page, by what ``place_of`` said of its last row.

    Without ``ends`` all returns are wanted, else those closed ones, and of the open ones these. Raises ``Unavailable``.
    """

    def work(connection: Connection) -> Listing:
        found = search.find(connection, wanted.text) if wanted.text is not None else search.Found()
        search.narrow_by_order_and_customer(connection, found, wanted.order_id, wanted.customer_id)
        select_rows = _select(wanted, found).where(_beyond(connection, wanted.sort, after)).limit(limit)
        if ends is None:
            return Listing(_walk(connection, select_rows), found.instead)
        rows = [] if ends.none else _walk(connection, select_rows.where(*_ended(ends)))
        if open_ids:
            still = (listings.c.closed_at.is_(None), listings.c.return_id.in_(sorted(open_ids)))
            rows += _walk(connection, select_rows.where(*still))
        return Listing(_merged(rows, wanted.sort)[:limit], found.instead)

    return await database.read(work)


async def rows_of(database: Database, return_ids: Collection[str]) -> dict[str, Row]:
    """Those of them that have a row, by id. Raises ``Unavailable``."""
    statement = select(*_ROW).where(listings.c.return_id.in_(return_ids))
    return {row.return_id: row for row in await database.read(lambda connection: _rows(connection, statement))}


@dataclass(frozen=True)
class Customer:
    """Who bought, for staff to read."""

    name: str
    email: str


async def newest_ids(database: Database, limit: int) -> Sequence[str]:
    """Ids of the returns that opened last."""
    newest = select(listings.c.return_id).order_by(listings.c.opened_at.desc()).limit(limit)
    return await database.read(lambda connection: connection.execute(newest).scalars().all())


async def customers_of(database: Database, return_ids: Collection[str]) -> dict[str, Customer]:
    """Whose returns these are, by their ids. Raises ``Unavailable``."""
    customer = returns.c.request["order"]["customer"]
    told = (customer["name"].as_string(), customer["email"].as_string())
    statement = select(returns.c.return_id, *told).where(returns.c.return_id.in_(return_ids))
    found = await database.read(lambda connection: connection.execute(statement).all())
    return {return_id: Customer(name, email) for return_id, name, email in found}


async def returns_of_customers_since(
    database: Database, return_ids: Collection[str], since: datetime
) -> dict[str, int]:
    """How many returns the customer of each has begun since then, this one among them. Raises ``Unavailable``."""
    others = returns.alias("others")
    same = (others.c.customer_id == returns.c.customer_id) & (others.c.opened_at >= since)
    statement = (
        select(returns.c.return_id, func.count())
        .join(others, same)
        .where(returns.c.return_id.in_(return_ids))
        .group_by(returns.c.return_id)
    )
    rows = await database.read(lambda connection: connection.execute(statement).all())
    return {return_id: times for return_id, times in rows}  # noqa: C416 - rows are no pairs for the type checker


async def policy_versions(database: Database, newest: int) -> list[tuple[str, int]]:
    """Which versions of the policy the newest returns go by, and how many each, the most used first."""
    version = returns.c.policy["version"].as_string()

    latest = _select(Records(), search.Found()).limit(newest)

    def work(connection: Connection) -> list[tuple[str, int]]:
        ids = [row.return_id for row in _walk(connection, latest)]
        found = connection.execute(select(version).where(returns.c.return_id.in_(ids))).scalars()
        return Counter(str(one or "") for one in found).most_common()

    return await database.read(work)


def _walk(connection: Connection, statement: Select[Any]) -> list[Row]:
    """In the order of an index, until the page is full."""
    return [Row(*row) for row in connection.execute(statement)]


def _rows(connection: Connection, statement: Select[Any]) -> list[Row]:
    return [Row(*row) for row in connection.execute(statement)]


def _select(wanted: Records, found: search.Found) -> Select[Any]:
    column = _KEYS[wanted.sort]
    order = (column, listings.c.return_id)
    down = order if wanted.sort in _UPWARDS else tuple(one.desc() for one in order)
    return select(*_ROW).where(*_conditions(wanted, found)).order_by(*down)


def _conditions(wanted: Records, found: search.Found) -> list[ColumnElement[bool]]:
    own = search_terms.c.return_id == listings.c.return_id
    terms: list[ColumnElement[bool]] = [exists().where(own, common) for common in found.common]
    terms += found.other
    if found.few is not None:
        terms.append(listings.c.return_id.in_(sorted(found.few)) if found.few else false())
    if wanted.reason:
        terms.append(listings.c.reasons.contains(f",{wanted.reason.value},", autoescape=True))
    if wanted.country:
        terms.append(listings.c.country == wanted.country)
    if wanted.opened_from:
        terms.append(listings.c.opened_at >= wanted.opened_from)
    if wanted.opened_before:
        terms.append(listings.c.opened_at < wanted.opened_before)
    if wanted.updated_since:
        terms.append(listings.c.updated_at >= wanted.updated_since)
    if wanted.sort is Sort.UPDATED:
        terms.append(listings.c.updated_at.is_not(None))
    return terms


def _ended(ends: Ends) -> list[ColumnElement[bool]]:
    said = {"resolution": ends.resolution, "method": ends.method}
    statuses = [listings.c.status.in_([status.value for status in ends.statuses])] if ends.statuses else []
    return [
        listings.c.closed_at.is_not(None),
        *statuses,
        *(listings.c[name] == value.value for name, value in said.items() if value),
    ]


def place_of(row: Row, sort: Sort) -> str:
    """Where a page that ends with this row goes on."""
    if sort is Sort.UPDATED and row.updated_at:  # the row may have another place by then, its instant has not
        return f"{row.updated_at.isoformat()} {row.return_id}"
    return row.return_id


def _beyond(connection: Connection, sort: Sort, after: str) -> ColumnElement[bool]:
    """What comes after that place in this order; all for none."""
    if not after:
        return literal(1) == 1
    column, return_id, last = _KEYS[sort], after, None
    if sort is Sort.UPDATED:
        instant, _, return_id = after.partition(" ")
        last = _instant(instant)
    else:
        last = connection.execute(select(column).where(listings.c.return_id == after)).scalar_one_or_none()
    if last is None:
        return false()
    here, there = tuple_(column, listings.c.return_id), tuple_(literal(last, column.type), literal(return_id))
    return here > there if sort in _UPWARDS else here < there


def _instant(text: str) -> datetime | None:
    """None for a place that somebody made up."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _merged(rows: Sequence[Row], sort: Sort) -> list[Row]:
    name = _KEYS[sort].name
    return sorted(rows, key=lambda row: (getattr(row, name), row.return_id), reverse=sort not in _UPWARDS)
