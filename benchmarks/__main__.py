"""``python -m benchmarks``: what a return costs, the plain one against a bare workflow on the same server."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.api import served
from benchmarks.counting import Counts, counts_of
from benchmarks.floor_side import floor
from benchmarks.listening import listening
from benchmarks.paths import ADVANCE_REPLACEMENT, REPAIR, TOLD, Paths, most
from benchmarks.plain import Plain, plain
from benchmarks.replaying import replay_time
from benchmarks.report import LIMIT, count_lines, show, time_lines
from benchmarks.rounds import Plan, Rounds
from benchmarks.sides import TemporalSide
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
                floor(server, folder) as bare,
                floor(server, folder, sandboxed=True) as sandboxed,
                plain(server, folder) as ours,
            ):
                sides: list[TemporalSide] = [bare, ours, sandboxed]
                rounds = Rounds(sides, plan)
                await rounds.measure()
                await _replay(sides, rounds, plan)
                checked = await _check(ours, rounds.measured[ours.name].return_ids)
                counts, least = await _counts(ours, plan), await _counts(bare, plan)
                others = await Paths(ours.client, ours.db).lines(counts, ADVANCE_REPLACEMENT, REPAIR)
                async with served(ours, folder) as api:
                    over_http = await api.lines(server.pid, plan)
            # The workers above would not tell: they are gone now.
            (folder / "told").mkdir()
            async with listening() as url, plain(server, folder / "told", subscriber=url) as telling:
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


async def _replay(sides: Sequence[TemporalSide], rounds: Rounds, plan: Plan) -> None:
    """Rounds of replays of the last lifecycles that were alone."""
    for number in range(plan.rounds):
        for side in sides if number % 2 else reversed(sides):
            measured = rounds.measured[side.name]
            measured.replay.append(await replay_time(side, measured.return_ids[-5:], plan.replays))


async def _check(ours: Plain, return_ids: list[str]) -> int:
    for return_id in return_ids:
        await ours.check(return_id)
    return len(return_ids)


async def _counts(side: TemporalSide, plan: Plan) -> Counts:
    """The most that one of the last five lifecycles alone has cost; under load events share workflow tasks."""
    last = range(plan.alone - 5, plan.alone)
    return most([await counts_of(side.handle(f"{side.name}-alone-{number}")) for number in last])


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Plan())))
