"""Subscribers of events that are made by the API, beside those of the settings."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes, token_hex
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from gateways.database.engine import Database
from gateways.database.statements import insert_for
from gateways.database.tables.messages import deliveries, subscribers, subscriptions

#: So many there may be: each of them costs a look at every round.
MOST: Final = 50
_SECRET_BYTES: Final = 32
#: The row of ``subscribers`` that says that the settings of those who bring events name some.
_BY_SETTINGS: Final = "settings"
_ALL = select(subscriptions).order_by(subscriptions.c.made_at, subscriptions.c.subscription_id).limit(MOST)
_ANY = select(subscriptions.c.subscription_id).limit(1)
_NAMED = select(subscribers.c.subscriber).where(subscribers.c.subscriber == _BY_SETTINGS)
_ONE = select(subscriptions).where(subscriptions.c.subscription_id == bindparam("it"))
_SENT_TO = select(subscriptions.c.subscription_id).where(subscriptions.c.url.is_not(None)).limit(MOST)
_PAUSED = select(subscriptions.c.subscription_id).where(subscriptions.c.paused.is_(True)).limit(MOST)


@dataclass(frozen=True)
class Subscription:
    """One subscriber: events of these types (all, when none is named) go to ``url``, signed with the secret.

    Until ``before_until`` they are signed with ``secret_before`` too. Without a URL nothing is sent: it polls.
    """

    subscription_id: str
    url: str | None
    types: Sequence[str]
    secret: str | None
    secret_before: str | None
    before_until: datetime | None
    paused: bool
    made_at: datetime
    made_by: str

    def secrets(self, now: datetime) -> list[str]:
        """Those that are valid now, the newest first."""
        before = self.secret_before if self.before_until and now < self.before_until else None
        return [secret for secret in (self.secret, before) if secret]


class TooManyError(Exception):
    """There are as many as there may be."""


def new_secret() -> str:
    """A secret for Standard Webhooks."""
    return f"whsec_{b64encode(token_bytes(_SECRET_BYTES)).decode()}"


async def create(database: Database, url: str | None, types: Sequence[str], now: datetime, by: str) -> Subscription:
    """Make one, with a secret where it has a URL; raises ``TooManyError``."""
    made = Subscription(
        f"sub_{token_hex(12)}", url, list(types), new_secret() if url else None, None, None, False, now, by
    )

    def work(connection: Connection) -> Subscription:
        if len(connection.execute(_ALL).all()) >= MOST:
            raise TooManyError
        connection.execute(insert(subscriptions), vars(made))
        return made

    return await database.write(work)


async def all_of(database: Database) -> list[Subscription]:
    """Every one, the oldest first."""
    return await database.read(lambda connection: [_read(row) for row in connection.execute(_ALL).mappings()])


async def one_of(database: Database, subscription_id: str) -> Subscription | None:
    """The one of that id."""
    return await database.read(lambda connection: _find(connection, subscription_id))


def any_there(connection: Connection) -> bool:
    """Whether somebody subscribes by the API."""
    return connection.execute(_ANY).first() is not None


async def note_settings(database: Database, *, names: bool) -> None:
    """Let every process know whether the settings of those who bring events name subscribers; theirs may not."""
    if await database.read(named_by_settings) is names:
        return

    def work(connection: Connection) -> None:
        if names:
            new = insert_for(subscribers, connection.dialect.name).on_conflict_do_nothing()
            connection.execute(new, {"subscriber": _BY_SETTINGS, "given_up": 0})
        else:
            connection.execute(delete(subscribers).where(subscribers.c.subscriber == _BY_SETTINGS))

    await database.write(work)


def named_by_settings(connection: Connection) -> bool:
    """Whether they do, as they noted."""
    return connection.execute(_NAMED).first() is not None


def sent_to(connection: Connection) -> set[str]:
    """Those that have a URL."""
    return set(connection.execute(_SENT_TO).scalars())


def paused(connection: Connection) -> set[str]:
    """Those that nothing is sent to for now."""
    return set(connection.execute(_PAUSED).scalars())


async def change(database: Database, subscription_id: str, **values: Any) -> Subscription | None:
    """Change some of its columns; None where there is none of that id."""

    def work(connection: Connection) -> Subscription | None:
        if values:
            one = update(subscriptions).where(subscriptions.c.subscription_id == subscription_id)
            connection.execute(one.values(**values))
        return _find(connection, subscription_id)

    return await database.write(work)


async def rotate(database: Database, subscription_id: str, overlap: timedelta, now: datetime) -> Subscription | None:
    """Give it another secret; the one before it is valid for ``overlap`` longer. None where there is none."""

    def work(connection: Connection) -> Subscription | None:
        before = _find(connection, subscription_id)
        if before is None or before.url is None:
            return before
        values = {"secret": new_secret(), "secret_before": before.secret, "before_until": now + overlap}
        one = update(subscriptions).where(subscriptions.c.subscription_id == subscription_id)
        connection.execute(one.values(**values))
        return _find(connection, subscription_id)

    return await database.write(work)


async def remove(database: Database, subscription_id: str) -> bool:
    """Remove it, with what waits for it; whether there was one."""

    def work(connection: Connection) -> bool:
        gone = delete(subscriptions).where(subscriptions.c.subscription_id == subscription_id)
        found = connection.execute(gone).rowcount > 0
        if found:
            for table in (deliveries, subscribers):
                connection.execute(delete(table).where(table.c.subscriber == subscription_id))
        return found

    return await database.write(work)


def _find(connection: Connection, subscription_id: str) -> Subscription | None:
    row = connection.execute(_ONE, {"it": subscription_id}).mappings().first()
    return _read(row) if row else None


def _read(row: Any) -> Subscription:
    return Subscription(**row)
