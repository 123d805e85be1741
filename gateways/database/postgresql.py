"""Work on PostgreSQL: connections that are kept, bounds on what they wait for, and what a lost one means."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

import sqlalchemy.ext.asyncio
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError, ResourceClosedError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import QueuePool

Result = TypeVar("Result")
Work = Callable[[Connection], Result]
#: An operator ended the connection, or the server; read when the next statement is sent.
_DROPPED: Final = {"57P01", "57P02"}
_WATCH: Final = "watch"


@dataclass(frozen=True)
class PostgresqlSettings:
    """How one process uses PostgreSQL.

    Whoever finds all ``connections`` in use waits for one, a few milliseconds: one of the ``overflow``, which is closed
    after its use, costs many times that, and most of what it has prepared. ``connect_within`` and ``answer_within`` are
    at most what the process's own patience is.
    """

    connections: int = 30
    overflow: int = 0
    name: str = "homeward"
    connect_within: timedelta = timedelta(seconds=10)
    answer_within: timedelta = timedelta(seconds=10)


DEFAULTS: Final = PostgresqlSettings()


@dataclass(frozen=True)
class PoolUse:
    """Connections ``in_use`` now, and how often whoever wanted one found all in use."""

    in_use: int
    waits: int


class Dropped(Exception):
    """The server had dropped the connection before the transaction's first statement: nothing has been done."""


class Silent(Exception):
    """The server has not answered a statement in time; the connection is gone, what was asked may have been done."""


class Postgresql:
    """Runs work on one database of a server."""

    def __init__(self, url: URL, patience: timedelta, how: PostgresqlSettings) -> None:
        """``patience``: how long work waits for its turn, to be let in, and for each answer."""
        self._let_in = min(patience, how.connect_within).total_seconds()
        self._answer = min(patience, how.answer_within).total_seconds()
        # Not by its imported name: tracing puts its own in its place.
        self._engine = sqlalchemy.ext.asyncio.create_async_engine(
            url.set(drivername="postgresql+asyncpg"),
            pool_size=how.connections,
            max_overflow=how.overflow,
            hide_parameters=True,
            connect_args={
                # The server ends what nobody waits for any more.
                "server_settings": {
                    "application_name": how.name,
                    "statement_timeout": str(round(self._answer * 1000)),
                }
            },
        )
        self._most, self._waits = how.connections + how.overflow, 0
        _tell_dropped(self._engine.sync_engine)
        # A transaction around a single question would be two more.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def write(self, work: Work[Result]) -> Result:
        """See ``Database``."""
        return await self._on_a_live_one(self._engine.begin, work)

    async def read(self, work: Work[Result]) -> Result:
        """See ``Database``."""
        return await self._on_a_live_one(self._reading.connect, work)

    async def read_with_locks(self, work: Work[Result]) -> Result:
        """See ``Database``."""
        return await self._on_a_live_one(self._engine.connect, work)

    async def change_schema(self, work: Work[Result]) -> Result:
        """Run work in a transaction that may take as long as it needs."""

        def unbounded(connection: Connection) -> Result:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            return work(connection)

        async with self._engine.begin() as connection:
            return await connection.run_sync(unbounded)

    def pool_use(self) -> PoolUse:
        """See ``Database.pool``."""
        pool = self._engine.pool
        return PoolUse(pool.checkedout() if isinstance(pool, QueuePool) else 0, self._waits)

    async def dispose(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def _on_a_live_one(
        self, connected: Callable[[], AbstractAsyncContextManager[AsyncConnection]], work: Work[Result]
    ) -> Result:
        """Once more where the connection was dropped while nobody used it; asking before each use costs more."""
        self._waits += self.pool_use().in_use >= self._most
        try:
            return await self._on_one(connected, work)
        except Dropped:  # the pool has thrown away all that are as old
            return await self._on_one(connected, work)

    async def _on_one(
        self, connected: Callable[[], AbstractAsyncContextManager[AsyncConnection]], work: Work[Result]
    ) -> Result:
        watch = _Watch(self._answer)
        try:
            async with AsyncExitStack() as used:
                connection = await self._let_in_by(used, connected())
                watch.begin(connection)
                return await connection.run_sync(work)
        except (DBAPIError, Dropped):
            if watch.gave_up:
                raise Silent from None
            raise
        finally:
            watch.end()

    async def _let_in_by(
        self, used: AsyncExitStack, connected: AbstractAsyncContextManager[AsyncConnection]
    ) -> AsyncConnection:
        try:
            async with asyncio.timeout(self._let_in):
                return await used.enter_async_context(connected)
        except (ResourceClosedError, NotImplementedError) as error:
            # The very first use asks what server it is; where it gives up halfway, SQLAlchemy and the driver say so
            # to it, or to those that waited for it.
            raise Dropped from error


class _Watch:
    """Closes a connection whose server takes too long over one answer, a commit's too.

    Cancelling would not do: the driver asks the server to cancel, and waits for its answer.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._timer: asyncio.TimerHandle | None = None
        self.gave_up = False

    def begin(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._answered_at = time.monotonic()
        connection.info[_WATCH] = self
        self._look_in(self._longest)

    def answered(self) -> None:
        self._answered_at = time.monotonic()

    def end(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _look_in(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        left = self._answered_at + self._longest - time.monotonic()
        if left > 0:
            self._look_in(left)
            return
        self.gave_up = True
        held = self._connection.sync_connection
        if held and not held.closed and not held.invalidated:
            driver: Any = held.connection.driver_connection
            driver.terminate()


def _tell_dropped(engine: Engine) -> None:
    """Raise ``Dropped`` for a lost connection where no statement of the transaction has been answered."""

    def begin(connection: Connection) -> None:
        connection.info["answered"] = False

    def answered(connection: Connection, *_: Any) -> None:
        connection.info["answered"] = True
        if watch := connection.info.get(_WATCH):
            watch.answered()

    def failed(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) in _DROPPED:
            context.is_disconnect = True
        there = context.connection
        if context.is_disconnect and there and not there.invalidated and not there.info.get("answered"):
            raise Dropped from context.original_exception

    event.listen(engine, "begin", begin)
    event.listen(engine, "after_cursor_execute", answered)
    event.listen(engine, "handle_error", failed)
