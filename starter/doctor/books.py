"""Whether the database is in order, and what waits in it."""

import shutil
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, DateTime, func, select, text
from sqlalchemy.exc import DBAPIError

from gateways.database import breakers, failing_steps
from gateways.database.engine import Database, WrongSchema
from gateways.database.messages import lag, subscriptions
from gateways.database.reconciliation import findings
from gateways.database.returns import orphans
from gateways.errors import Unavailable
from starter.doctor.clocks import compared
from starter.doctor.finding import Finding, failed, ok, warning

#: How long something may wait that goes out by itself.
_LATE_MAILS, _LATE_EVENTS = timedelta(minutes=15), timedelta(minutes=5)
#: Our books are compared each day, at some minute of half an hour.
_COMPARED: Final = timedelta(hours=26)
#: Bytes, and the part of connections, that should be left.
_FREE, _LEFT = 1_000_000_000, 0.1
_NOW = select(func.clock_timestamp(type_=DateTime(timezone=True)))
_BACKENDS = text("SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity")


async def examine_database(db: Database, subscribers: Collection[str], now: datetime) -> AsyncIterator[Finding]:
    """All that can be asked of the database; ``subscribers`` are the ids of those of the settings."""
    # The disk first: where it is full, the database may not answer.
    if db.sqlite and Path(db.url.database or ".").parent.exists():
        yield _disk(db)
    try:
        await db.require_schema()
    except (Unavailable, DBAPIError) as error:
        advice = "see HOMEWARD_DATABASE_URL and the server; `homeward db upgrade` makes one that is not there yet"
        yield failed("database", str(error) if isinstance(error, Unavailable) else "does not answer", advice)
        return
    except WrongSchema as error:
        yield failed("database", str(error), "run `homeward db upgrade`, or the version that the schema is of")
        return
    yield ok("database", "answers, with a schema that this version works with")
    if not db.sqlite:
        yield await _connections(db)
        yield await _clock(db)
    for finding in await _what_waits(db, subscribers, now):
        yield finding


def free_disk(db: Database) -> int:
    """How many bytes are free where the SQLite database is."""
    return shutil.disk_usage(Path(db.url.database or ".").parent).free


def _disk(db: Database) -> Finding:
    free = free_disk(db)
    told = f"{free / 1e9:.1f} GB free"
    return ok("disk", told) if free > _FREE else failed("disk", told, "make room: nothing can be written without")


async def _connections(db: Database) -> Finding:
    used, most = await db.read(lambda connection: connection.execute(_BACKENDS).one())
    told = f"{used} of {most} in use"
    if used > most * (1 - _LEFT):
        return warning("connections", told, "raise max_connections, or run fewer processes")
    return ok("connections", told)


async def _clock(db: Database) -> Finding:
    def read(connection: Connection) -> datetime:
        return connection.execute(_NOW).scalar_one()

    before = datetime.now(UTC)
    there = await db.read(read)
    return compared("clock", "the database's", there, before, datetime.now(UTC))


async def _what_waits(db: Database, subscribers: Collection[str], now: datetime) -> list[Finding]:
    mails = await lag.mails_due(db)
    letters = await lag.inbox_open(db)
    made = [one.subscription_id for one in await subscriptions.all_of(db) if one.url]
    behind = await lag.lags(db, [*subscribers, *made])
    return [
        _late("mails", mails, now, _LATE_MAILS, "see HOMEWARD_SMTP_URL, and `homeward mails`"),
        _late(
            "webhooks",
            letters,
            now,
            _LATE_EVENTS,
            "look at `homeward inbox`: an operator may have to say whose they are",
        ),
        *(
            _late(
                f"events to {one.subscriber}",
                (one.waiting, one.oldest),
                now,
                _LATE_EVENTS,
                "see `homeward subscribers`",
            )
            for one in behind.values()
        ),
        await _orphaned(db),
        await _compared(db, now),
        *[
            warning(
                f"steps of {row['partner']}",
                f"waiting: {row['count']}, {row['code']}, since {row['since']:%Y-%m-%d %H:%M} UTC",
                "see `homeward retries`",
            )
            for row in await failing_steps.partners_waited_for(db)
        ],
        *[
            warning(
                f"breaker of {one.partner}",
                f"{one.code} for everybody since {one.opened_at:%Y-%m-%d %H:%M} UTC; one step at a time is tried",
                "see the partner's own status page: all goes on by itself once it is back",
            )
            for one in await breakers.breakers_of(db)
            if one.closed_at is None
        ],
    ]


def _late(check: str, waiting: tuple[int, datetime | None], now: datetime, allowed: timedelta, advice: str) -> Finding:
    count, oldest = waiting
    if oldest is None:
        return ok(check, "none waits")
    told = f"waiting: {count}, the oldest for {(now - oldest).total_seconds() / 60:.0f} min"
    return ok(check, told) if now - oldest < allowed else warning(check, told, advice)


async def _orphaned(db: Database) -> Finding:
    count = await orphans.count(db)
    if count:
        advice = "`homeward list --attention` names them; `homeward revive` or `homeward release` each"
        return failed("orphans", f"carried by no workflow: {count}", advice)
    return ok("orphans", "every open return has its workflow")


async def _compared(db: Database, now: datetime) -> Finding:
    check = "reconciliation"
    kinds, at = await findings.counted(db)
    kinds.pop("orphaned", None)  # these have a line of their own
    if at is None:
        return ok(check, "not made yet: it is each night")
    if kinds:
        told = ", ".join(f"{kind}: {count}" for kind, count in sorted(kinds.items()))
        return warning(check, told, "`homeward reconcile` names each, and what to do about it")
    acknowledged = len(await findings.listed(db, acknowledged=True))
    but = f", but for {acknowledged} that somebody has acknowledged" if acknowledged else ""
    told = f"books, partners and Temporal agreed {at:%Y-%m-%d %H:%M} UTC{but}"
    if now - at > _COMPARED:
        return warning(check, told, "see the schedule `daily-reconciliation` and its workflow `reconciliation`")
    return ok(check, told)
