"""What the HTTP API costs: the same starts through it and through the client alone, and views asked for by many.

CPU is that of all processes: Temporal's server, worker, caller, and the API where it is used. A start is over
once its label is bought, so that both sides pay for the same work.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

import httpx
from sqlalchemy import func, select

from benchmarks.plain import Plain
from benchmarks.processes import CpuClock, WorkerProcess, running
from benchmarks.report import Line, compare
from benchmarks.request import plain_request
from benchmarks.rounds import Plan
from client.http import HttpHomeward
from gateways.database.tables.steps import effects
from lifecycle.contract.request import ReturnRequest, parse_request
from starter.local.temporal_server import free_port

_PATIENCE = timedelta(minutes=1)
_COMES_UP_WITHIN = 30.0
_BETWEEN_LOOKS = 0.2
_STARTS_AT_ONCE = 20
Start = Callable[[ReturnRequest], Awaitable[object]]


@asynccontextmanager
async def served(plain: Plain, folder: Path) -> AsyncIterator["Api"]:
    """The API in a process of its own, on the engine of the plain return."""
    port = free_port()
    environment = {
        **plain.environment,
        "HOMEWARD_LOG_LEVEL": "INFO",  # a line for each call, as in real life
        "HOMEWARD_API_PORT": str(port),
        "HOMEWARD_API_CALLS_PER_MINUTE": "1000000",
    }
    command = ["-c", "from starter.cli.main import main; main()", "api", "--without-keys"]
    async with (
        running(command, folder / "api.log", environment) as process,
        HttpHomeward(f"http://127.0.0.1:{port}", patience=_PATIENCE) as homeward,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        async with asyncio.timeout(_COMES_UP_WITHIN):
            await homeward.ask("GET", "/healthz")
        yield Api(plain, process, homeward, http)


class Api:
    """The two ways to the same engine."""

    def __init__(self, plain: Plain, process: WorkerProcess, homeward: HttpHomeward, http: httpx.AsyncClient) -> None:
        self._plain = plain
        self._process = process
        self._homeward = homeward
        self._http = http

    @property
    def address(self) -> str:
        """Where it is, and the pages with it."""
        return str(self._http.base_url)

    async def get(self, path: str) -> None:
        """Ask for it; raises for what is not an answer."""
        (await self._http.get(path)).raise_for_status()

    async def lines(self, server_pid: int, plan: Plan) -> list[Line]:
        """All figures."""
        clock = CpuClock(server_pid, self._plain.worker, self._process)
        through, alone = await self._starts(clock, plan)
        times = await self._views(plan.looks_at_once, plan)
        middle, late = median(times) * 1000, quantiles(times, n=20)[-1] * 1000
        health, view = await self._looks("/healthz", plan), await self._views(1, plan)
        return [
            compare("CPU of a start, ms", through, alone, at_most=1.12),
            Line(f"a view, {plan.looks_at_once} at once, ms", late, middle, late / middle, at_most=10),
            Line("a view alone, ms", median(view) * 1000, at_most=12, bound_on_ratio=False),
            Line("/healthz alone, ms", median(health) * 1000, at_most=2, bound_on_ratio=False),
        ]

    async def _starts(self, clock: CpuClock, plan: Plan) -> tuple[list[float], list[float]]:
        """CPU seconds of one start, round by round: through the API, and through the client alone."""
        sides: dict[str, Start] = {"api": self._homeward.start, "client": self._plain.homeward.start}
        spent: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(-1, plan.rounds):  # the first is not measured
            for name in sorted(sides, reverse=bool(number % 2)):
                before = await clock.seconds()
                await self.start_many(sides[name], f"{name}-{number}", plan.starts)
                if number >= 0:
                    spent[name].append((await clock.seconds() - before) / plan.starts)
        return spent["api"], spent["client"]

    async def start_many(self, start: Start, prefix: str, count: int) -> None:
        """Start returns ``prefix-0`` and on, a few at once, and wait for their labels."""
        free = asyncio.Semaphore(_STARTS_AT_ONCE)

        async def one(number: int) -> None:
            async with free:
                await start(parse_request(plain_request(f"{prefix}-{number}"), now=datetime.now(UTC)))

        await asyncio.gather(*(one(number) for number in range(count)))
        await self._until_labelled(prefix, count)

    async def _until_labelled(self, prefix: str, count: int) -> None:
        """Wait for all labels, by a look into the ledger that costs next to nothing."""
        bought = select(func.count()).where(
            effects.c.step == "buy_return_label", effects.c.return_id.startswith(f"{prefix}-", autoescape=True)
        )
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            while True:
                if await self._plain.db.read(lambda connection: connection.execute(bought).scalar_one()) >= count:
                    break
                await asyncio.sleep(_BETWEEN_LOOKS)
        await asyncio.sleep(_BETWEEN_LOOKS)  # the last of them are still being noted

    async def _views(self, at_once: int, plan: Plan) -> list[float]:
        """How long each view of an open return took, asked for by many at once, in seconds."""
        paths = [f"/v1/returns/api-0-{which}" for which in range(at_once)]
        return [took for times in await asyncio.gather(*(self._looks(path, plan) for path in paths)) for took in times]

    async def _looks(self, path: str, plan: Plan) -> list[float]:
        """How long each answer took, one after another, in seconds."""
        times: list[float] = []
        for _ in range(plan.looks):
            began = time.perf_counter()
            await self.get(path)
            times.append(time.perf_counter() - began)
        return times
