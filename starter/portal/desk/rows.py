"""Rows of lists as the desk shows them: what the list knows, and whose return it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from client.errors import Unreachable
from client.list_rows import ListFilter
from client.search import FoundPage, FoundRow
from gateways.database.returns.listing import Customer, customers_of
from starter.shared.services import Services

_NOBODY = Customer("", "")


@dataclass(frozen=True)
class ShownRow:
    """One return; ``due`` is the next promise to the customer, ``value`` what the goods cost in minor units."""

    return_id: str
    order_id: str
    customer: str
    email: str
    status: str
    resolution: str
    method: str
    reasons: tuple[str, ...]
    country: str
    opened_at: datetime
    due: datetime | None
    late: bool
    attention: str | None
    value: int
    currency: str


async def shown(services: Services, rows: Sequence[FoundRow]) -> list[ShownRow]:
    """With the customer of each. Raises ``Unavailable``."""
    customers = await customers_of(services.db, [row.recorded.return_id for row in rows])
    return [_shown(row, customers.get(row.recorded.return_id, _NOBODY)) for row in rows]


def _shown(row: FoundRow, customer: Customer) -> ShownRow:
    recorded = row.recorded
    return ShownRow(
        return_id=recorded.return_id,
        order_id=recorded.order_id,
        customer=customer.name,
        email=customer.email,
        status=row.listed.status.value,
        resolution=recorded.resolution,
        method=recorded.method,
        reasons=tuple(filter(None, recorded.reasons.split(","))),
        country=recorded.country,
        opened_at=recorded.opened_at,
        due=row.listed.resolve_by,
        late=row.listed.escalated,
        attention=row.listed.attention,
        value=recorded.value,
        currency=recorded.currency,
    )


async def found(services: Services, wanted: ListFilter, limit: int, after: str = "") -> tuple[FoundPage, bool]:
    """Some of the list, and whether Temporal is away, so that our records alone were asked. Raises ``Unavailable``."""
    try:
        return await services.homeward.find(wanted, limit, after), False
    except Unreachable:
        return await services.homeward.find_recorded(wanted, limit, after), True
