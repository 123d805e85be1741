"""Worker processes, and the CPU time they have used."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

_STOPS_WITHIN = 20.0
_LOG_TAIL = 2000
_HAS_PROC = Path("/proc/self/stat").exists()


class WorkerDied(Exception):
    """A worker process ended on its own; the message holds the end of its log."""


class WorkerProcess:
    """One running worker."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.pid = process.pid
        self._process = process
        self._log = log

    async def say(self, line: str) -> None:
        """Say a line to a process that talks."""
        writer = cast("asyncio.StreamWriter", self._process.stdin)
        writer.write(f"{line}\n".encode())
        await writer.drain()

    async def hear(self) -> str:
        """The next line of a process that talks; raises ``WorkerDied``."""
        if line := await cast("asyncio.StreamReader", self._process.stdout).readline():
            return line.decode().strip()
        await self._process.wait()
        raise self._died()

    async def cpu_seconds(self) -> float:
        """User and system time so far; raises ``WorkerDied``."""
        if self._process.returncode is not None:
            raise self._died()
        return await cpu_of(self._process.pid)

    def _died(self) -> WorkerDied:
        return WorkerDied(self._log.read_text(errors="replace")[-_LOG_TAIL:])

    async def stop(self) -> None:
        """End it gently, then by force."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), _STOPS_WITHIN)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()


class CpuClock:
    """What Temporal's server, other processes and this one have used together."""

    def __init__(self, server_pid: int, *processes: WorkerProcess) -> None:
        self._server_pid = server_pid
        self._processes = processes

    async def seconds(self) -> float:
        """User and system time so far."""
        others = [await process.cpu_seconds() for process in self._processes]
        return time.process_time() + await cpu_of(self._server_pid) + sum(others)


async def cpu_of(pid: int) -> float:
    """User and system time that a process has used so far, in seconds; on Linux with that of its children."""
    return _cpu_by_proc(pid) if _HAS_PROC else await _cpu_by_ps(pid)


def memory_of(pid: int) -> int:
    """Resident bytes of a process; Linux only."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def _cpu_by_ps(pid: int) -> float:
    ps = await asyncio.create_subprocess_exec("ps", "-o", "time=", "-p", str(pid), stdout=asyncio.subprocess.PIPE)
    shown, _ = await ps.communicate()
    seconds = 0.0
    for part in re.split("[-:]", shown.decode().strip()):
        seconds = seconds * 60 + float(part)
    return seconds


def _cpu_by_proc(pid: int) -> float:
    # Fields 14 to 17 of proc(5), counted after the name, which may hold spaces; two are of children that have ended.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") + sum(_cpu_by_proc(int(child)) for child in children)


@asynccontextmanager
async def running(
    command: list[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    program: str = sys.executable,
    *,
    talks: bool = False,
) -> AsyncIterator[WorkerProcess]:
    """Run ``PROGRAM COMMAND`` with its output in ``log``; stopped at the end. One that ``talks`` hears, too."""
    pipe = asyncio.subprocess.PIPE if talks else None
    with log.open("wb") as output:
        env = {**os.environ, **(environment or {})}
        process = await asyncio.create_subprocess_exec(
            program, *command, stdin=pipe, stdout=pipe or output, stderr=output, env=env
        )
    worker = WorkerProcess(process, log)
    try:
        yield worker
    finally:
        await worker.stop()
