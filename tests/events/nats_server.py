"""A NATS server with JetStream on a free port of this machine, which can be killed and started again."""

import asyncio
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats

#: Debian's package puts it where only root looks.
PROGRAM = shutil.which("nats-server", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class NatsServer:
    """What it has stored stays when it is killed."""

    folder: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"nats://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it listens."""
        arguments = ("-js", "-sd", str(self.folder), "-a", "127.0.0.1", "-p", str(self.port))
        self.process = await asyncio.create_subprocess_exec(
            str(PROGRAM), *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
        raise TimeoutError("it does not listen")

    async def kill(self) -> None:
        """As a power failure does, but for what the disk had not got."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def stored(self, count: int) -> list[tuple[str, dict[str, str], dict[str, Any]]]:
        """So many messages from the first on, in the stream's order: subject, headers, event."""
        client = await nats.connect(self.url)
        try:
            taken = await client.jetstream().subscribe("homeward.>", ordered_consumer=True)
            messages = [await taken.next_msg(timeout=5) for _ in range(count)]
            assert (await client.jetstream().stream_info("homeward")).state.messages == count
        finally:
            await client.close()
        return [(message.subject, message.headers or {}, json.loads(message.data)) for message in messages]


@asynccontextmanager
async def nats_server(folder: Path) -> AsyncIterator[NatsServer]:
    """A server that keeps its streams in that folder."""
    server = NatsServer(folder, _free_port())
    await server.start()
    try:
        yield server
    finally:
        await server.kill()
