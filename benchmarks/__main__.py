"""``python -m benchmarks``: what a return costs, the plain one against a bare workflow on the same server."""

import asyncio
import sys
import tempfile
from pathlib import Path

from rich.progress import Progress

from benchmarks.api import served
from benchmarks.counting import Counts, counts_of
from benchmarks.floor_side import floor
from benchmarks.listening import listening
from benchmarks.paths import ADVANCE_REPLACEMENT, REPAIR, TOLD, Paths
from benchmarks.plain import Plain, plain
from benchmarks.report import count_lines, show, time_lines
from benchmarks.rounds import Plan, Rounds
from benchmarks.sides import Side
from starter.local.temporal_server import TemporalServer


async def main(plan: Plan) -> int:
    """Measure and print; 0 when the counts keep their bounds. Times are judged by whoever reads them."""
    with tempfile.TemporaryDirectory(prefix="homeward-bench-") as name:
        folder = Path(name)
        server = TemporalServer(folder / "temporal")
        await server.start()
        try:
            async with floor(server.address, folder) as bare, plain(server.address, folder) as ours:
                rounds = Rounds([bare, ours], plan)
                await _measure(rounds, plan)
                checked = await _check(ours, rounds.measured[ours.name].return_ids)
                counts = await _counts(ours, plan)
                lines = count_lines(counts, await _counts(bare, plan))
                others = await Paths(ours.client, ours.db).lines(counts, ADVANCE_REPLACEMENT, REPAIR)
                async with served(ours, folder) as api:
                    over_http = await api.lines(server.pid, plan)
            # The workers above would not tell: they are gone now.
            (folder / "told").mkdir()
            async with listening() as url, plain(server.address, folder / "told", url) as telling:
                others += await Paths(telling.client, telling.db).lines(counts, TOLD)
        finally:
            await server.stop()
    broken = [line for line in (*lines, *others) if not line.kept]
    show([*lines, *time_lines(rounds.measured[ours.name], rounds.measured[bare.name])], others, over_http, checked)
    return 1 if broken else 0


async def _measure(rounds: Rounds, plan: Plan) -> None:
    with Progress(transient=True) as progress:
        task = progress.add_task("warming up", total=1 + plan.rounds * 2 + plan.alone)
        await rounds.warm_up()
        progress.advance(task)
        for what, step, count in (
            (f"{plan.at_once} at once", rounds.throughput, plan.rounds),
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
    """Counts of the last lifecycle that was alone; under load events share workflow tasks."""
    return await counts_of(side.handle(f"{side.name}-alone-{plan.alone - 1}"))


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Plan())))
