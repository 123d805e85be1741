"""Alternating rounds: the sides take turns on the same server, so that what disturbs one disturbs both."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.sides import Lived, Side


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int = 5
    at_once: int = 64
    #: Lifecycles of one side in one round.
    lifecycles: int = 128
    #: Lifecycles of one side, one after another on an idle machine, for the latencies.
    alone: int = 30
    #: Histories that one replay round goes through.
    replays: int = 40
    #: Starts of one side in one round, where the HTTP API is measured.
    starts: int = 80
    #: Callers of the HTTP API at once, and how often each looks at its return.
    looks_at_once: int = 20
    looks: int = 60


@dataclass
class Measured:
    """One side's figures, one entry per round; times in seconds."""

    per_second: list[float] = field(default_factory=list)
    worker_cpu: list[float] = field(default_factory=list)
    decision: list[float] = field(default_factory=list)
    update: list[float] = field(default_factory=list)
    replay: list[float] = field(default_factory=list)
    return_ids: list[str] = field(default_factory=list)


def ratio(ours: Sequence[float], floor: Sequence[float]) -> float:
    """The median of the ratios, round by round."""
    return median(a / b for a, b in zip(ours, floor, strict=True))


class Rounds:
    """Measures the sides in turn; each starts every other round, so that going first favours none."""

    def __init__(self, sides: Sequence[Side], plan: Plan) -> None:
        self._sides = sides
        self._plan = plan
        self.measured = {side.name: Measured() for side in sides}

    async def warm_up(self) -> None:
        """Fill caches; not measured."""
        for side in self._sides:
            await self._all_at_once(side, "warm", self._plan.at_once)

    async def throughput(self, number: int) -> None:
        """One round of many lifecycles at once."""
        for side in self._turn(number):
            cpu, began = await side.worker.cpu_seconds(), time.perf_counter()
            await self._all_at_once(side, f"r{number}", self._plan.lifecycles)
            took = time.perf_counter() - began
            cpu = await side.worker.cpu_seconds() - cpu
            measured = self.measured[side.name]
            measured.per_second.append(self._plan.lifecycles / took)
            measured.worker_cpu.append(cpu / self._plan.lifecycles)

    async def latency(self, number: int) -> None:
        """One lifecycle alone on the machine."""
        for side in self._turn(number):
            return_id = f"{side.name}-alone-{number}"
            lived = await side.live(return_id)
            measured = self.measured[side.name]
            measured.decision.append(lived.decision)
            measured.update.append(sum(lived.updates) / len(lived.updates))
            measured.return_ids.append(return_id)

    async def replays(self, number: int) -> None:
        """One round of replays of the lifecycles that were alone."""
        for side in self._turn(number):
            measured = self.measured[side.name]
            ids = measured.return_ids[-5:]
            histories = [await side.handle(return_id).fetch_history() for return_id in ids]
            histories = (histories * (self._plan.replays // len(histories) + 1))[: self._plan.replays]
            began = time.perf_counter()
            await side.replay(histories)
            measured.replay.append((time.perf_counter() - began) / len(histories))

    def _turn(self, number: int) -> Sequence[Side]:
        return self._sides if number % 2 == 0 else self._sides[::-1]

    async def _all_at_once(self, side: Side, prefix: str, count: int) -> list[Lived]:
        free = asyncio.Semaphore(self._plan.at_once)

        async def one(number: int) -> Lived:
            async with free:
                return_id = f"{side.name}-{prefix}-{number}"
                lived = await side.live(return_id)
                self.measured[side.name].return_ids.append(return_id)
                return lived

        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(one(number)) for number in range(count)]
        return [task.result() for task in running]
