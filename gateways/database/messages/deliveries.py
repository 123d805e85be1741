"""Which events each subscriber has: one row for each subscriber and return, its events in order.

Only one event of a return is due at a time for a subscriber, the one after the last that it has.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, and_, bindparam, case, func, select, update

from gateways.database.columns import Instant
from gateways.database.engine import Database
from gateways.database.messages import subscriptions
from gateways.database.messages.events import Event
from gateways.database.statements import insert_for
from gateways.database.tables.messages import deliveries, events, subscribers

#: New events that are spread in one transaction.
_BATCH = 500


@dataclass(frozen=True)
class Due:
    """An event for one subscriber; ``attempts`` have failed so far, the first of them at ``failing_since``."""

    subscriber: str
    event: Event
    attempts: int
    failing_since: datetime | None


@dataclass(frozen=True)
class Outcome:
    """What came of bringing an event: ``error`` is None when it has arrived.

    Failed, it is tried again at ``next_attempt_at``, or never where that is None. ``gone``: the
    subscriber wants nothing any more.
    """

    due: Due
    error: str | None = None
    next_attempt_at: datetime | None = None
    gone: bool = False


_NOT_FANNED_OUT = (
    select(events.c.return_id, events.c.number)
    .where(events.c.spread.is_(False))
    .order_by(events.c.return_id, events.c.number)
    .limit(_BATCH)
)
_MARK_FANNED_OUT = (
    update(events)
    .where(events.c.return_id == bindparam("of"), events.c.number == bindparam("nth"))
    .values(spread=True, position=bindparam("place"))
)
_LAST_PLACE = (
    select(events.c.position).where(events.c.position.is_not(None)).order_by(events.c.position.desc()).limit(1)
)
#: The event that is next in a row of deliveries.
NEXT = and_(events.c.return_id == deliveries.c.return_id, events.c.number == deliveries.c.delivered + 1)
_DUE = (
    select(
        deliveries.c.return_id,
        events.c.number,
        events.c.at,
        events.c.data,
        deliveries.c.attempts,
        deliveries.c.failing_since,
    )
    .join(events, NEXT)
    .where(deliveries.c.subscriber == bindparam("to"), deliveries.c.next_attempt_at <= bindparam("now"))
    .order_by(deliveries.c.next_attempt_at)
    .limit(bindparam("most"))
)
_NOW, _NTH = bindparam("now", type_=Instant), bindparam("nth", type_=Integer)
_GONE = select(subscribers.c.subscriber).where(subscribers.c.gone_at.is_not(None))
# Whoever replays meanwhile has set it back: then it is not this event's turn any more.
_ITS_TURN = and_(
    deliveries.c.subscriber == bindparam("to"),
    deliveries.c.return_id == bindparam("of"),
    deliveries.c.delivered == _NTH - 1,
)
_PASS = (
    update(deliveries)
    .where(_ITS_TURN)
    .values(
        delivered=_NTH,
        next_attempt_at=case((deliveries.c.written > _NTH, _NOW)),
        attempts=0,
        failing_since=None,
    )
)
_DELAY = (
    update(deliveries)
    .where(_ITS_TURN)
    .values(
        next_attempt_at=bindparam("again"),
        attempts=deliveries.c.attempts + 1,
        failing_since=func.coalesce(deliveries.c.failing_since, _NOW),
    )
)


async def fan_out(database: Database, to: Collection[str], now: datetime) -> int:
    """Queue new events for each subscriber; returns how many events that were.

    A subscriber that is new begins with them.
    """
    if not await database.read(lambda connection: connection.execute(_NOT_FANNED_OUT).first()):
        return 0

    def work(connection: Connection) -> int:
        new = [(row.return_id, row.number) for row in connection.execute(_NOT_FANNED_OUT)]
        ranges = _ranges(new)
        # Those that were just made are asked for here: what happens from then on is theirs.
        for subscriber in sorted({*to, *subscriptions.sent_to(connection)}):
            rows = [
                {
                    "subscriber": subscriber,
                    "return_id": return_id,
                    "delivered": first - 1,
                    "written": last,
                    "next_attempt_at": now,
                    "attempts": 0,
                }
                for return_id, first, last in ranges
            ]
            if rows:
                _queue_for_subscribers(connection, rows)
        place = _next_place(connection, now)
        spread = [
            {"of": return_id, "nth": number, "place": place + index} for index, (return_id, number) in enumerate(new)
        ]
        if spread:
            connection.execute(_MARK_FANNED_OUT, spread)
        return len(new)

    return await database.write(work)


def _next_place(connection: Connection, now: datetime) -> int:
    """Behind all that have one, and by the clock: what was deleted since must not be given again.

    Of two that spread at once, one fails by the unique index, and tries again.
    """
    last = connection.execute(_LAST_PLACE).scalar() or 0
    return max(last + 1, int(now.timestamp() * 1_000_000))


def _ranges(new: Sequence[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """The first and the last new number of each return, of events in their order."""
    found: dict[str, tuple[int, int]] = {}
    for return_id, number in new:
        first, _ = found.get(return_id, (number, number))
        found[return_id] = (first, number)
    return [(return_id, first, last) for return_id, (first, last) in found.items()]


def _queue_for_subscribers(connection: Connection, rows: list[dict[str, Any]]) -> None:
    insert = insert_for(deliveries, connection.dialect.name)
    new = insert.excluded
    statement = insert.on_conflict_do_update(
        index_elements=[deliveries.c.subscriber, deliveries.c.return_id],
        set_={
            "written": case((deliveries.c.written > new.written, deliveries.c.written), else_=new.written),
            "next_attempt_at": func.coalesce(deliveries.c.next_attempt_at, new.next_attempt_at),
        },
    )
    connection.execute(statement, rows)


async def silent(database: Database) -> set[str]:
    """Subscribers that want no more, or none for now."""
    return await database.read(
        lambda connection: {*connection.execute(_GONE).scalars(), *subscriptions.paused(connection)}
    )


async def next_due(database: Database, to: str, now: datetime, limit: int) -> list[Due]:
    """The next event of each return for this subscriber, if it is due; those that wait longest come first."""
    asked = {"to": to, "now": now, "most": limit}
    rows = await database.read(lambda connection: connection.execute(_DUE, asked).all())
    return [
        Due(to, Event(row.return_id, row.number, row.at, dict(row.data)), row.attempts, row.failing_since)
        for row in rows
    ]


async def settle(database: Database, outcomes: Iterable[Outcome], now: datetime) -> None:
    """Keep what came of them."""
    # In one order: who replays meanwhile and this one may wait for each other, but never in a circle.
    ended = sorted(outcomes, key=lambda outcome: (outcome.due.subscriber, outcome.due.event.return_id))

    def work(connection: Connection) -> None:
        passed, delayed = [], []
        for outcome in ended:
            due = outcome.due
            row = {"to": due.subscriber, "of": due.event.return_id, "nth": due.event.number, "now": now}
            if outcome.next_attempt_at:
                delayed.append(row | {"again": outcome.next_attempt_at})
            else:
                passed.append(row)
        for statement, rows in ((_PASS, passed), (_DELAY, delayed)):
            if rows:
                connection.execute(statement, rows)
        for row in _answers(ended, now):
            _keep_answer(connection, row)

    if ended:
        await database.write(work)


def _answers(outcomes: Sequence[Outcome], now: datetime) -> Iterable[dict[str, Any]]:
    """One row for each subscriber: how it has answered."""
    for subscriber in sorted({outcome.due.subscriber for outcome in outcomes}):
        mine = [outcome for outcome in outcomes if outcome.due.subscriber == subscriber]
        errors = [outcome.error for outcome in mine if outcome.error]
        yield {
            "subscriber": subscriber,
            "delivered_at": now if len(errors) < len(mine) else None,
            "failed_at": now if errors else None,
            "error": errors[-1] if errors else None,
            "given_up": sum(outcome.error is not None and outcome.next_attempt_at is None for outcome in mine),
            "gone_at": now if any(outcome.gone for outcome in mine) else None,
        }


def _keep_answer(connection: Connection, row: dict[str, Any]) -> None:
    insert = insert_for(subscribers, connection.dialect.name)
    new = insert.excluded
    kept = {
        name: func.coalesce(new[name], subscribers.c[name])
        for name in ("delivered_at", "failed_at", "error", "gone_at")
    }
    statement = insert.on_conflict_do_update(
        index_elements=[subscribers.c.subscriber],
        set_=kept | {"given_up": subscribers.c.given_up + new.given_up},
    )
    connection.execute(statement, row)
