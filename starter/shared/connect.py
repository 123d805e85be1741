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
from temporalio.envconfig import ClientConnectConfig
from temporalio.runtime import Runtime
from temporalio.service import GrpcCompression

from client.errors import Unreachable
from client.returns import Homeward
from gateways.database.engine import PATIENCE, Database
from workers.converter import CONVERTER
from workers.settings import Settings, is_loopback_host, temporal_connection

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


def _running_locally(data_dir: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(local_file(data_dir).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


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


async def client_of(connection: ClientConnectConfig, runtime: Runtime | None = None, *, lazy: bool = False) -> Client:
    """A client as every process of Homeward's makes it; a ``lazy`` one connects at its first call."""
    host = connection["target_host"].rpartition(":")[0].strip("[]")
    # Compressing what never leaves the machine only costs.
    compression = GrpcCompression.NONE if is_loopback_host(host) else GrpcCompression.GZIP
    return await Client.connect(
        **connection, data_converter=CONVERTER, grpc_compression=compression, runtime=runtime, lazy=lazy
    )


async def connect(connection: ClientConnectConfig, runtime: Runtime | None = None) -> Client:
    """Connect to Temporal within five seconds; raises ``Unreachable``."""
    try:
        return await asyncio.wait_for(client_of(connection, runtime), _CONNECTS_WITHIN)
    except (RuntimeError, TimeoutError):
        where = connection["target_host"]
        raise Unreachable(f"Temporal does not answer at {where}; is `homeward up` running?") from None


async def connect_patiently(connection: ClientConnectConfig, runtime: Runtime, stop: asyncio.Event) -> Client | None:
    """Connect, waiting up to a minute for a Temporal that starts at the same time.

    None once ``stop`` is set; raises ``Unreachable``.
    """
    for left in reversed(range(_TRIES)):
        if stop.is_set():
            return None
        try:
            return await connect(connection, runtime)
        except Unreachable:
            if not left:
                raise
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _BETWEEN_TRIES)
    return None


@asynccontextmanager
async def database(settings: Settings, patience: timedelta = PATIENCE) -> AsyncIterator[Database]:
    """The database alone, closed at the end."""
    db = Database(where_is_the_database(settings), patience)
    try:
        yield db
    finally:
        await db.dispose()


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Connected]:
    """Temporal and the database, closed at the end."""
    async with database(settings) as db:
        client = await connect(where_is_temporal(settings))
        yield Connected(Homeward(client, db), client, db)
