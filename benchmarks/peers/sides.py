"""Other engines of durable execution: each a process that is asked for one lifecycle at a time, and its server."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from benchmarks.processes import WorkerProcess, running
from benchmarks.request import plain_request
from benchmarks.sides import Lived
from starter.local.temporal_server import free_port

#: What `make bench-peers` has installed.
HOME = Path(".bench-peers")
_PYTHON = str(HOME / "bin" / "python")
_COMES_UP_WITHIN = 60.0


def has_dbos() -> bool:
    """Whether it could be installed."""
    return any(HOME.glob("lib/python*/site-packages/dbos"))


def restate_server() -> Path | None:
    """Its program, where it and the SDK could be installed."""
    if not any(HOME.glob("lib/python*/site-packages/restate")):
        return None
    return next(HOME.glob("node_modules/@restatedev/restate-server-*/bin/restate-server"), None)


class Peer:
    """Asks the process; caller and worker are one."""

    def __init__(self, name: str, worker: WorkerProcess, servers: Sequence[int]) -> None:
        self.name = name
        self.worker = worker
        self.servers = servers
        self._waiting: dict[str, asyncio.Future[list[float]]] = {}

    async def live(self, return_id: str) -> Lived:
        """One lifecycle."""
        answer = self._waiting[return_id] = asyncio.get_running_loop().create_future()
        await self.worker.say(json.dumps(plain_request(return_id)))
        decision, *updates = await answer
        return Lived(decision, tuple(updates))

    async def listen(self) -> None:
        """Pass answers on; when the process ends, every lifecycle under way fails with ``WorkerDied``."""
        try:
            while True:
                return_id, *times = json.loads(await self.worker.hear())
                self._waiting.pop(return_id).set_result(times)
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            for waiting in self._waiting.values():
                waiting.set_exception(error)


@asynccontextmanager
async def dbos(folder: Path, url: str, servers: Sequence[int], name: str) -> AsyncIterator[Peer]:
    """DBOS on the database ``url``, whose server it names."""
    async with _peer(name, ["-m", "benchmarks.peers.dbos_app", url], folder, servers) as peer:
        yield peer


@asynccontextmanager
async def restate(folder: Path, program: Path) -> AsyncIterator[Peer]:
    """Restate with its server, on loopback."""
    ports = {name: free_port() for name in ("INGRESS__", "ADMIN__", "", "app")}
    app = ports.pop("app")
    environment = {f"RESTATE_{name}BIND_ADDRESS": f"127.0.0.1:{port}" for name, port in ports.items()}
    environment |= {"RESTATE_DISABLE_TELEMETRY": "true", "RESTATE_LOG_FILTER": "error"}
    command = ["--base-dir", str(folder / "restate"), "--node-name", "bench", "--listen-mode", "tcp"]
    urls = [f"http://127.0.0.1:{ports[name]}" for name in ("INGRESS__", "ADMIN__")]
    async with (
        running(command, folder / "restate-server.log", environment, str(program)) as server,
        _peer("restate", ["-m", "benchmarks.peers.restate_app", str(app), *urls], folder, [server.pid]) as peer,
    ):
        yield peer


@asynccontextmanager
async def _peer(name: str, command: list[str], folder: Path, servers: Sequence[int]) -> AsyncIterator[Peer]:
    environment = {"PYTHONPATH": str(Path.cwd())}
    async with running(command, folder / f"{name}.log", environment, _PYTHON, talks=True) as worker:
        async with asyncio.timeout(_COMES_UP_WITHIN):
            while await worker.hear() != "ready":
                pass
        peer = Peer(name, worker, servers)
        listening = asyncio.create_task(peer.listen())
        try:
            yield peer
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
