"""The health address of a process: whether it is alive and ready, and its metrics."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.runtime import Runtime

from gateways.database.engine import Database
from starter.doctor.books import free_disk
from starter.doctor.readiness import Failing, Readiness
from starter.health.gauges import PROCESS, Gauges, Values
from starter.health.metrics_page import MEDIA_TYPE, MetricsPage
from starter.health.polls import Polls
from starter.web.server import AddressTakenError, WebServer
from workers.deployment.version import commit, release
from workers.settings import PREFIX, Settings, SettingsError
from workers.telemetry import temporal_runtime

#: Seconds between two looks at whether the pollers poll.
_LOOKS_EVERY: Final = 10.0
_log = structlog.get_logger("homeward.health")


class ProcessHealth:
    """What one process knows of itself; ``runtime`` is the one that its Temporal client has to use.

    ``started`` is set once it does its work, and ``readiness`` once there is something to ask.
    """

    def __init__(self, roles: Collection[str], runtime: Runtime, metrics: MetricsPage | None = None) -> None:
        """``roles`` are what it does. Without ``metrics`` it has no health address, and nobody asks."""
        self.roles = roles
        self.runtime = runtime
        self.metrics = metrics
        self.database: Database | None = None
        self.polls = Polls()
        self.started = asyncio.Event()
        self.readiness: Readiness | None = None

    async def failing(self) -> Failing:
        """What is in the way of its work, by name."""
        starting = {} if self.started.is_set() else {"start": "has not started its work yet"}
        return {**starting, **(await self.readiness.failing() if self.readiness else {})}

    async def values(self) -> Values:
        """What its gauges show now; see ``PROCESS``."""
        found: Values = {"homeward_build_info": {(release(), commit(), role): 1 for role in self.roles}}
        if self.readiness:
            is_ok = "schema" not in await self.readiness.failing()
            found = {**found, "homeward_schema_ok": {(): is_ok}}
        return {**found, **(_of_database(self.database) if self.database else {})}


def _of_database(db: Database) -> Values:
    pool = db.pool
    if pool is None:
        return {"homeward_disk_free_bytes": {(): free_disk(db)}}
    return {"homeward_db_pool_in_use": {(): pool.in_use}, "homeward_db_pool_waits_total": {(): pool.waits}}


@asynccontextmanager
async def health_address(settings: Settings, roles: Collection[str], sdk_port: int) -> AsyncIterator[ProcessHealth]:
    """Serve it for as long as the block lasts, where the settings name a port for it.

    ``sdk_port`` is a free port of loopback, at which the SDK's runtime gives its metrics to this process. Raises
    ``SettingsError`` where something else listens on the health port.
    """
    if settings.health_port is None:
        yield ProcessHealth(roles, temporal_runtime())
        return
    try:
        web = WebServer(settings.health_host, settings.health_port)
    except AddressTakenError as error:
        raise SettingsError(f"{PREFIX}HEALTH_PORT: expected a free port: {error}") from None
    sdk_at = f"127.0.0.1:{sdk_port}"
    metrics, stop = MetricsPage(sdk_at), asyncio.Event()
    health = ProcessHealth(roles, temporal_runtime(sdk_at), metrics)
    serving = asyncio.create_task(web.serve_app(_app(health, metrics), stop, settings.shutdown))
    looking = asyncio.create_task(_keep_looking(health, metrics))
    _log.info("health address", port=settings.health_port)
    try:
        yield health
    finally:
        looking.cancel()
        stop.set()
        await serving
        web.close()


async def _keep_looking(health: ProcessHealth, metrics: MetricsPage) -> None:
    while True:
        health.polls.look(await metrics.of_sdk())
        await asyncio.sleep(_LOOKS_EVERY)


def _app(health: ProcessHealth, metrics: MetricsPage) -> Starlette:
    own = Gauges(PROCESS)
    metrics.own.register(own)

    async def alive(_: Request) -> Response:
        """The event loop turns, or nothing would be answered."""
        silent = health.polls.silent()
        return JSONResponse({"alive": not silent, "silent": silent}, 503 if silent else 200)

    async def ready(_: Request) -> Response:
        failing = dict(await health.failing())
        return JSONResponse({"ready": not failing, "failing": failing}, 503 if failing else 200)

    async def scraped(_: Request) -> Response:
        own.show(await health.values())
        return Response(await metrics.text(), media_type=MEDIA_TYPE)

    return Starlette(routes=[Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", scraped)])
