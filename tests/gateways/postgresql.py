"""A PostgreSQL of the tests' own: on a free loopback port, with its data in a temporary folder."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BINARIES = ("initdb", "postgres")


def present() -> bool:
    """Whether this machine has what it takes."""
    return all(shutil.which(name) for name in BINARIES)


#: The databases that tests run on. In CI a missing program is an error of the fixture, not a smaller test run.
KINDS = ["sqlite", "postgresql"] if present() or os.environ.get("CI") else ["sqlite"]


@dataclass
class Server:
    """One that runs, with its data in a folder."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def address(self) -> str:
        """``postgresql://...`` without a database name."""
        return f"postgresql://postgres@127.0.0.1:{self.port}"

    @contextmanager
    def down(self) -> Iterator[None]:
        """Until the block ends it is not there; then it is started again on the same data."""
        self.process.send_signal(signal.SIGINT)  # whoever is connected is thrown out
        self.process.wait(timeout=30)
        try:
            yield
        finally:
            self.process = _start(self.folder, self.port)
            _wait(self.process, self.folder)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Until the block ends none of its processes does anything; the system goes on taking connections for it."""
        found = [self.process.pid, *self._backends()]
        for pid in found:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in found:
                os.kill(pid, signal.SIGCONT)

    def _backends(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def cluster() -> Iterator[str]:
    """Run one until the block ends; gives ``postgresql://...`` without a database name."""
    with running() as server:
        yield server.address


@contextmanager
def running() -> Iterator[Server]:
    """Run one until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="homeward-pg-"))
    try:
        _init(folder)
        port = free_port()
        server = Server(folder, port, _start(folder, port))
        try:
            _wait(server.process, folder)
            yield server
        finally:
            server.process.send_signal(signal.SIGQUIT)  # at once: its data is thrown away
            server.process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _identity() -> dict[str, Any]:
    # PostgreSQL refuses to run as root.
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _init(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
    command = ["initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "--no-sync"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **_identity())


def _start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "synchronous_commit": "off",
        "lc_messages": "C",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["postgres", "-D", str(folder / "data"), *options], stdout=log, stderr=log, cwd=folder, **_identity()
        )


def _wait(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Until it lets somebody in: it listens a moment before that."""
    for _ in range(300):
        if server.poll() is not None:
            break
        if "ready to accept connections" in (folder / "log").read_text():
            return
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()}")


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
