"""Commands that run until they are stopped."""

import asyncio
import gc
import json
import signal
from collections.abc import Callable, Collection, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import click
import structlog

from gateways.database.engine import Database, WrongSchema, without_password
from starter.cli.greeting import Greeting
from starter.cli.shared.session import Failed, WrongInput, build_or_exit, run, settings_or_exit
from starter.doctor.readiness import readiness_of
from starter.health.address import health_address
from starter.health.fleet import measured_fleet
from starter.local.data_dir import LocalError
from starter.local.temporal_server import ServerError, find_temporal, free_port
from starter.local.up import Place, Ready, up
from starter.shared.access_table import EVERY_PART, Part
from starter.shared.connect import connect_patiently, converter_of, database, demo_dir, where_is_temporal
from starter.shared.inbox import inbox_of
from starter.shared.loopback import require_keys
from starter.shared.schema_guard import require_schema
from workers.main import run_workers, used_by
from workers.partner_table import ALL, Partner, serving
from workers.policy_file import PolicyFile
from workers.setting_values import Role
from workers.settings import Settings
from workers.telemetry import configure_logging
from workers.traces import start_tracing

_PORT = click.IntRange(0, 65_535)
_UI_PORT = 8233
#: Objects made before the youngest are looked through for garbage, and how many such looks before the older ones are.
_LOOK_AFTER = (20_000, 20, 20)


@click.command("up")
@click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), default=None, help="Where all data is.")
@click.option("--temporal-port", type=_PORT, default=7233, show_default=True, help="0 takes a free one.")
@click.option("--ui", is_flag=True, help="Serve Temporal's UI beside API keys too: whoever reaches it needs no key.")
@click.option(
    "--ui-port",
    type=_PORT,
    default=None,
    show_default=f"{_UI_PORT}; with --ui beside API keys a free one",
    help="0 takes a free one; given, it is as --ui.",
)
@click.option("--api-port", type=_PORT, default=8000, show_default=True, help="0 takes a free one.")
@click.option("--demo", is_flag=True, help="Run a shop with some 200 returns of the last weeks.")
@click.option("--json", "_", is_flag=True, help="The ready line is JSON anyway.")
def bring_up(
    data_dir: Path | None, temporal_port: int, ui: bool, ui_port: int | None, api_port: int, demo: bool, _: bool
) -> None:
    """Run everything on this machine until stopped; prints one line once all answer."""
    settings = settings_or_exit()
    try:
        find_temporal()
    except ServerError as error:
        raise WrongInput([("homeward up", str(error))]) from None
    ui_at = _ui_port(settings, ui, ui_port)
    folder = (data_dir or settings.data_dir).absolute()
    if demo:
        settings, folder = _demo_settings(settings), demo_dir(folder)
    place = Place(folder, temporal_port, ui_at, api_port)

    greeting = Greeting(folder, demo=demo)

    def announce(ready: Ready) -> None:
        greeting.say(ready)
        click.echo(f"ready {json.dumps(asdict(ready) | {'database': without_password(ready.database)})}")

    async def act(stop: asyncio.Event) -> None:
        require_keys(settings)
        if demo and not await _demo_prepared(folder, settings, stop):
            return
        await up(settings, place, stop, announce, greeting.invite)

    _run_until_stopped(settings, act, ALL)


def _demo_settings(settings: Settings) -> Settings:
    from starter.demo.weeks.prepared import NOT_BESIDE, settings_of

    set_besides = [f"HOMEWARD_{name.upper()}" for name in NOT_BESIDE if getattr(settings, name)]
    if set_besides:
        expected = "expected none beside --demo, whose customers are made up"
        raise WrongInput([(name, expected) for name in set_besides])
    return settings_of(settings)


async def _demo_prepared(folder: Path, settings: Settings, stop: asyncio.Event) -> bool:
    from starter.demo.weeks.prepared import prepared

    try:
        return await prepared(folder, stop)
    except ServerError as error:
        raise LocalError(str(error)) from None
    finally:
        configure_logging(settings.log_level)


def _ui_port(settings: Settings, asked: bool, typed: int | None) -> int | None:
    """Where Temporal's UI listens: beside API keys nowhere unless asked for.

    It asks nobody for a key and answers to any host's name, so that a page of another site may reach it through a
    browser of this machine, if it knows the port.
    """
    if typed is not None:
        return typed
    if settings.asks_for_keys:
        return 0 if asked else None
    return _UI_PORT


@click.command()
@click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in Role]),
    multiple=True,
    help="Repeatable; all when left out.",
)
def worker(roles: tuple[str, ...]) -> None:
    """Run workers against a real deployment until stopped."""
    settings = settings_or_exit()
    wanted = [Role(role) for role in roles] or tuple(Role)
    build = build_or_exit()

    async def act(stop: asyncio.Event) -> None:
        async with health_address(settings, wanted, free_port()) as health, database(settings) as db:
            health.database = db
            await require_schema(db, stop)
            converter = converter_of(settings, db)
            client = await connect_patiently(where_is_temporal(settings), health.runtime, stop, converter)
            if client:
                health.readiness = readiness_of(client, db, needs_workers=False)
                pass_next = inbox_of(client, db).pass_next
                async with measured_fleet(health, client, db, settings):
                    await run_workers(
                        client, settings, db, wanted, stop, health.started, pass_next=pass_next, build=build
                    )

    _run_until_stopped(settings, act, used_by(wanted))


