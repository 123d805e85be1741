"""`homeward up`: the whole of it in one process, with the Temporal server as its child."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import structlog
from temporalio.envconfig import ClientConnectConfig

from gateways.database.engine import Database
from starter.doctor.readiness import readiness_of
from starter.health.address import health_address
from starter.health.fleet import measured_fleet
from starter.local.data_dir import BOOKS, TEMPORAL, LocalError, alone, check_whole
from starter.local.private import keep_private
from starter.local.sample_orders import keep_sample_orders
from starter.local.temporal_server import NAMESPACE, PortTakenError, ServerError, TemporalServer, free_port
from starter.shared.connect import client_of, converter_of, database_at, local_file
from starter.shared.inbox import inbox_of
from starter.shared.services import PATIENCE, services_of
from starter.shared.staff_links import StaffLink, link_for_first_manager
from starter.web.server import AddressTakenError, WebServer
from workers.main import run_workers
from workers.setting_values import Role
from workers.settings import Settings, database_in

_RESTARTS_IN_A_ROW = 5
_A_SIGNAL_TAKES = 0.2
_log = structlog.get_logger("homeward.local")


@dataclass(frozen=True)
class Place:
    """Where it runs; port 0 takes a free one, and without a ``ui_port`` Temporal's UI is off."""

    data_dir: Path
    temporal_port: int = 7233
    ui_port: int | None = None
    api_port: int = 8000


@dataclass(frozen=True)
class Ready:
    """The ready line (CONTRACT section 9); ``ui`` is None when Temporal's UI is off."""

    api: str
    ui: str | None
    temporal: str
    database: str


@asynccontextmanager
async def running(settings: Settings, place: Place) -> AsyncIterator[Ready]:
    """All of it for as long as the block lasts; raises as ``up`` does."""
    stop, announced = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(up(settings, place, stop, announced.set_result))
    await asyncio.wait({serving, announced}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()
    try:
        yield announced.result()
    finally:
        stop.set()
        await serving


def invite_in_the_log(link: StaffLink) -> None:
    """Tell whoever started it how to become the first manager: on stderr alone, since whoever reads it is let in."""
    said = "there is no manager yet; whoever opens this link first is the manager"
    # Not by the log, which lets no link through.
    click.echo(json.dumps({"event": said, "link": link.link, "until": str(link.ends_at)}), err=True)


async def up(
    settings: Settings,
    place: Place,
    stop: asyncio.Event,
    announce: Callable[[Ready], None],
    invite: Callable[[StaffLink], None] = invite_in_the_log,
) -> None:
    """Run everything until ``stop`` is set; ``announce`` is called once all answer.

    ``invite`` is called before with the link for the first manager, where no manager may sign in yet.

    Raises ``LocalError``, and whatever ends a worker for good.
    """
    keep_private(place.data_dir)
    with alone(place.data_dir):
        for name in (BOOKS, TEMPORAL):
            check_whole(place.data_dir / name)
        server = TemporalServer(place.data_dir, place.temporal_port, place.ui_port)
        try:
            web = WebServer(settings.api_host, place.api_port)
        except AddressTakenError as error:
            raise LocalError(f"--api-port: {error}; choose another, or 0 for a free one") from None
        try:
            await server.start()
            await _serve(settings, place, server, web, stop, announce, invite)
        except PortTakenError as error:
            option = "--temporal-port" if error.port == server.port else "--ui-port"
            raise LocalError(f"{option}: {error}; choose another, or 0 for a free one") from None
        except ServerError as error:
            raise LocalError(str(error)) from None
        finally:
            local_file(place.data_dir).unlink(missing_ok=True)
            web.close()
            await server.stop()


async def _serve(
    settings: Settings,
    place: Place,
    server: TemporalServer,
    web: WebServer,
    stop: asyncio.Event,
    announce: Callable[[Ready], None],
    invite: Callable[[StaffLink], None],
) -> None:
    ready = Ready(web.url, server.ui, server.address, settings.database_url or database_in(place.data_dir))
    db = database_at(ready.database, settings)
    at_the_doors = database_at(ready.database, settings, PATIENCE)
    try:
        await db.upgrade()
        if settings.database_url is None and settings.orders_url is None:
            await keep_sample_orders(db)
        await _invite_first_manager(db, settings, ready.api, invite)
        known = {"public_url": settings.public_url or ready.api, "temporal_ui": settings.temporal_ui or ready.ui}
        at_home = settings.model_copy(update=known)
        async with health_address(settings, ["up"], free_port()) as health:
            health.database = db
            where = ClientConnectConfig(target_host=server.address, namespace=NAMESPACE)
            client = await client_of(where, health.runtime, converter=converter_of(settings, db))
            health.readiness = readiness_of(client, db, needs_workers=True)
            async with asyncio.TaskGroup() as tasks, measured_fleet(health, client, db, at_home):
                keeper = tasks.create_task(_keep_running(server, stop))
                teller = tasks.create_task(_announce_ready(place.data_dir, ready, health.started, announce))
                tasks.create_task(web.serve(services_of(at_home, client, at_the_doors), stop))
                pass_next = inbox_of(client, db).pass_next
                await run_workers(client, at_home, db, tuple(Role), stop, health.started, pass_next=pass_next)
                keeper.cancel()
                teller.cancel()
    except ExceptionGroup as failed:
        first = failed.exceptions[0]
        raise LocalError(str(first)) if isinstance(first, ServerError) else first from None
    finally:
        await at_the_doors.dispose()
        await db.dispose()


async def _invite_first_manager(
    db: Database, settings: Settings, here: str, invite: Callable[[StaffLink], None]
) -> None:
    """Where no manager may sign in, whoever started it may."""
    if settings.oidc_issuer:
        return
    if link := await link_for_first_manager(db, settings.staff_url or settings.public_url or here):
        invite(link)


async def _announce_ready(
    data_dir: Path, ready: Ready, started: asyncio.Event, announce: Callable[[Ready], None]
) -> None:
    await started.wait()
    path = local_file(data_dir)
    path.touch(mode=0o600)  # the database's URL may hold a password
    path.write_text(json.dumps({**asdict(ready), "pid": os.getpid()}))
    announce(ready)


async def _keep_running(server: TemporalServer, stop: asyncio.Event) -> None:
    """Start the server again whenever it ends; raises ``ServerError`` when that fails again and again."""
    while True:
        code = await server.wait()
        # A signal to the whole process group reaches the server first.
        await asyncio.sleep(_A_SIGNAL_TAKES)
        if stop.is_set():
            return
        _log.warning("the Temporal server ended, starting it again", code=code)
        await _start_again(server)


async def _start_again(server: TemporalServer) -> None:
    for left in reversed(range(_RESTARTS_IN_A_ROW)):
        try:
            await server.start()
        except ServerError:
            if not left:
                raise
            await asyncio.sleep(1)
        else:
            return
