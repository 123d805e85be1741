"""The inventory of a trial: books stock as the real one does, and fails on demand."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateways.database.engine import Database
from gateways.database.stock.inventory import Inventory
from gateways.sandbox.faults import failing_as_asked


class SandboxInventory(Inventory):
    """Fault words in a line's title make it fail as they say."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def attempt(self, key: str, titles: Sequence[str]) -> AsyncIterator[None]:
        """Fail before or after the booking, where a title says so."""
        async with failing_as_asked(self._database, key, titles):
            yield
