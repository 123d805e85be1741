"""Who asked for a sign-in link: kept as it was typed, until a worker has looked the order up."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from gateways.database.columns import Instant
from gateways.database.engine import Database
from gateways.database.tables.messages import link_requests


@dataclass(frozen=True)
class LinkRequest:
    """What a visitor typed, and the ``network`` they came from; ``attempts`` to look the order up have failed."""

    request_id: str
    typed: str
    email: str
    network: str
    at: datetime
    due_at: datetime
    attempts: int = 0


_COLUMNS: Final = [link_requests.c[name] for name in LinkRequest.__dataclass_fields__]
_DUE = (
    select(*_COLUMNS)
    .where(link_requests.c.due_at <= bindparam("now", type_=Instant))
    .order_by(link_requests.c.due_at)
    .limit(bindparam("most"))
)
_KEEP = insert(link_requests)
_WAITING = select(func.count()).select_from(link_requests).where(link_requests.c.network == bindparam("network"))
#: How many of one network wait at a time, so that it does not delay others.
MOST_WAITING: Final = 20
_OF = link_requests.c.request_id == bindparam("of")
_DROP = delete(link_requests).where(_OF)
_LATER = (
    update(link_requests)
    .where(_OF)
    .values(due_at=bindparam("again_at", type_=Instant), attempts=link_requests.c.attempts + 1)
)


def keep(connection: Connection, request: LinkRequest) -> None:
    """Keep one, for a worker; one too many of its network is dropped in silence."""
    if connection.execute(_WAITING, {"network": request.network}).scalar_one() < MOST_WAITING:
        connection.execute(_KEEP, asdict(request))


def drop(connection: Connection, request: LinkRequest) -> bool:
    """It is dealt with; false where another worker has done so."""
    return bool(connection.execute(_DROP, {"of": request.request_id}).rowcount)


async def next_due(database: Database, now: datetime, limit: int) -> list[LinkRequest]:
    """Those that are to be looked up by now, the longest due first. Raises ``Unavailable``, as all here."""
    asked = {"now": now, "most": limit}
    rows = await database.read(lambda connection: connection.execute(_DUE, asked).all())
    return [LinkRequest(*row) for row in rows]


async def later(database: Database, request: LinkRequest, again_at: datetime) -> None:
    """The order could not be looked up now."""
    values = {"of": request.request_id, "again_at": again_at}
    await database.write(lambda connection: connection.execute(_LATER, values))
