"""Sends events again to subscribers that have lost them, or were not there yet."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Integer, String, case, func, literal, null, or_, select, update

from gateways.database.columns import Instant
from gateways.database.engine import Database
from gateways.database.statements import insert_for
from gateways.database.tables.messages import deliveries, events, subscribers

_COLUMNS = ["subscriber", "return_id", "delivered", "written", "next_attempt_at", "attempts"]


async def replay(database: Database, to: Collection[str], since: datetime, now: datetime) -> int:
    """Queue everything again that happened, or was written, since then; returns how many events.

    One that wanted no more is sent events again.
    """
    late = or_(events.c.at >= since, events.c.written_at >= since)

    def work(connection: Connection) -> int:
        for subscriber in sorted(to):
            first_and_last = (
                select(
                    literal(subscriber, String),
                    events.c.return_id,
                    func.min(events.c.number) - 1,
                    func.max(events.c.number),
                    literal(now, Instant),
                    literal(0, Integer),
                )
                .where(late)
                .group_by(events.c.return_id)
                .order_by(events.c.return_id)
            )
            insert = insert_for(deliveries, connection.dialect.name)
            new = insert.excluded
            back = case((deliveries.c.delivered < new.delivered, deliveries.c.delivered), else_=new.delivered)
            statement = insert.from_select(_COLUMNS, first_and_last).on_conflict_do_update(
                index_elements=[deliveries.c.subscriber, deliveries.c.return_id],
                set_={
                    "delivered": back,
                    "written": case((deliveries.c.written > new.written, deliveries.c.written), else_=new.written),
                    "next_attempt_at": new.next_attempt_at,
                    "attempts": 0,
                    "failing_since": null(),
                },
            )
            connection.execute(statement)
        connection.execute(update(subscribers).where(subscribers.c.subscriber.in_(to)).values(gone_at=None))
        return int(connection.execute(select(func.count()).select_from(events).where(late)).scalar_one())

    return await database.write(work)
