"""What our own tables know of a customer."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, or_, select

from gateways.database.forgetting.blanks import MAILBOX, values_of
from gateways.database.tables.orders import orders
from gateways.database.tables.returns import returns
from gateways.database.tables.support import support_cases


@dataclass(frozen=True)
class Known:
    """A customer's returns, cases and orders by id, their mailboxes in lower case, and every personal text of theirs.

    ``units`` are the returns' own names of their units. What is open stands apart.
    """

    returns: tuple[str, ...]
    open_returns: tuple[str, ...]
    cases: tuple[str, ...]
    open_cases: tuple[str, ...]
    orders: tuple[str, ...]
    emails: frozenset[str]
    values: frozenset[str]
    units: dict[str, tuple[str, ...]]

    @property
    def open(self) -> tuple[str, ...]:
        """What nobody may be forgotten in yet."""
        return self.open_returns + self.open_cases


def known_of(connection: Connection, customer_id: str) -> Known:
    """Look through the tables."""
    ours = connection.execute(select(returns).where(returns.c.customer_id == customer_id)).mappings().all()
    named = {row["order_id"] for row in ours if row["closed_at"] is None}
    bought = _orders_of(connection, customer_id)
    requests = [row["request"] for row in ours]
    values = set[str]().union(
        *(values_of(request["order"], request["items"]) for request in requests),
        *(values_of(row["order"]) for row in bought),
    )
    emails = {text.lower() for text in values if "@" in text} - {MAILBOX}
    cases = _cases_of(connection, [row["return_id"] for row in ours], [row["order_id"] for row in bought], emails)
    return Known(
        returns=_ids(ours, "return_id", closed=True),
        open_returns=_ids(ours, "return_id", closed=False),
        cases=_ids(cases, "case_id", closed=True),
        open_cases=_ids(cases, "case_id", closed=False),
        orders=tuple(row["order_id"] for row in bought if row["order_id"] not in named),
        emails=frozenset(emails),
        values=frozenset(values - {MAILBOX}),
        units={row["return_id"]: _units(row["view"]) for row in ours},
    )


def _orders_of(connection: Connection, customer_id: str) -> Any:
    bought = orders.c.order["customer"]["customer_id"].as_string() == customer_id
    return connection.execute(select(orders.c.order_id, orders.c.order).where(bought)).mappings().all()


def _cases_of(
    connection: Connection, return_ids: Collection[str], order_ids: Collection[str], emails: Collection[str]
) -> Any:
    asked = support_cases.c.request
    theirs = or_(
        func.lower(asked["email"].as_string()).in_(emails),
        asked["return_id"].as_string().in_(return_ids),
        asked["order_id"].as_string().in_(order_ids),
    )
    return connection.execute(select(support_cases).where(theirs)).mappings().all()


def _ids(rows: Any, name: str, *, closed: bool) -> tuple[str, ...]:
    return tuple(row[name] for row in rows if (row["closed_at"] is not None) is closed)


def _units(view: dict[str, Any] | None) -> tuple[str, ...]:
    return tuple(unit["unit_id"] for unit in (view or {}).get("units", ()))
