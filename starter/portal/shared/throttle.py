"""How often something may be asked for, by all processes together."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import ceil

from fastapi import HTTPException
from sqlalchemy import Connection

from gateways.database.engine import Database
from gateways.database.rates import Limit, count

#: A limit, and who is counted.
Counted = tuple[Limit, tuple[str, ...]]


async def throttled(
    db: Database, counted: Sequence[Counted], work: Callable[[Connection], object] | None = None
) -> None:
    """Count one of each and do the ``work``, in one transaction: one that is refused counts nothing.

    429 with ``Retry-After`` when it is one too many; raises ``Unavailable``.
    """
    now = datetime.now(UTC)

    def take(connection: Connection) -> None:
        for limit, who in counted:
            if until := count(connection, limit, who, now):
                raise HTTPException(429, headers={"Retry-After": str(max(1, ceil((until - now).total_seconds())))})
        if work:
            work(connection)

    await db.write(take)