@click.command()
@click.option("--without-keys", is_flag=True, help="Ask nobody for a key: for this machine alone.")
@click.option(
    "--only",
    "parts",
    type=click.Choice(get_args(Part)),
    multiple=True,
    help="Serve this part and answer 404 for the others. Repeatable; all when left out.",
)
def api(without_keys: bool, parts: tuple[Part, ...]) -> None:
    """Serve API, webhooks, portal and warehouse pages of a real deployment until stopped; says on stderr where."""
    settings = settings_or_exit()
    if without_keys == settings.asks_for_keys:
        expected = "none beside --without-keys" if without_keys else "keys, or the option --without-keys"
        raise WrongInput([("HOMEWARD_API_KEYS", f"expected {expected}")])
    from starter.shared.services import open_services
    from starter.web.server import AddressTakenError, WebServer

    async def act(stop: asyncio.Event) -> None:
        require_keys(settings)
        try:
            web = WebServer(settings.api_host, settings.api_port)
        except AddressTakenError as error:
            raise WrongInput([("HOMEWARD_API_PORT", f"expected a free port: {error}")]) from None
        try:
            async with (
                health_address(settings, ["api"], free_port()) as health,
                open_services(settings, health.runtime) as services,
            ):
                health.readiness = readiness_of(services.client, services.db, needs_workers=True)
                health.database = services.db
                health.started.set()
                structlog.get_logger("homeward.api").info("serving", server=web.url)
                await _on_its_schema(services.db, web.serve(services, stop, parts or EVERY_PART), stop)
        finally:
            web.close()

    _run_until_stopped(settings, act, ("carrier", "orders"))


@click.command()
@click.option("--port", type=_PORT, default=8081, show_default=True, help="0 takes a free one.")
def codec(port: int) -> None:
    """Decrypt payloads for Temporal's UI and command line, for keys with scope `read`; says on stderr where."""
    settings = settings_or_exit()
    if settings.encryption_keys is None:
        raise WrongInput([("HOMEWARD_ENCRYPTION_KEYS", "expected the master keys")])
    if not settings.asks_for_keys:
        raise WrongInput([("HOMEWARD_API_KEYS", "expected keys, or HOMEWARD_STORED_KEYS")])
    from starter.api.codec import codec_app
    from starter.shared.services import open_services
    from starter.web.server import AddressTakenError, WebServer
    from workers.codec import Codec
    from workers.data_keys import DataKeys
    from workers.master_keys import load_master_keys

    masters = load_master_keys(settings.encryption_keys)

    async def act(stop: asyncio.Event) -> None:
        try:
            web = WebServer(settings.api_host, port)
        except AddressTakenError as error:
            raise WrongInput([("--port", f"expected a free port: {error}")]) from None
        try:
            async with (
                health_address(settings, ["codec"], free_port()) as health,
                open_services(settings, health.runtime) as services,
            ):
                health.readiness = readiness_of(services.client, services.db, needs_workers=False)
                health.database = services.db
                health.started.set()
                structlog.get_logger("homeward.codec").info("serving", server=web.url)
                reads = Codec(DataKeys(services.db, masters))
                await web.serve_app(codec_app(services, reads), stop, settings.shutdown)
        finally:
            web.close()

    _run_until_stopped(settings, act, ())


async def _on_its_schema(db: Database, serving: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Serve, also while the database is away; stop with ``WrongSchema`` as soon as it answers with another one."""

    async def look() -> None:
        try:
            await require_schema(db, stop)
        except WrongSchema:
            stop.set()
            raise

    looking = asyncio.create_task(look())
    await serving
    await looking


def _leave_what_is_loaded_out_of_garbage_collection() -> None:
    """Libraries stay until the end: looking through them again and again costs more than the life of a return."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_LOOK_AFTER)


def _run_until_stopped(
    settings: Settings, act: Callable[[asyncio.Event], Coroutine[Any, Any, None]], used: Collection[Partner]
) -> None:
    """Run until SIGTERM or SIGINT, then stop gracefully; a second signal ends the process at once.

    ``used``: the partners it speaks to. Which of them serve is logged first; a sandbox that customers would take
    for the real one is refused.
    """
    configure_logging(settings.log_level)

    async def until_stopped() -> None:
        start_tracing()
        _leave_what_is_loaded_out_of_garbage_collection()
        PolicyFile(settings.policy)  # a bad one shall stop the program at once
        structlog.get_logger("homeward").info("partners that serve", **serving(settings, used))
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()

        def on_signal() -> None:
            stop.set()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, on_signal)
        await act(stop)

    try:
        run(until_stopped())
    except LocalError as error:
        raise Failed(str(error)) from None
