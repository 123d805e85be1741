"""``make load``: what open returns cost, and what is done beside them. ``python -m benchmarks.load [OPEN ...]``."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.api import Api, served
from benchmarks.plain import Plain, plain
from benchmarks.processes import memory_of
from benchmarks.report import WIDTH, Line, compare, table
from benchmarks.rounds import Measured, Plan, Rounds
from starter.local.temporal_server import TemporalServer

_OPEN = (100, 1_000, 10_000)
#: More than are ever open: a smaller cache would measure replays.
_SETTINGS = {"HOMEWARD_WORKER_CACHE": "20000"}
#: Short, since returns that have closed stay in the books and at the server.
_BESIDE = Plan(rounds=6, alone=12)
_CALLS = 9
_RESTS = 3.0
_COMMAND = [sys.executable, "-c", "from starter.cli.main import main; main()"]


@dataclass(frozen=True)
class Level:
    """What was seen with so many returns open; memory in bytes, times in seconds."""

    open: int
    starts_per_second: float
    worker_memory: int
    server_memory: int
    beside: Measured
    calls: dict[str, float]


async def main(levels: list[int]) -> None:
    """Measure and print."""
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="homeward-load-") as name:
        folder = Path(name)
        server = TemporalServer(folder / "temporal")
        await server.start()
        try:
            async with plain(server, folder, settings=_SETTINGS) as ours, served(ours, folder) as api:
                await Rounds([ours], _BESIDE).warm_up()
                found = [await _level(0, 0, ours, api)]
                for count in levels:
                    found.append(await _level(found[-1].open, count, ours, api))
                    print(f"{count:,} open: {found[-1].starts_per_second:.1f} starts per second", flush=True)
        finally:
            await server.stop()
    _show(found)
    print(f"{os.cpu_count()} cores; load average {busy:.1f} before, {os.getloadavg()[0]:.1f} after.")


async def _level(before: int, count: int, ours: Plain, api: Api) -> Level:
    """Open as many more, and look."""
    began = time.perf_counter()
    await api.start_many(ours.homeward.start, f"open-{count}", count - before)
    took = time.perf_counter() - began
    await asyncio.sleep(_RESTS)
    memory = memory_of(ours.worker.pid), memory_of(ours.servers[0])
    if not count:
        return Level(count, 0, *memory, Measured(), {})
    ours.name = f"beside-{count}"
    rounds = Rounds([ours], _BESIDE)
    await rounds.measure()
    return Level(count, (count - before) / took, *memory, rounds.measured[ours.name], await _calls(ours, api, count))


async def _calls(ours: Plain, api: Api, count: int) -> dict[str, float]:
    """The median of several calls, each alone, in seconds."""
    return_id = f"open-{count}-0"
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "view": lambda: api.get(f"/v1/returns/{return_id}"),
        "list of 100": lambda: api.get("/v1/returns?limit=100"),
        "homeward show": lambda: _command(ours, "show", return_id),
        "homeward list": lambda: _command(ours, "list"),
    }
    return {what: median([await _took(call) for _ in range(_CALLS)]) for what, call in calls.items()}


async def _took(call: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began


async def _command(ours: Plain, *arguments: str) -> None:
    environment = {**os.environ, **ours.environment}
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*_COMMAND, *arguments, env=environment, stdout=quiet, stderr=quiet)
    if await process.wait():
        raise RuntimeError(f"homeward {' '.join(arguments)} failed")


def _show(levels: list[Level]) -> None:
    empty, *levels = levels
    calls = list(levels[0].calls)
    grid = Table(title="Beside open returns", caption="memory: MB, and KB for each open return; times in ms")
    for heading in ("open", "starts/s", "worker", "server", "lifecycles/s", "CPU", "event alone", *calls):
        grid.add_column(heading, justify="right")
    for level in levels:
        memory = [
            f"{now / 1e6:,.0f}, {(now - before) / level.open / 1e3:,.0f}"
            for now, before in (
                (level.worker_memory, empty.worker_memory),
                (level.server_memory, empty.server_memory),
            )
        ]
        figures = level.beside.all_processes, level.beside.update, *([took] for took in level.calls.values())
        times = [f"{median(figure) * 1000:,.1f}" for figure in figures]
        rates = f"{level.starts_per_second:.1f}", *memory, f"{median(level.beside.per_second):.1f}"
        grid.add_row(f"{level.open:,}", *rates, *times)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(grid)
    console.print(table("The most open against the fewest", ("most", "fewest"), _lines(empty, levels), ""))


def _lines(empty: Level, levels: list[Level]) -> list[Line]:
    few, many = levels[0], levels[-1]
    each = (many.worker_memory - empty.worker_memory) / many.open / 1000
    return [
        Line("worker memory for each open return, KB", each, at_most=100, bound_on_ratio=False),
        compare("lifecycles per second", many.beside.per_second, few.beside.per_second, at_least=0.91),
        compare("CPU of all processes, ms", many.beside.all_processes, few.beside.all_processes, at_most=1.1),
        compare("update of an event alone, ms", many.beside.update, few.beside.update, at_most=1.1),
    ]


if __name__ == "__main__":
    asyncio.run(main([int(count) for count in sys.argv[1:]] or list(_OPEN)))
