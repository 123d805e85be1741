"""``make bench-peers``: the plain return beside the same steps and events on other engines, in one run."""

import asyncio
import os
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks import postgresql
from benchmarks.floor_side import floor
from benchmarks.peers.sides import dbos, has_dbos, restate, restate_server
from benchmarks.plain import Plain, plain
from benchmarks.report import WIDTH, compare
from benchmarks.rounds import Measured, Plan, Rounds
from benchmarks.sides import Side
from starter.local.temporal_server import TemporalServer

#: How many lifecycles of ours there are to be for one of theirs, at least.
_BOUNDS = {"dbos-sqlite": 1.6, "dbos-postgresql": 1.1, "restate": 0.55}
#: The same of PostgreSQL for the books to SQLite.
_POSTGRESQL = 0.85
_MISSING = {
    "dbos": "DBOS is not here: its package could not be installed",
    "restate": "Restate is not here: its SDK, or its server, which npm would bring, could not be installed",
    "postgresql": "PostgreSQL is not here: no programs initdb and postgres on PATH",
}


async def main(plan: Plan) -> None:
    """Measure and print. What cannot be had here is said."""
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="homeward-bench-") as name:
        async with AsyncExitStack() as stack:
            missing: list[str] = []
            sides = await _sides(stack, Path(name), missing)
            rounds = Rounds(sides, plan)
            await rounds.measure()
            for side in sides:
                if isinstance(side, Plain):
                    for return_id in rounds.measured[side.name].return_ids:
                        await side.check(return_id)
    _show(rounds.measured)
    for what in missing:
        print(_MISSING[what])
    print((Path(__file__).parent / "requirements.txt").read_text())
    print(f"{os.cpu_count()} cores; load average {busy:.1f} before, {os.getloadavg()[0]:.1f} after.")


async def _sides(stack: AsyncExitStack, folder: Path, missing: list[str]) -> list[Side]:
    server = await _temporal(stack, folder / "temporal")
    sides: list[Side] = [
        await stack.enter_async_context(plain(server, folder)),
        await stack.enter_async_context(floor(server, folder)),
    ]
    if has_dbos():
        url = f"sqlite:///{folder / 'dbos.db'}"
        sides.append(await stack.enter_async_context(dbos(folder, url, [], "dbos-sqlite")))
    else:
        missing.append("dbos")
    if program := restate_server():
        sides.append(await stack.enter_async_context(restate(folder, program)))
    else:
        missing.append("restate")
    if postgresql.present():
        sides += await _on_postgresql(stack, folder)
    else:
        missing.append("postgresql")
    return sides


async def _on_postgresql(stack: AsyncExitStack, folder: Path) -> list[Side]:
    server = await _temporal(stack, folder / "temporal-2")
    books = await stack.enter_async_context(postgresql.postgresql())
    (folder / "postgresql").mkdir()
    ours = await stack.enter_async_context(plain(server, folder / "postgresql", postgresql=books))
    if not has_dbos():
        return [ours]
    # A server of its own: the CPU of each is counted apart.
    theirs = await stack.enter_async_context(postgresql.postgresql())
    url = f"{theirs.address}/dbos"
    return [ours, await stack.enter_async_context(dbos(folder, url, [theirs.pid], "dbos-postgresql"))]


async def _temporal(stack: AsyncExitStack, folder: Path) -> TemporalServer:
    server = TemporalServer(folder)
    await server.start()
    stack.push_async_callback(server.stop)
    return server


def _show(measured: dict[str, Measured]) -> None:
    caption = "ours: how many lifecycles of the return there are for one of theirs; of return-postgresql the reverse"
    table = Table(title="The plain return beside the same steps and events elsewhere", caption=caption)
    headings = "per second", "ours", "spread", "bound", "", "CPU, ms", "worker", "server", "driver", "event alone, ms"
    table.add_column("", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, found in measured.items():
        cpu = (found.all_processes, found.worker, found.server, found.driver)
        figures = [f"{median(figure) * 1000:.1f}" for figure in (*cpu, found.update)]
        table.add_row(name, f"{median(found.per_second):.1f}", *_beside(name, measured), *figures)
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)


def _beside(name: str, measured: dict[str, Measured]) -> tuple[str, str, str, str]:
    """The ratio to the plain return's lifecycles, its spread, its bound and the verdict."""
    ours, other = measured["return"].per_second, measured[name].per_second
    if name == "return":
        return "", "", "", ""
    if name == "return-postgresql":
        line = compare(name, other, ours, at_least=_POSTGRESQL)
    else:
        line = compare(name, ours, other, at_least=_BOUNDS.get(name))
    return f"{line.ratio:.2f}", line.spread, line.bound, line.verdict


if __name__ == "__main__":
    asyncio.run(main(Plan()))
