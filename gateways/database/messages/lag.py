"""What waits to go out or to be taken, and since when: mails, webhooks, events of each subscriber."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, case, func, select

from gateways.database.engine import Database
from gateways.database.messages.deliveries import NEXT
from gateways.database.messages.inbox import OPEN
from gateways.database.tables.messages import deliveries, events, inbox, outbox, subscribers


@dataclass(frozen=True)
class Lag:
    """Of one subscriber: how many events wait for it, and since when the oldest of them.

    ``failing`` returns have an event that failed, the worst of them ``attempts`` times. ``given_up``
    events were tried for days and passed over. ``error`` and ``failed_at`` are the last failure's,
    whatever came after it. ``gone_at``: it wants no more.
    """

    subscriber: str
    waiting: int = 0
    oldest: datetime | None = None
    failing: int = 0
    attempts: int = 0
    given_up: int = 0
    error: str | None = None
    failed_at: datetime | None = None
    delivered_at: datetime | None = None
    gone_at: datetime | None = None


_WAITING = (
    select(
        deliveries.c.subscriber,
        func.sum(deliveries.c.written - deliveries.c.delivered).label("waiting"),
        func.min(events.c.written_at).label("oldest"),
        func.sum(case((deliveries.c.attempts > 0, 1), else_=0)).label("failing"),
        func.max(deliveries.c.attempts).label("attempts"),
    )
    .outerjoin(events, NEXT)
    .where(deliveries.c.next_attempt_at.is_not(None))
    .group_by(deliveries.c.subscriber)
)
_NOT_FANNED_OUT = select(func.count(), func.min(events.c.written_at)).where(events.c.spread.is_(False))


async def lags(database: Database, of: Collection[str]) -> dict[str, Lag]:
    """Of these subscribers, and of others that events still wait for."""

    def work(connection: Connection) -> dict[str, Lag]:
        waiting = {row.subscriber: row for row in connection.execute(_WAITING)}
        answers = {row.subscriber: row for row in connection.execute(select(subscribers))}
        new, newest = connection.execute(_NOT_FANNED_OUT).one()
        found = {}
        for subscriber in [*of, *sorted(waiting.keys() - set(of))]:
            row, answer, counts = waiting.get(subscriber), answers.get(subscriber), subscriber in of
            instants = [row.oldest if row else None, newest if counts else None]
            found[subscriber] = Lag(
                subscriber,
                waiting=(int(row.waiting) if row else 0) + (new if counts else 0),
                oldest=min((at for at in instants if at), default=None),
                failing=int(row.failing) if row else 0,
                attempts=row.attempts if row else 0,
                given_up=answer.given_up if answer else 0,
                error=answer.error if answer else None,
                failed_at=answer.failed_at if answer else None,
                delivered_at=answer.delivered_at if answer else None,
                gone_at=answer.gone_at if answer else None,
            )
        return found

    return await database.read(work)


#: How many, and since when the oldest.
Waiting = tuple[int, datetime | None]


async def mails_due(database: Database) -> Waiting:
    """Mails that have not gone out."""
    return await _counted(database, outbox, outbox.c.state == "queued")


async def inbox_open(database: Database) -> Waiting:
    """Partners' events that no return has taken, whether they are tried again by themselves or wait for an operator."""
    return await _counted(database, inbox, inbox.c.state.in_(OPEN))


async def _counted(database: Database, table: Table, which: ColumnElement[bool]) -> Waiting:
    statement = select(func.count(), func.min(table.c.at)).where(which)
    found = await database.read(lambda connection: connection.execute(statement).one())
    return found[0], found[1]
