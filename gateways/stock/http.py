"""Stock that is told to the shop's own system, over HTTP: ``docs/own-systems.md`` is its protocol."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateways.database.engine import Database
from gateways.database.stock import inventory
from gateways.errors import Declined
from gateways.signed_calls import TIMEOUT, SignedCalls


class HttpInventory(inventory.Inventory):
    """Books stock as ever, and tells the shop's system what came back and where it went.

    A step that books is done once the system has it: told again, it finds the same key.
    """

    def __init__(self, database: Database, url: str, secrets: str, timeout: float = TIMEOUT) -> None:
        self._database = database
        self._calls = SignedCalls("stock system", url, secrets, timeout)

    @asynccontextmanager
    async def attempt(self, key: str, titles: Sequence[str]) -> AsyncIterator[None]:  # noqa: ARG002
        """Tell, once it is booked, what the step of that key has moved; raises ``gateways.errors``."""
        yield
        if moved := await inventory.moved_by(self._database, key):
            await self._calls.tell("/stock/movements", {"idempotency_key": key, "movements": moved})

    async def tell_reserved(self, keys: Sequence[str]) -> list[tuple[str, str]]:
        """Tell what was reserved, released or shipped under each key, each of these once; raises ``gateways.errors``.

        Whatever of it was told before is told again, and is known by its own key. What is refused for good stops
        nothing that comes after it.
        """
        refused = []
        for key in keys:
            moved = await inventory.moved_by(self._database, key)
            for kind in dict.fromkeys(movement["kind"] for movement in moved):
                of_kind = [movement for movement in moved if movement["kind"] == kind]
                told = {"idempotency_key": f"{key}/{kind}", "movements": of_kind}
                try:
                    await self._calls.tell("/stock/movements", told)
                except Declined as error:
                    refused.append((kind, error.code))
        return refused

    async def close(self) -> None:
        """Let connections go."""
        await self._calls.close()
