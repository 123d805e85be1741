"""A server and a database of their own, and workers as processes that may be killed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from client.errors import Unreachable
from client.returns import Homeward
from gateways.database.engine import Database
from starter.demo.story import Stage
from starter.local.temporal_server import TemporalServer
from workers.converter import CONVERTER

#: ``homeward worker``, as arguments for Python.
WORKER = ("-c", "from starter.cli.main import main; main()", "worker")
#: The demonstration's, which its stories need.
POLICY = Path(__file__).parent.parent.parent / "examples" / "policy.toml"


async def patiently(call: Callable[[], Awaitable[object]], seconds: float = 300) -> None:
    """Call again, with the same ids, as long as no worker answers; some refusals come at once."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        with suppress(Unreachable):
            await call()
            return
        await asyncio.sleep(0.5)
    raise TimeoutError("no worker answered")


@dataclass
class Place:
    """Where a crash test takes place."""

    folder: Path
    server: TemporalServer
    stage: Stage

    @property
    def environment(self) -> dict[str, str]:
        """What a worker process is told: short time-outs, or a killed step would be waited for."""
        return {
            "TEMPORAL_ADDRESS": self.server.address,
            "HOMEWARD_DATABASE_URL": f"sqlite:///{self.folder / 'homeward.db'}",
            "HOMEWARD_POLICY": str(POLICY),
            "HOMEWARD_STEP_TIMEOUT_SECONDS": "2",
            "HOMEWARD_LOG_LEVEL": "ERROR",
        }

    @asynccontextmanager
    async def kept_running(self, *command: str) -> AsyncIterator["Kept"]:
        """Run ``python COMMAND``, again whenever it ends, until the end of the block."""
        kept = Kept(list(command), {**os.environ, **self.environment})
        keeper = asyncio.create_task(kept.keep())
        try:
            yield kept
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper
            await kept.end()


class Kept:
    """A process that is started again whenever it ends; ``deaths`` counts how often it did."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self.deaths = 0

    async def keep(self) -> None:
        """Start it again and again."""
        while True:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self._command, env=self._environment, stdout=asyncio.subprocess.DEVNULL
            )
            await self._process.wait()
            self.deaths += 1

    def kill(self) -> None:
        """Kill it, if it runs."""
        if self._process and self._process.returncode is None:
            self._process.kill()

    async def end(self) -> None:
        """End it for good."""
        self.kill()
        if self._process:
            await self._process.wait()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A running server and an empty database."""
    server = TemporalServer(tmp_path / "temporal")
    await server.start()
    database = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    await database.upgrade()
    client = await Client.connect(server.address, data_converter=CONVERTER)
    clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    yield Place(tmp_path, server, Stage(Homeward(client, database, timedelta(seconds=90)), clock, database))
    await database.dispose()
    await server.stop()
