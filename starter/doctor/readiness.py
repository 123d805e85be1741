"""Whether a process can do its work now: what is in the way, by name; looked at again every few seconds at most."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Final

from sqlalchemy.exc import DBAPIError
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from client.names import RETURNS_QUEUE
from client.within import answers
from gateways.database.engine import Database, WrongSchema
from gateways.database.rates import try_write
from gateways.errors import GatewayError
from starter.doctor.observed import POLLED, missing_attributes, queue_of

#: How long what was found counts, however many ask; and how long one look may take.
KEEPS: Final = timedelta(seconds=3)
SOON: Final = timedelta(seconds=2)
#: What may be in the way, by the name that it is shown under.
Failing = Mapping[str, str]
SILENT: Final = "does not answer"
#: Temporal is there, and does not say: who may not ask is no reason to take a process out of service.
_ASKED_IN_VAIN: Final = frozenset({RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED})


class Readiness:
    """What is in the way of a process; each of ``checks`` says so by name, and nothing where all is well."""

    def __init__(self, *checks: Callable[[], Awaitable[Failing]]) -> None:
        self._checks = checks
        self._lock = asyncio.Lock()
        self._found: Failing = {}
        self._looked = -inf

    async def failing(self) -> Failing:
        """What is in the way, a moment old at most; callers at the same time share one look."""
        async with self._lock:
            if time.monotonic() - self._looked > KEEPS.total_seconds():
                found = await asyncio.gather(*(check() for check in self._checks))
                self._found = {name: why for one in found for name, why in one.items()}
                self._looked = time.monotonic()
            return self._found


def readiness_of(client: Client, db: Database, *, needs_workers: bool) -> Readiness:
    """Temporal and the database; see ``of_temporal``."""
    return Readiness(of_temporal(client, needs_workers=needs_workers), of_database(db))


def of_database(db: Database) -> Callable[[], Awaitable[Failing]]:
    """It answers, has a schema that this version works with, and can be written to."""

    async def check() -> Failing:
        failing = {"database": SILENT}
        try:
            async with asyncio.timeout(SOON.total_seconds()):
                await db.require_schema()
                failing = {"write": "the database cannot be written to"}
                await try_write(db, datetime.now(UTC))
        except WrongSchema as error:
            return {"schema": str(error)}
        except (GatewayError, DBAPIError, TimeoutError):
            return failing
        return {}

    return check


def of_temporal(client: Client, *, needs_workers: bool) -> Callable[[], Awaitable[Failing]]:
    """It answers, and knows our search attributes; with ``needs_workers`` somebody takes the work of returns."""

    async def check() -> Failing:
        try:
            async with asyncio.timeout(SOON.total_seconds()):
                if not await answers(client, SOON):
                    return {"temporal": SILENT}
                return {**await _attributes(client), **(await _workers(client) if needs_workers else {})}
        except RPCError as error:
            return {} if error.status in _ASKED_IN_VAIN else {"temporal": f"answers {error.status.name}"}
        except TimeoutError:
            return {"temporal": SILENT}

    return check


async def _attributes(client: Client) -> Failing:
    missing = await missing_attributes(client)
    names = ", ".join(key.name for key in missing)
    return {"search_attributes": f"missing, or of another type: {names}"} if missing else {}


async def _workers(client: Client) -> Failing:
    if (await queue_of(client, RETURNS_QUEUE)).fewest:
        return {}
    return {"workers": f"nobody has polled the task queue {RETURNS_QUEUE} for {POLLED.seconds} s"}
