"""The embedded server, for real: it starts, keeps its data, and never outlives its parent."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.worker import Worker

from starter.local.temporal_server import (
    NAMESPACE,
    RETENTION,
    SEARCH_ATTRIBUTES,
    PortTakenError,
    ServerError,
    TemporalServer,
)
from workers.converter import CONVERTER

_OUTLIVED = """
import asyncio, sys
from pathlib import Path
from starter.local.temporal_server import TemporalServer

async def main():
    server = TemporalServer(Path(sys.argv[1]))
    await server.start()
    print(server.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@workflow.defn
class Trivial:
    """Ends at once."""

    @workflow.run
    async def run(self) -> str:
        """Give an answer that can be looked for."""
        return "still here"


async def test_history_survives_a_killed_server(tmp_path: Path) -> None:
    server = TemporalServer(tmp_path)
    await server.start()
    try:
        client = await Client.connect(server.address, data_converter=CONVERTER)
        async with Worker(client, task_queue="trivial", workflows=[Trivial]):
            await client.execute_workflow(Trivial.run, id="trivial-1", task_queue="trivial")

        os.kill(server.pid, signal.SIGKILL)
        assert await server.wait() == -signal.SIGKILL
        await server.start()

        again = await Client.connect(server.address, data_converter=CONVERTER)
        assert await again.get_workflow_handle("trivial-1").result() == "still here"
        described = await again.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=NAMESPACE))
        assert described.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION
        for name in SEARCH_ATTRIBUTES:
            assert [found async for found in again.list_workflows(f"{name} IS NOT NULL")] == []
    finally:
        await server.stop()


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    other = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = other.sockets[0].getsockname()[1]
    async with other:
        with pytest.raises(PortTakenError, match=f"port {port} on 127.0.0.1 is taken"):
            await TemporalServer(tmp_path, port).start()


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "temporal.db").mkdir()
    with pytest.raises(ServerError, match="ended with code"):
        await TemporalServer(tmp_path).start()


def test_the_server_dies_with_a_killed_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _OUTLIVED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _alive(child)
        parent.kill()
    deadline = time.monotonic() + 10
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_free_port_that_is_taken_before_it_listens_is_chosen_again(tmp_path: Path) -> None:
    server = TemporalServer(tmp_path, ui_port=0)
    chosen = {server.port, server.ui_port}
    with socket.create_server(("127.0.0.1", server.port)):
        await server.start()
        try:
            assert chosen.isdisjoint({server.port, server.ui_port})
            kept = server.port
            await server.stop()
            await server.start()
            assert server.port == kept, "once it has answered it keeps its ports"
        finally:
            await server.stop()
