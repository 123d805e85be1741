"""Workers and API work with a database of their own schema only: another one is refused in one line."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from gateways.database.engine import Database
from gateways.errors import Unavailable

_BETWEEN_LOOKS: Final = 2.0
_log = structlog.get_logger("homeward.database")


async def require_schema(db: Database, stop: asyncio.Event) -> None:
    """Return once the database answers with the schema of this version, or ``stop`` is set.

    Raises ``WrongSchema``. While the database is away nothing is known; it may come back.
    """
    told = False
    while not stop.is_set():
        try:
            await db.require_schema()
        except Unavailable as error:
            if not told:
                _log.warning("the database does not answer, waiting for it", exc_info=error)
            told = True
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _BETWEEN_LOOKS)
        else:
            return
