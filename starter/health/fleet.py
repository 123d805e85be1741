"""Measures all processes together, in one of them: where the watch over returns runs.

That is on one worker of the messages role at a time, and Temporal says on which. One that loses it shows nothing more.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError
from temporalio.client import Client
from temporalio.service import RPCError

from client.errors import HomewardError
from gateways.database.engine import Database
from gateways.errors import GatewayError
from starter.doctor.observed import relay_of
from starter.health.address import ProcessHealth
from starter.health.fleet_questions import QUESTIONS, Fleet
from starter.health.gauges import FLEET, Gauges, Values
from workers.settings import Settings
from workflows.relays import WATCH

EVERY: Final = timedelta(seconds=15)
#: Before the watch has been begun anywhere, and after it went elsewhere.
LOOKS_AGAIN: Final = timedelta(seconds=5)
_NOT_ANSWERED: Final = (RPCError, RuntimeError, HomewardError, GatewayError, DBAPIError, TimeoutError)
_log = structlog.get_logger("homeward.health")


@asynccontextmanager
async def measured_fleet(
    health: ProcessHealth, client: Client, db: Database, settings: Settings
) -> AsyncIterator[None]:
    """Measure for as long as the block lasts, while this is the process to; nothing without a health address."""
    if health.metrics is None:
        yield
        return
    gauges = Gauges(FLEET)
    health.metrics.own.register(gauges)
    measuring = asyncio.create_task(_keep_measuring(Fleet(client, db, settings), gauges))
    try:
        yield
    finally:
        measuring.cancel()
        gauges.show({})


async def _keep_measuring(fleet: Fleet, gauges: Gauges) -> None:
    elected = False
    while True:
        elected = await _is_elected(fleet.client, known=elected)
        gauges.show(await measure(fleet) if elected else {})
        await asyncio.sleep((EVERY if elected else LOOKS_AGAIN).total_seconds())


async def _is_elected(client: Client, *, known: bool) -> bool:
    """Whether the watch runs here; where Temporal does not say, it is as it was."""
    try:
        return (await relay_of(client, WATCH.workflow_id)).worker == client.identity
    except (RPCError, RuntimeError):
        return known


async def measure(fleet: Fleet) -> Values:
    """All gauges; what nobody answers is left out."""
    found: dict[str, Any] = {}
    for ask in QUESTIONS:
        try:
            found.update(await ask(fleet))
        except _NOT_ANSWERED as error:
            _log.warning("the fleet could not be measured", handler=ask.__name__, exc_info=error)
    return found
