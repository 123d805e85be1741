"""The database: SQLite for one machine, PostgreSQL for more, used the same way."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from gateways.errors import Unavailable

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_MIGRATIONS = Path(__file__).parent / "migrations"
#: One upgrade at a time: PostgreSQL's advisory lock of this number.
_UPGRADE_LOCK = 7_203_115


class Database:
    """Connections to one database, by its URL (``sqlite:///PATH`` or ``postgresql://...``)."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.url = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _make_engine(self)
        # SQLite has one writer at a time; queueing here is fairer and cheaper than its busy time-out.
        self._writer = asyncio.Lock() if self.sqlite else None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes; rolled back when the block raises. Raises ``Unavailable``."""
        async with _unavailable(), _locked(self._writer), self._engine.connect() as connection:
            if self.sqlite:
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    await connection.exec_driver_sql("ROLLBACK")
                    raise
                await connection.exec_driver_sql("COMMIT")
            else:
                async with connection.begin():
                    yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with. Raises ``Unavailable``."""
        async with _unavailable(), self._engine.connect() as connection:
            yield connection

    async def upgrade(self) -> None:
        """Bring the schema to the newest; two processes may do so at once."""
        if self.sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        async with self.begin() as connection:
            if not self.sqlite:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
            await connection.run_sync(_upgrade)

    async def dispose(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


def _make_engine(database: Database) -> AsyncEngine:
    if not database.sqlite:
        return create_async_engine(database.url, pool_size=10, max_overflow=20, pool_pre_ping=True)
    engine = create_async_engine(database.url, isolation_level=None, pool_size=10, max_overflow=50)
    event.listen(engine.sync_engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: Any, _: Any) -> None:
    # BEGIN and COMMIT are ours: the driver would begin a transaction too late to be immediate.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _upgrade(connection: Connection) -> None:
    # Only an upgrade needs it, and it takes a while to load.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@asynccontextmanager
async def _locked(lock: asyncio.Lock | None) -> AsyncIterator[None]:
    if lock is None:
        yield
        return
    async with lock:
        yield


@asynccontextmanager
async def _unavailable() -> AsyncIterator[None]:
    """A database that does not answer, or is in the way of itself, is worth another try."""
    try:
        yield
    except DBAPIError as error:
        transient = error.connection_invalidated or isinstance(error.orig, sqlite3.OperationalError)
        if transient or _serialization(error):
            raise Unavailable("the database cannot be written to now", "database") from error
        raise
    except (OSError, TimeoutError) as error:
        raise Unavailable("the database does not answer", "database") from error


def _serialization(error: DBAPIError) -> bool:
    """PostgreSQL's own words for: start again (serialization failure, deadlock)."""
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01")
