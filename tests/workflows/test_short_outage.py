"""A call that may be repeated safely outlasts a short outage of Temporal, if its caller waits that long."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from temporalio.client import Client

from client.errors import OutOfReach
from client.returns import PATIENCE, Homeward
from gateways.database.engine import Database
from lifecycle.contract.messages import Cancel
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.workflows.returns.play import Play
from workers.converter import CONVERTER


class Line:
    """What is between a caller and Temporal, and can be cut."""

    def __init__(self, address: str) -> None:
        self._host, _, self._port = address.partition(":")
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def mend(self) -> None:
        """Take calls, again at the same port."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """End every connection, and take none."""
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._host, int(self._port))
        self._open |= {writer, back}
        with suppress(OSError):
            await asyncio.gather(_pour(reader, back), _pour(there, writer))
        self._open -= {writer, back}


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.transport.abort()


@asynccontextmanager
async def behind(ready: Ready, patience: timedelta) -> AsyncIterator[tuple[Line, Homeward]]:
    """A caller of its own, and the line that it calls by."""
    line, database = Line(ready.temporal), Database(ready.database)
    await line.mend()
    client = await Client.connect(f"127.0.0.1:{line.port}", data_converter=CONVERTER)
    try:
        yield line, Homeward(client, database, patience)
    finally:
        await line.cut()
        await database.dispose()


@pytest.mark.long
async def test_an_update_outlasts_five_seconds_without_temporal(
    ready: Ready, stage: Stage, play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    async with behind(ready, PATIENCE) as (line, homeward):
        await line.cut()
        asked = asyncio.create_task(homeward.cancel(story.return_id, Cancel(by="customer"), "once"))
        await asyncio.sleep(5)
        assert not asked.done()
        await line.mend()
        assert (await asked).status is Status.CANCELLED
        again = await homeward.cancel(story.return_id, Cancel(by="customer"), "once")
    assert again.status is Status.CANCELLED


@pytest.mark.long
async def test_who_waits_less_is_told_so_in_time(ready: Ready, play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    async with behind(ready, timedelta(seconds=2)) as (line, homeward):
        await line.cut()
        with pytest.raises(OutOfReach):
            async with asyncio.timeout(4):
                await homeward.cancel(story.return_id, Cancel(by="customer"), "once")
        await line.mend()
        assert (await homeward.cancel(story.return_id, Cancel(by="customer"), "once")).status is Status.CANCELLED
