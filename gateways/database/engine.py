"""The database: SQLite for one machine, PostgreSQL for more, used the same way.

A piece of work is a function of one connection, run as one transaction. PostgreSQL's runs on
its asynchronous driver. SQLite is a library that answers in place, in less time than a hop to a
thread takes: its work runs where it is asked for, and goes to a thread only when another
process holds the write lock, so that waiting never stops the event loop.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy
from sqlalchemy import Connection, Engine, Select, event, inspect, make_url, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateways.database.changes import Changes
from gateways.database.postgresql import (
    DEFAULTS,
    Dropped,
    PoolUse,
    Postgresql,
    PostgresqlSettings,
    Result,
    Silent,
    Work,
)
from gateways.database.tables.schema import compatibility
from gateways.errors import Unavailable

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

_MIGRATIONS = Path(__file__).parent / "migrations"
#: One upgrade at a time: PostgreSQL's advisory lock of this number.
_UPGRADE_LOCK = 7_203_115
#: How long a write waits for another process's, and PostgreSQL may take to let us in and to answer a statement.
PATIENCE = timedelta(seconds=10)
#: The option of a connection whose process has settings that name subscribers.
SUBSCRIBED = "homeward_subscribed"
#: The file is locked, cannot be read, written or opened, or the disk is full.
_PASSING_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}
#: Lost connection, read-only after a failover, rolled back (deadlock), short of resources, restarting, disk.
_PASSING_POSTGRESQL = {"08", "25", "40", "53", "55", "57", "58"}


class WrongSchema(Exception):
    """This version does not work with the database's schema; the message names both, and what to do."""


class _Runner(Protocol):
    """Runs work on one kind of database."""

    async def write(self, work: Work[Result]) -> Result: ...

    async def read(self, work: Work[Result]) -> Result: ...

    async def read_with_locks(self, work: Work[Result]) -> Result: ...

    async def change_schema(self, work: Work[Result]) -> Result: ...

    def pool_use(self) -> PoolUse | None: ...

    async def dispose(self) -> None: ...


class Database:
    """One database, by its URL (``sqlite:///PATH`` or ``postgresql://...``)."""

    def __init__(
        self,
        url: str,
        patience: timedelta = PATIENCE,
        how: PostgresqlSettings = DEFAULTS,
        *,
        subscribed: bool = False,
    ) -> None:
        """``patience``: how long it waits for its turn, and PostgreSQL for an answer, before it is ``Unavailable``.

        ``subscribed``: the settings name somebody who wants to know what happens.
        """
        self._subscribed = subscribed
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.changes = Changes(self.url)
        self._runner: _Runner = _Sqlite(self.url, patience) if self.sqlite else Postgresql(self.url, patience, how)

    async def write(self, work: Work[Result]) -> Result:
        """Run work in a transaction, rolled back when it raises. Raises ``Unavailable``."""
        async with _unavailable():
            return await self._runner.write(self._marked(work) if self._subscribed else work)

    @staticmethod
    def _marked(work: Work[Result]) -> Work[Result]:
        return lambda connection: work(connection.execution_options(**{SUBSCRIBED: True}))

    async def read(self, work: Work[Result]) -> Result:
        """Run work that only reads, each statement by itself. Raises ``Unavailable``."""
        async with _unavailable():
            return await self._runner.read(work)

    async def write_alone(self, work: Work[Result]) -> Result:
        """Run work that writes by one statement only, and may be run twice: a transaction would be two trips more.

        Raises ``Unavailable``.
        """
        return await self.read(work)

    async def read_with_locks(self, work: Work[Result]) -> Result:
        """Run work that only reads; PostgreSQL keeps locks that it takes until it ends. Raises ``Unavailable``."""
        async with _unavailable():
            return await self._runner.read_with_locks(work)

    async def upgrade(self) -> None:
        """Bring the schema to the newest; two processes may do so at once.

        One that a newer version made stays as it is; raises ``WrongSchema`` where this version does not work with it.
        """
        if self.sqlite and self.url.database:
            _make_private(Path(self.url.database))
        async with _unavailable():
            await self._runner.change_schema(_upgrade)

    async def require_schema(self) -> None:
        """Raise ``WrongSchema`` unless it is this version's, or a newer one that works with it; ``Unavailable``."""
        if not self._may_be_there:
            raise WrongSchema(_what_is_wrong(None))
        await self.read(_require_schema)

    @property
    def _may_be_there(self) -> bool:
        """False for a SQLite file that has not been made: looking would make it, or fail for want of a folder."""
        return not self.sqlite or Path(self.url.database or "").exists()

    @property
    def pool(self) -> PoolUse | None:
        """How the connections to PostgreSQL are used; None for SQLite, which has none."""
        return self._runner.pool_use()

    async def overwrite_freed(self) -> None:
        """Leave nothing of what was changed or deleted in SQLite's files; raises ``Unavailable``.

        PostgreSQL sees to its own, in its own time.
        """
        if self.sqlite:
            await self.read(_rewrite_file)

    async def dispose(self) -> None:
        """Close all connections."""
        self.changes.close()
        await self._runner.dispose()


def without_password(url: str) -> str:
    """A database's URL as it may be printed: without its passwords, those in the query included."""
    parts = make_url(url)
    secret = [name for name in parts.query if "password" in name.lower()]
    if parts.password is None and not secret:
        return url
    return parts.difference_update_query(secret).render_as_string(hide_password=True)


def knows(revision: str | None) -> bool:
    """Whether this version knows a schema, its own or an earlier one."""
    return revision in _known()


