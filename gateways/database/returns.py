"""Every return from its opening step on, the units it claims, and its final view."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateways.database.engine import Database
from gateways.database.tables import claims, returns
from gateways.errors import Unavailable
from lifecycle.eligibility import ClaimedUnit, Facts
from lifecycle.request import ReturnRequest
from lifecycle.view import Status, View

#: The order's original shipping is claimed like a unit: it goes back once.
SHIPPING = "shipping"


class UnitsTaken(Unavailable):
    """Another return holds one of the units; decide again with what is known now."""


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


def facts(connection: Connection, *, order_id: str, customer_id: str, return_id: str, since: datetime) -> Facts:
    """What other returns hold of the order, and how many the customer began since then."""
    held = select(claims).where(claims.c.order_id == order_id, claims.c.return_id != return_id)
    rows = (connection.execute(held)).all()
    counted = select(func.count()).where(
        returns.c.customer_id == customer_id, returns.c.opened_at >= since, returns.c.return_id != return_id
    )
    return Facts(
        claimed={row.unit_id: ClaimedUnit(row.return_id, row.sellers_fault) for row in rows if row.unit_id != SHIPPING},
        shipping_claimed=any(row.unit_id == SHIPPING for row in rows),
        customer_returns=(connection.execute(counted)).scalar_one(),
    )


def insert_return(connection: Connection, return_id: str, request: ReturnRequest, status: Status, at: datetime) -> None:
    """Keep a return that has just been decided on."""
    connection.execute(
        insert(returns).values(
            return_id=return_id,
            order_id=request.order.order_id,
            customer_id=request.order.customer.customer_id,
            request=request.model_dump(mode="json"),
            status=status.value,
            opened_at=at,
        )
    )


def claim_units(connection: Connection, order_id: str, return_id: str, units: Mapping[str, bool]) -> None:
    """Hold units, each with whether the seller is at fault; raises ``UnitsTaken``."""
    mine = select(claims.c.unit_id).where(claims.c.order_id == order_id, claims.c.return_id == return_id)
    held = set((connection.execute(mine)).scalars())
    rows = [
        {"order_id": order_id, "unit_id": unit_id, "return_id": return_id, "sellers_fault": fault}
        for unit_id, fault in units.items()
        if unit_id not in held
    ]
    if not rows:
        return
    try:
        connection.execute(insert(claims), rows)
    except IntegrityError:
        raise UnitsTaken(f"another return holds one of {', '.join(units)}", "units_taken") from None


def release_claims(connection: Connection, return_id: str) -> None:
    """Give all units of a return free."""
    connection.execute(delete(claims).where(claims.c.return_id == return_id))


def close_return(connection: Connection, return_id: str, view: View, at: datetime) -> None:
    """Keep the final view."""
    values = {"status": view.status.value, "view": view.model_dump(mode="json"), "closed_at": at}
    connection.execute(update(returns).where(returns.c.return_id == return_id).values(values))


def request_in(connection: Connection, return_id: str) -> ReturnRequest:
    """The request of a return, read within a transaction."""
    statement = select(returns.c.request).where(returns.c.return_id == return_id)
    return ReturnRequest.model_validate((connection.execute(statement)).scalar_one())


async def request_of(database: Database, return_id: str) -> ReturnRequest:
    """The request of a return."""
    return await database.read(lambda connection: request_in(connection, return_id))


async def get_return(database: Database, return_id: str) -> StoredReturn | None:
    """What is kept of a return; null when it is unknown."""
    columns = [returns.c[name] for name in StoredReturn.__dataclass_fields__]
    statement = select(*columns).where(returns.c.return_id == return_id)
    row = await database.read(lambda connection: connection.execute(statement).first())
    return StoredReturn(*row) if row else None
