"""The outbox: mails written with their effects, and taken out by the relay."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal_column, or_, select, update

from gateways.database.engine import Database, rows_of
from gateways.database.statements import insert_if_new
from gateways.database.tables.messages import outbox
from gateways.database.tables.search import listings


@dataclass(frozen=True)
class OutboxMail:
    """A mail to send; ``label_of`` is the tracking code whose label goes with it.

    It goes out at ``next_attempt_at``, or at once.
    """

    key: str
    return_id: str
    to: str
    recipient_name: str
    template: str
    subject: str
    text: str
    at: datetime
    label_of: str | None = None
    next_attempt_at: datetime | None = None
    #: What the template was given, as JSON.
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class OutboxRow:
    """A mail that is due; ``attempts`` have failed so far."""

    id: int
    key: str
    return_id: str
    to: str
    recipient_name: str
    template: str
    subject: str
    text: str
    label_of: str | None
    attempts: int
    #: None where a release before this one wrote it.
    data: dict[str, Any] | None


#: As text of the statement: a database takes an index of some templates alone where it sees which one is meant.
_LISTED = {name: name for name in ("wipe_waits", "hold_warning")}
_OLDEST = select(func.min(outbox.c.id)).where(outbox.c.state == "queued").group_by(outbox.c.return_id)
_DUE = (
    select(*[outbox.c[name] for name in OutboxRow.__dataclass_fields__])
    .where(
        outbox.c.id.in_(_OLDEST.scalar_subquery()),
        or_(outbox.c.next_attempt_at.is_(None), outbox.c.next_attempt_at <= bindparam("now")),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_SENT = update(outbox).where(outbox.c.id == bindparam("of")).values(state="sent", sent_at=bindparam("now"))
_OFF = update(outbox).where(outbox.c.id == bindparam("of")).values(state="off")


def put(connection: Connection, mail: OutboxMail) -> bool:
    """Write a mail; the same key again does nothing. Whether it was written."""
    values = asdict(mail) | {"state": "queued", "attempts": 0}
    return connection.execute(insert_if_new(outbox, connection.dialect.name), values).first() is not None


def put_anew(connection: Connection, mail: OutboxMail) -> None:
    """Write a mail, in the place of the one with the same key as long as that has not gone out."""
    put(connection, mail)
    waiting = (outbox.c.key == mail.key) & (outbox.c.state == "queued")
    connection.execute(update(outbox).where(waiting).values(subject=mail.subject, text=mail.text, data=mail.data))


async def next_due(database: Database, now: datetime, limit: int) -> list[OutboxRow]:
    """The oldest unsent mail of each return, if it is due: a later one waits for it."""
    asked = {"now": now, "most": limit}
    rows = await database.read(lambda connection: connection.execute(_DUE, asked).all())
    return [OutboxRow(*row) for row in rows]


async def mark_sent(database: Database, ids: Sequence[int], at: datetime) -> None:
    """They are out."""
    sent = [{"of": mail_id, "now": at} for mail_id in ids]
    await database.write_alone(lambda connection: connection.execute(_SENT, sent))


async def mark_off(database: Database, mail_id: int) -> None:
    """It is kept and not sent: mails of its kind are switched off."""
    await database.write_alone(lambda connection: connection.execute(_OFF, {"of": mail_id}))


async def mark_failed(
    database: Database,
    mail_id: int,
    next_attempt_at: datetime | None,
    error: str,
    *,
    final: bool,
    instead: OutboxMail | None = None,
) -> None:
    """It did not go out: again at ``next_attempt_at``, or never when ``final``.

    ``instead`` is written in the same transaction: word to somebody who can help. A mail that
    another relay has sent meanwhile stays sent.
    """
    values: dict[str, Any] = {
        "attempts": outbox.c.attempts + 1,
        "next_attempt_at": next_attempt_at,
        "error": error,
        "state": "failed" if final else "queued",
    }
    waiting = (outbox.c.id == mail_id) & (outbox.c.state == "queued")
    statement = update(outbox).where(waiting).values(values).returning(outbox.c.id)

    def work(connection: Connection) -> None:
        if connection.execute(statement).first() and instead:
            put(connection, instead)

    await database.write(work)


async def mails_of(database: Database, return_id: str) -> list[dict[str, Any]]:
    """``[{at, to, template, subject, text, state}]`` of a return, oldest first."""
    columns = [outbox.c[name] for name in ("at", "to", "template", "subject", "text", "state")]
    statement = select(*columns).where(outbox.c.return_id == return_id).order_by(outbox.c.id)
    return await rows_of(database, statement)


async def latest_mails(database: Database, to: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest mails as ``mails_of`` gives them, to one address or to all, oldest of them first."""
    columns = [outbox.c[name] for name in ("at", "to", "template", "subject", "text", "state")]
    statement = select(*columns).order_by(outbox.c.id.desc()).limit(limit)
    if to is not None:
        statement = statement.where(func.lower(outbox.c.to) == to.lower())
    return (await rows_of(database, statement))[::-1]


async def open_returns_mailed(database: Database, template: str, limit: int) -> list[str]:
    """Open returns of which such a mail was written, one that the index ``ix_outbox_listed`` has; the oldest first."""
    statement = (
        select(listings.c.return_id)
        .join(outbox, outbox.c.return_id == listings.c.return_id)
        .where(outbox.c.template == literal_column(f"'{_LISTED[template]}'"), listings.c.closed_at.is_(None))
        .group_by(listings.c.return_id, listings.c.opened_at)
        .order_by(listings.c.opened_at, listings.c.return_id)
        .limit(limit)
    )
    return await database.read(lambda connection: list(connection.execute(statement).scalars()))