async def rows_of(database: Database, statement: Select[Any]) -> list[dict[str, Any]]:
    """The rows of a statement, by column name."""
    return await database.read(lambda connection: [dict(row) for row in connection.execute(statement).mappings()])


class _Locked(Exception):
    """Another process holds SQLite's one write lock."""


class _Sqlite:
    def __init__(self, url: URL, patience: timedelta) -> None:
        self._at_once = _sqlite_engine(url, wait=0)
        self._patient = _sqlite_engine(url, wait=round(patience.total_seconds() * 1000))
        self._thread = ThreadPoolExecutor(1, "sqlite")

    async def write(self, work: Work[Result]) -> Result:
        return await self._soon(_in_transaction, work)

    async def read(self, work: Work[Result]) -> Result:
        # A reader waits only while another process opens or closes the file, or repairs it after a crash.
        return await self._soon(_reading, work)

    async def read_with_locks(self, work: Work[Result]) -> Result:
        return await self.read(work)

    async def change_schema(self, work: Work[Result]) -> Result:
        return await self.write(work)

    def pool_use(self) -> PoolUse | None:
        return None

    async def _soon(self, run: Callable[[Engine, Work[Result]], Result], work: Work[Result]) -> Result:
        try:
            return run(self._at_once, work)
        except _Locked:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, run, self._patient, work)

    async def dispose(self) -> None:
        self._thread.shutdown()
        self._at_once.dispose()
        self._patient.dispose()


def _reading(engine: Engine, work: Work[Result]) -> Result:
    try:
        with engine.connect() as connection:
            return work(connection)
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise _Locked from error
        raise


def _in_transaction(engine: Engine, work: Work[Result]) -> Result:
    with _begun(engine) as connection:
        try:
            result = work(connection)
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            # The driver's, not the statement: on a full disk SQLite has rolled back by itself, and the statement
            # would fail and hide why.
            connection.connection.rollback()
            raise
        return result


def _begun(engine: Engine) -> Connection:
    """A connection that holds the write lock; raises ``_Locked``."""
    try:
        connection = engine.connect()
        try:
            # At once, not at the first write: a transaction that has read could not be given the lock later.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            connection.close()
            raise
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise _Locked from error
        raise
    return connection


def _sqlite_engine(url: URL, wait: int) -> Engine:
    # Not by its imported name: tracing puts its own in its place.
    engine = sqlalchemy.create_engine(
        url.set(drivername="sqlite+pysqlite"), isolation_level="AUTOCOMMIT", hide_parameters=True
    )

    def tune(connection: Any, _: Any) -> None:
        # BEGIN and COMMIT are ours: the driver would begin a transaction too late to be immediate.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={wait or 1}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine, "connect", tune)
    return engine


def _make_private(path: Path) -> None:
    """A new file, and its folder, are for their owner alone: they hold names, addresses and the signing secret.

    SQLite gives the files beside it the same mode.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)


def _rewrite_file(connection: Connection) -> None:
    connection.exec_driver_sql("VACUUM")
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()


def _upgrade(connection: Connection, to: str = "head") -> None:
    # Imported here: only a start needs Alembic, and the command line shall be quick.
    from alembic import command

    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
    there = _revision(connection)
    if there is not None and not knows(there):
        _require_schema(connection)
        return
    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _alembic() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


@cache
def _newest() -> str | None:
    """This version's schema; asked for every few seconds, and read from files."""
    return _scripts().get_current_head()


@cache
def _known() -> frozenset[str]:
    """This version's schema and all before it."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def _scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_alembic())


def _revision(connection: Connection) -> str | None:
    """What the database says that its schema is; None for one without any table of ours."""
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _require_schema(connection: Connection) -> None:
    there = _revision(connection)
    if there != _newest() and not _made_for_this_too(connection, there):
        raise WrongSchema(_what_is_wrong(there))


def _made_for_this_too(connection: Connection, there: str | None) -> bool:
    """Whether a newer version made the schema, and it says that this version's code works with it."""
    if there is None or knows(there) or not inspect(connection).has_table(compatibility.name):
        return False
    return knows(connection.execute(select(compatibility.c.works_since)).scalar_one_or_none())


def _what_is_wrong(there: str | None) -> str:
    needed = _newest()
    if there is None:
        return f"the database has no schema yet, this version needs {needed}: run `homeward db upgrade`"
    if not knows(there):
        return (
            f"the database's schema is {there}, newer than this version's {needed}, which does not work with it: "
            "run the version that made it"
        )
    return f"the database's schema is {there}, this version needs {needed}: run `homeward db upgrade`"


@asynccontextmanager
async def _unavailable() -> AsyncIterator[None]:
    """A database that does not answer, or is in the way of itself, is worth another try."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated or _passes(error.orig):
            raise Unavailable("the database cannot be used now", "database") from error
        raise
    except (Dropped, Silent) as error:
        raise Unavailable("the database cannot be used now", "database") from error
    except PoolTimeout as error:
        raise Unavailable("all connections to the database are in use", "database") from error
    except _Locked as error:
        raise Unavailable("another process keeps the database locked", "database") from error
    except (OSError, TimeoutError) as error:
        raise Unavailable("the database does not answer", "database") from error


def _passes(error: BaseException | None) -> bool:
    """Whether the same may succeed later: by SQLite's primary error code, by PostgreSQL's SQLSTATE class."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING_SQLITE
    return str(getattr(error, "sqlstate", None) or "")[:2] in _PASSING_POSTGRESQL
