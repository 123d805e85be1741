"""``python -m benchmarks``: what a return costs, the plain one against a bare workflow on the same server."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from rich.progress import Progress

from benchmarks.api import served
from benchmarks.counting import Counts, counts_of
from benchmarks.floor_side import floor
from benchmarks.listening import listening
from benchmarks.paths import ADVANCE_REPLACEMENT, REPAIR, TOLD, Paths, most
from benchmarks.plain import Plain, plain
from benchmarks.report import LIMIT, count_lines, show, time_lines
from benchmarks.rounds import Plan, Rounds
from benchmarks.sides import Side
from starter.local.temporal_server import TemporalServer


async def main(plan: Plan) -> int:
    """Measure and print; 0 when the counts keep their limits. A bound not reached is said, and fails nothing."""
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="homeward-bench-") as name:
        folder = Path(name)
        server = TemporalServer(folder / "temporal")
        await server.start()
        try:
            async with (
                floor(server.address, folder) as bare,
                floor(server.address, folder, sandboxed=True) as sandboxed,
                plain(server.address, folder) as ours,
            ):
                rounds = Rounds([bare, ours, sandboxed], server.pid, plan)
                await _measure(rounds, plan)
                checked = await _check(ours, rounds.measured[ours.name].return_ids)
                counts, least = await _counts(ours, plan), await _counts(bare, plan)
                others = await Paths(ours.client, ours.db).lines(counts, ADVANCE_REPLACEMENT, REPAIR)
                async with served(ours, folder) as api:
                    over_http = await api.lines(server.pid, plan)
            # The workers above would not tell: they are gone now.
            (folder / "told").mkdir()
            async with listening() as url, plain(server.address, folder / "told", url) as telling:
                others += await Paths(telling.client, telling.db).lines(counts, TOLD)
        finally:
            await server.stop()
    times = time_lines(*(rounds.measured[side.name] for side in (ours, bare, sandboxed)))
    show([*times, *count_lines(counts, least)], others, over_http, checked)
    print(f"{os.cpu_count()} cores; load average {busy:.1f} before, {os.getloadavg()[0]:.1f} after.")
    broken = [line for line in (*count_lines(counts, least, LIMIT), *others) if not line.kept]
    for line in broken:
        print(f"{line.what}: {line.ours:,.0f}, and above {line.at_most:,.0f} this fails")
    return 1 if broken else 0


async def _measure(rounds: Rounds, plan: Plan) -> None:
    with Progress(transient=True) as progress:
        task = progress.add_task("warming up", total=1 + plan.rounds * 2 + plan.alone)
        await rounds.warm_up()
        progress.advance(task)
        for what, step, count in (
            (f"{plan.lifecycles} at once", rounds.throughput, plan.rounds),
            ("one alone", rounds.latency, plan.alone),
            ("replaying", rounds.replays, plan.rounds),
        ):
            progress.update(task, description=what)
            for number in range(count):
                await step(number)
                progress.advance(task)


async def _check(ours: Plain, return_ids: list[str]) -> int:
    for return_id in return_ids:
        await ours.check(return_id)
    return len(return_ids)


async def _counts(side: Side, plan: Plan) -> Counts:
    """The most that one of the last five lifecycles alone has cost; under load events share workflow tasks."""
    last = range(plan.alone - 5, plan.alone)
    return most([await counts_of(side.handle(f"{side.name}-alone-{number}")) for number in last])


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Plan())))
