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

_STOPS_WITHIN = 20.0
_LOG_TAIL = 2000
_HAS_PROC = Path("/proc/self/stat").exists()


class WorkerDied(Exception):
    """A worker process ended on its own; the message holds the end of its log."""


class WorkerProcess:
    """One running worker."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    async def cpu_seconds(self) -> float:
        """User and system time so far; raises ``WorkerDied``."""
        if self._process.returncode is not None:
            raise WorkerDied(self._log.read_text(errors="replace")[-_LOG_TAIL:])
        return await cpu_of(self._process.pid)

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
    """User and system time that a process has used so far, in seconds."""
    return _cpu_by_proc(pid) if _HAS_PROC else await _cpu_by_ps(pid)


async def _cpu_by_ps(pid: int) -> float:
    ps = await asyncio.create_subprocess_exec("ps", "-o", "time=", "-p", str(pid), stdout=asyncio.subprocess.PIPE)
    shown, _ = await ps.communicate()
    seconds = 0.0
    for part in re.split("[-:]", shown.decode().strip()):
        seconds = seconds * 60 + float(part)
    return seconds


def _cpu_by_proc(pid: int) -> float:
    # Fields 14 and 15 of proc(5), counted after the name, which may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def running(
    command: list[str], log: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[WorkerProcess]:
    """Run ``python COMMAND`` with its output in ``log``; stopped at the end."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=output, stderr=output, env={**os.environ, **(environment or {})}
        )
    worker = WorkerProcess(process, log)
    try:
        yield worker
    finally:
        await worker.stop()
