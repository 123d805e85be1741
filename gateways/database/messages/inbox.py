"""The inbox: every webhook event is here before it is answered, until its return has it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, select, update

from gateways.database.engine import Database, rows_of
from gateways.database.statements import insert_if_new
from gateways.database.tables import inbox
from gateways.webhooks import MESSAGES, Kind, Message, News

State = Literal["queued", "waiting", "passed", "dismissed"]
#: What nobody has dealt with yet.
OPEN: tuple[State, ...] = ("queued", "waiting")


@dataclass(frozen=True)
class Letter:
    """One event; ``attempts`` to pass it on have failed so far."""

    id: int
    source: str
    event_id: str
    kind: Kind
    return_id: str | None
    message: Message
    state: State
    why: str | None
    at: datetime
    attempts: int
    next_attempt_at: datetime | None


@dataclass(frozen=True)
class Fate:
    """What became of an attempt; with a ``next_attempt_at`` it is tried again by itself."""

    state: State
    why: str | None = None
    return_id: str | None = None
    next_attempt_at: datetime | None = None


_COLUMNS = [inbox.c[name] for name in Letter.__dataclass_fields__]
_THIS = select(*_COLUMNS).where(inbox.c.id == bindparam("of"))
_SAME = select(*_COLUMNS).where(inbox.c.source == bindparam("of_source"), inbox.c.event_id == bindparam("of_event"))
_DUE = select(*_COLUMNS).where(inbox.c.next_attempt_at <= bindparam("now")).order_by(inbox.c.id).limit(1)


def keep(connection: Connection, news: News, at: datetime, next_attempt_at: datetime) -> tuple[Letter, bool]:
    """Keep an event; the letter, and whether it is new. One that came before is left as it is."""
    values = {
        "source": news.source,
        "event_id": news.event_id,
        "kind": news.kind,
        "return_id": news.return_id,
        "message": news.message.model_dump(mode="json"),
        "state": "queued",
        "at": at,
        "attempts": 0,
        "next_attempt_at": next_attempt_at,
    }
    new = connection.execute(insert_if_new(inbox, connection.dialect.name), values).first() is not None
    row = connection.execute(_SAME, {"of_source": news.source, "of_event": news.event_id}).one()
    return _letter(row), new


def _letter(row: Any) -> Letter:
    letter = Letter(*row)
    return replace(letter, message=MESSAGES[letter.kind].model_validate(letter.message))


async def next_due(database: Database, now: datetime) -> Letter | None:
    """The oldest that is to be passed on by now; null when there is none."""
    row = await database.read(lambda connection: connection.execute(_DUE, {"now": now}).first())
    return _letter(row) if row else None


async def letter(database: Database, letter_id: int) -> Letter | None:
    """One event; null when there is none."""
    row = await database.read(lambda connection: connection.execute(_THIS, {"of": letter_id}).first())
    return _letter(row) if row else None


def settle(connection: Connection, letter_id: int, fate: Fate) -> None:
    """Keep what became of an attempt; one that has been passed or dismissed meanwhile stays so."""
    values: dict[str, Any] = {
        "state": fate.state,
        "why": fate.why,
        "next_attempt_at": fate.next_attempt_at,
        "attempts": inbox.c.attempts + 1,
    }
    if fate.return_id is not None:
        values["return_id"] = fate.return_id
    statement = update(inbox).where(inbox.c.id == letter_id, inbox.c.state.in_(OPEN)).values(values)
    connection.execute(statement)


def hurry(connection: Connection, return_id: str | None, now: datetime) -> None:
    """Whatever of this return, or of no known one, is tried again by itself is tried now."""
    statement = update(inbox).where(inbox.c.return_id == return_id, inbox.c.next_attempt_at > now)
    connection.execute(statement.values(next_attempt_at=now))


async def passed_to(database: Database, return_id: str) -> list[Letter]:
    """What this return was told, oldest first."""
    statement = select(*_COLUMNS).where(inbox.c.return_id == return_id, inbox.c.state == "passed")
    rows = await database.read(lambda connection: connection.execute(statement.order_by(inbox.c.id)).all())
    return [_letter(row) for row in rows]


async def listed(database: Database, states: Sequence[State], limit: int) -> list[dict[str, Any]]:
    """All columns, by name; the newest first."""
    statement = select(*_COLUMNS).where(inbox.c.state.in_(states))
    return await rows_of(database, statement.order_by(inbox.c.id.desc()).limit(limit))
