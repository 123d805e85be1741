"""The inbox: every webhook event is here before it is answered, until its return has it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, select, update

from gateways.database.engine import Database, rows_of
from gateways.database.last_change import touch
from gateways.database.statements import insert_if_new
from gateways.database.tables.messages import inbox
from gateways.database.tables.returns import returns
from gateways.webhook_protocol import MESSAGES, Kind, Message, PartnerEvent

State = Literal["queued", "waiting", "passed", "dismissed"]
#: What nobody has dealt with yet.
OPEN: tuple[State, ...] = ("queued", "waiting")


@dataclass(frozen=True)
class InboxEvent:
    """One event; ``attempts`` to forward it have failed so far."""

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
    #: The parcel that leads to its return, where the message itself does not name it.
    tracking_code: str | None


@dataclass(frozen=True)
class ForwardResult:
    """The result of an attempt; with a ``next_attempt_at`` it is tried again by itself."""

    state: State
    why: str | None = None
    return_id: str | None = None
    next_attempt_at: datetime | None = None


_COLUMNS = [inbox.c[name] for name in InboxEvent.__dataclass_fields__]
_THIS = select(*_COLUMNS).where(inbox.c.id == bindparam("of"))
_SAME = select(*_COLUMNS).where(inbox.c.source == bindparam("of_source"), inbox.c.event_id == bindparam("of_event"))
_DUE = select(*_COLUMNS).where(inbox.c.next_attempt_at <= bindparam("now")).order_by(inbox.c.id).limit(1)


def keep(
    connection: Connection, incoming: PartnerEvent, at: datetime, next_attempt_at: datetime
) -> tuple[InboxEvent, bool]:
    """Keep an event; how it is kept, and whether it is new. One that came before is left as it is."""
    values = {
        "source": incoming.source,
        "event_id": incoming.event_id,
        "kind": incoming.kind,
        "return_id": incoming.return_id,
        "tracking_code": incoming.tracking_code,
        "message": incoming.message.model_dump(mode="json"),
        "state": "queued",
        "at": at,
        "attempts": 0,
        "next_attempt_at": next_attempt_at,
    }
    new = connection.execute(insert_if_new(inbox, connection.dialect.name), values).first() is not None
    row = connection.execute(_SAME, {"of_source": incoming.source, "of_event": incoming.event_id}).one()
    return _event(row), new


def _event(row: Any) -> InboxEvent:
    event = InboxEvent(*row)
    return replace(event, message=MESSAGES[event.kind].model_validate(event.message))


async def next_due(database: Database, now: datetime) -> InboxEvent | None:
    """The oldest that is to be passed on by now; None when there is none."""
    row = await database.read(lambda connection: connection.execute(_DUE, {"now": now}).first())
    return _event(row) if row else None


async def get_event(database: Database, event_id: int) -> InboxEvent | None:
    """One event; None when there is none."""
    row = await database.read(lambda connection: connection.execute(_THIS, {"of": event_id}).first())
    return _event(row) if row else None


def settle(connection: Connection, event_id: int, result: ForwardResult) -> None:
    """Store the result of an attempt; one that has been forwarded or dismissed meanwhile stays so."""
    values: dict[str, Any] = {
        "state": result.state,
        "why": result.why,
        "next_attempt_at": result.next_attempt_at,
        "attempts": inbox.c.attempts + 1,
    }
    if result.return_id is not None:
        values["return_id"] = result.return_id
    statement = update(inbox).where(inbox.c.id == event_id, inbox.c.state.in_(OPEN)).values(values)
    connection.execute(statement)
    if result.state == "passed":
        told = connection.execute(select(inbox.c.return_id).where(inbox.c.id == event_id)).scalar_one()
        touch(connection, told or "")


def dismiss_unknown(connection: Connection, source: str, why: str) -> int:
    """Dismiss what of a partner waits for an operator and names no return that there is; how many events these are."""
    known = select(returns.c.return_id).where(returns.c.return_id == inbox.c.return_id)
    statement = update(inbox).where(inbox.c.state == "waiting", inbox.c.source == source, ~known.exists())
    done = connection.execute(statement.values(state="dismissed", why=why, next_attempt_at=None))
    return done.rowcount


def retry_now(connection: Connection, return_id: str | None, now: datetime) -> None:
    """Whatever of this return, or of no known one, is tried again by itself is tried now."""
    statement = update(inbox).where(inbox.c.return_id == return_id, inbox.c.next_attempt_at > now)
    connection.execute(statement.values(next_attempt_at=now))


async def forwarded_to(database: Database, return_id: str) -> list[InboxEvent]:
    """The events that this return has taken, oldest first."""
    statement = select(*_COLUMNS).where(inbox.c.return_id == return_id, inbox.c.state == "passed")
    rows = await database.read(lambda connection: connection.execute(statement.order_by(inbox.c.id)).all())
    return [_event(row) for row in rows]


async def delivered_among(database: Database, return_ids: Sequence[str]) -> set[str]:
    """Those of them of which the carrier has said to us that a parcel was delivered."""
    said = inbox.c.message["status"].as_string() == "delivered"
    taken = inbox.c.state.in_(("passed", *OPEN))
    statement = select(inbox.c.return_id).where(inbox.c.return_id.in_(return_ids), taken, inbox.c.kind == "tracking")
    return await database.read(lambda connection: set(connection.execute(statement.where(said)).scalars()))


async def listed(
    database: Database,
    states: Sequence[State],
    limit: int,
    *,
    source: str | None = None,
    return_id: str | None = None,
    before: int | None = None,
) -> list[dict[str, Any]]:
    """All columns, by name; the newest first, of those ``before`` an id, of one partner, or of one return."""
    statement = select(*_COLUMNS).where(inbox.c.state.in_(states))
    wanted = ((inbox.c.source, source), (inbox.c.return_id, return_id))
    statement = statement.where(*(column == value for column, value in wanted if value is not None))
    if before is not None:
        statement = statement.where(inbox.c.id < before)
    return await rows_of(database, statement.order_by(inbox.c.id.desc()).limit(limit))
