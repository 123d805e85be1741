"""Alternating rounds: the sides take turns on the same server, so that what disturbs one disturbs all."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import median

from rich.progress import Progress

from benchmarks.processes import cpu_of
from benchmarks.sides import Side

#: What a round leaves to be done, such as mails, is done after so many seconds and counts as its own.
_SETTLES_WITHIN = 0.3


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    #: Short and many: a machine that is shared is seldom quiet for long.
    rounds: int = 12
    #: Lifecycles of one side in one round, all at once.
    lifecycles: int = 64
    #: Lifecycles of one side, one after another on an idle machine, for the latencies.
    alone: int = 30
    #: How often one replay round goes through the last five histories.
    replays: int = 4
    #: Starts of one side in one round, where the HTTP API is measured.
    starts: int = 40
    #: Callers of the HTTP API at once, and how often each looks at its return.
    looks_at_once: int = 20
    looks: int = 60


@dataclass
class Measured:
    """One side's figures, one entry per round; seconds, and seconds of CPU per lifecycle."""

    per_second: list[float] = field(default_factory=list)
    worker: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    driver: list[float] = field(default_factory=list)
    decision: list[float] = field(default_factory=list)
    update: list[float] = field(default_factory=list)
    replay: list[float] = field(default_factory=list)
    return_ids: list[str] = field(default_factory=list)

    @property
    def all_processes(self) -> list[float]:
        """CPU of worker, server and driver together."""
        return [sum(parts) for parts in zip(self.worker, self.server, self.driver, strict=True)]


def ratios(ours: Sequence[float], other: Sequence[float]) -> list[float]:
    """Round by round."""
    return [a / b for a, b in zip(ours, other, strict=True)]


def ratio(ours: Sequence[float], other: Sequence[float]) -> float:
    """The median of the ratios, round by round."""
    return median(ratios(ours, other))


def spread(figures: Sequence[float]) -> tuple[float, float]:
    """Between which two of the figures their true median lies, at 95 %; with fewer than six, all of them.

    By order statistics, which take no distribution for granted: of n figures as many as 0.98 times the root of n are
    counted from the middle, both ways.
    """
    ordered = sorted(figures)
    skipped = max(0, int(len(ordered) / 2 - 0.98 * sqrt(len(ordered))))
    return ordered[skipped], ordered[-1 - skipped]


class Rounds:
    """Measures the sides in turn; the order is turned round each time, so that going first favours none."""

    def __init__(self, sides: Sequence[Side], plan: Plan) -> None:
        self._sides = sides
        self._plan = plan
        self.measured = {side.name: Measured() for side in sides}

    async def measure(self) -> None:
        """All rounds, many lifecycles at once and then one alone, with a progress bar."""
        with Progress(transient=True) as progress:
            task = progress.add_task("warming up", total=1 + self._plan.rounds + self._plan.alone)
            await self.warm_up()
            progress.update(task, advance=1, description=f"{self._plan.lifecycles} at once")
            for number in range(self._plan.rounds):
                await self.throughput(number)
                progress.advance(task)
            progress.update(task, description="one alone")
            for number in range(self._plan.alone):
                await self.latency(number)
                progress.advance(task)

    async def warm_up(self) -> None:
        """Fill caches; not measured."""
        for side in self._sides:
            await self._all_at_once(side, "warm")

    async def throughput(self, number: int) -> None:
        """One round of many lifecycles at once."""
        for side in self._turn(number):
            before, began = await self._cpu(side), time.perf_counter()
            await self._all_at_once(side, f"r{number}")
            took = time.perf_counter() - began
            await asyncio.sleep(_SETTLES_WITHIN)
            each = [(b - a) / self._plan.lifecycles for a, b in zip(before, await self._cpu(side), strict=True)]
            measured = self.measured[side.name]
            measured.per_second.append(self._plan.lifecycles / took)
            for figures, figure in zip((measured.worker, measured.server, measured.driver), each, strict=True):
                figures.append(figure)

    async def _cpu(self, side: Side) -> tuple[float, float, float]:
        servers = sum([await cpu_of(pid) for pid in side.servers])
        return await side.worker.cpu_seconds(), servers, time.process_time()

    async def latency(self, number: int) -> None:
        """One lifecycle alone on the machine."""
        for side in self._turn(number):
            return_id = f"{side.name}-alone-{number}"
            lived = await side.live(return_id)
            measured = self.measured[side.name]
            measured.decision.append(lived.decision)
            measured.update.append(sum(lived.updates) / len(lived.updates))
            measured.return_ids.append(return_id)

    def _turn(self, number: int) -> Sequence[Side]:
        return self._sides if number % 2 == 0 else self._sides[::-1]

    async def _all_at_once(self, side: Side, prefix: str) -> None:
        return_ids = [f"{side.name}-{prefix}-{number}" for number in range(self._plan.lifecycles)]
        async with asyncio.TaskGroup() as tasks:
            for return_id in return_ids:
                tasks.create_task(side.live(return_id))
        self.measured[side.name].return_ids += return_ids
