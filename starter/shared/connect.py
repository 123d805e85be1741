"""Finds Temporal and the database: what the settings name, else the `homeward up` of this machine."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.common import HeaderCodecBehavior
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConnectConfig
from temporalio.runtime import Runtime
from temporalio.service import GrpcCompression

from client.errors import Unreachable
from client.returns import Homeward
from gateways.database.engine import PATIENCE, Database
from gateways.database.postgresql import PostgresqlSettings
from workers.converter import CONVERTER
from workers.interceptors.request_ids import RequestIds
from workers.setting_values import is_loopback_host
from workers.settings import Settings
from workers.temporal_settings import host_of, temporal_connection
from workers.traces import temporal_plugins

DEFAULT_ADDRESS = "127.0.0.1:7233"
_CONNECTS_WITHIN = 5.0
_TRIES = 30
_BETWEEN_TRIES = 2.0


@dataclass(frozen=True)
class Connected:
    """What a command needs."""

    homeward: Homeward
    client: Client
    db: Database


def local_file(data_dir: Path) -> Path:
    """Where a running `homeward up` says how to reach it."""
    return data_dir / "local.json"


def demo_dir(data_dir: Path) -> Path:
    """Where `homeward up --demo` keeps its own, so that nothing of it comes among a shop's."""
    return data_dir / "demo"


def _running_locally(data_dir: Path) -> Mapping[str, Any]:
    """What the `homeward up` of this data directory says of itself, else the `homeward up --demo`."""
    for folder in (data_dir, demo_dir(data_dir)):
        try:
            found = json.loads(local_file(folder).read_text())
        except (OSError, ValueError):
            continue
        if isinstance(found, dict):
            return found
    return {}


def where_is_temporal(settings: Settings) -> ClientConnectConfig:
    """The settings' Temporal, else the local one; raises ``SettingsError``."""
    connection = temporal_connection()
    if "target_host" not in connection:
        local = _running_locally(settings.data_dir)
        connection["target_host"] = str(local.get("temporal", DEFAULT_ADDRESS))
    return connection


def where_is_the_database(settings: Settings) -> str:
    """The settings' database, else the local one."""
    if settings.database_url:
        return settings.database_url
    return str(_running_locally(settings.data_dir).get("database", settings.database))


def staff_door(settings: Settings) -> str:
    """Where staff reach their pages: the settings' address, else the local one."""
    if settings.staff_url or settings.public_url:
        return settings.staff_door
    return str(_running_locally(settings.data_dir).get("api", settings.staff_door))


def where_is_the_api(settings: Settings) -> str:
    """The API of the local `homeward up`, else where one listens by default."""
    return str(_running_locally(settings.data_dir).get("api", f"http://127.0.0.1:{settings.api_port}"))


def converter_of(settings: Settings, db: Database) -> DataConverter:
    """How payloads are written and read: encrypted where there are keys. Raises ``SettingsError``."""
    if settings.encryption_keys is None:
        return CONVERTER
    # Imported here: without it nothing costs the time that the library takes to load.
    from workers.codec import encrypting
    from workers.master_keys import load_master_keys

    return encrypting(db, load_master_keys(settings.encryption_keys))


async def client_of(
    connection: ClientConnectConfig,
    runtime: Runtime | None = None,
    *,
    lazy: bool = False,
    converter: DataConverter = CONVERTER,
) -> Client:
    """A client as every process of Homeward's makes it; a ``lazy`` one connects at its first call."""
    # Compressing what never leaves the machine only costs.
    compression = GrpcCompression.NONE if is_loopback_host(host_of(connection)) else GrpcCompression.GZIP
    encrypts = converter.payload_codec is not None
    if encrypts:
        from workers.codec import asking_first
    return await Client.connect(
        **connection,
        data_converter=converter,
        grpc_compression=compression,
        runtime=runtime,
        lazy=lazy,
        header_codec_behavior=HeaderCodecBehavior.CODEC if encrypts else HeaderCodecBehavior.NO_CODEC,
        plugins=temporal_plugins(),
        interceptors=[RequestIds(), *(asking_first(converter) if encrypts else [])],
    )


async def connect(
    connection: ClientConnectConfig, runtime: Runtime | None = None, converter: DataConverter = CONVERTER
) -> Client:
    """Connect to Temporal within five seconds; raises ``Unreachable``."""
    try:
        return await asyncio.wait_for(client_of(connection, runtime, converter=converter), _CONNECTS_WITHIN)
    except (RuntimeError, TimeoutError) as error:
        raise Unreachable(_why_not(connection, error)) from None


def _why_not(connection: ClientConnectConfig, error: Exception) -> str:
    """Over TLS the reason matters, such as a certificate that nobody here knows."""
    where = connection["target_host"]
    if not connection.get("tls"):
        return f"Temporal does not answer at {where}; is `homeward up` running?"
    return f"Temporal does not answer at {where} over TLS: {str(error) or 'no answer in time'}"


async def connect_patiently(
    connection: ClientConnectConfig, runtime: Runtime, stop: asyncio.Event, converter: DataConverter = CONVERTER
) -> Client | None:
    """Connect, waiting up to a minute for a Temporal that starts at the same time.

    None once ``stop`` is set; raises ``Unreachable``.
    """
    for left in reversed(range(_TRIES)):
        if stop.is_set():
            return None
        try:
            return await connect(connection, runtime, converter)
        except Unreachable:
            if not left:
                raise
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _BETWEEN_TRIES)
    return None


def database_at(url: str, settings: Settings, patience: timedelta = PATIENCE) -> Database:
    """A database, used as the settings say; nothing of it waits longer than ``patience``."""
    how = PostgresqlSettings(
        settings.database_pool_size,
        settings.database_pool_overflow,
        settings.database_application_name,
        timedelta(seconds=settings.database_connect_timeout_seconds),
        timedelta(seconds=settings.database_statement_timeout_seconds),
    )
    return Database(url, patience, how, subscribed=settings.names_subscribers)


@asynccontextmanager
async def database(settings: Settings, patience: timedelta = PATIENCE) -> AsyncIterator[Database]:
    """The database alone, closed at the end."""
    db = database_at(where_is_the_database(settings), settings, patience)
    try:
        yield db
    finally:
        await db.dispose()


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Connected]:
    """Temporal and the database, closed at the end."""
    async with database(settings) as db:
        client = await connect(where_is_temporal(settings), converter=converter_of(settings, db))
        yield Connected(Homeward(client, db), client, db)
