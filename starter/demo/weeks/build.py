"""Plays the returns of a shop's last weeks, for `homeward up --demo` to begin with.

All are played side by side: each does what happens at its instant, then the server stops, every clock is set to what
comes next, and the server starts again.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.envconfig import ClientConnectConfig
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from client.names import RETURN, RETURNS_QUEUE, SUPPORT, SUPPORT_QUEUE, return_workflow_id, support_id
from client.returns import Homeward, one_line
from client.search_attributes import at_start, at_start_of_case
from client.support import Support
from gateways.database.engine import Database
from gateways.database.stock.inventory import add_stock
from gateways.orders.database import keep_orders
from gateways.orders.protocol import read_order
from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import parse_request
from starter.demo.story import Stage
from starter.demo.weeks.clocks import begin_back_then, set_clocks
from starter.demo.weeks.goods import ARTICLES, How, bought
from starter.demo.weeks.plots import PLOTS, PastStory, Plot, Told
from starter.demo.weeks.questions import Asked, converse, questions, unknown_parcels
from starter.local.data_dir import BOOKS, TEMPORAL
from starter.local.private import keep_private
from starter.local.sample_orders import keep_sample_orders
from starter.local.temporal_server import NAMESPACE, TemporalServer, free_port
from starter.shared.connect import client_of
from starter.shared.inbox import inbox_of
from workers.main import run_workers
from workers.setting_values import Role
from workers.settings import Settings, database_in
from workers.telemetry import temporal_runtime

POLICY: Final = Path(__file__).with_name("policy.toml")
#: The same shop each time, apart from its dates.
_SEED: Final = 7
_AT_ONCE: Final = 24
_PATIENCE: Final = timedelta(minutes=3)
#: Workflows that begin side by side: a task of theirs shall not wait long for the others.
_BEGIN_AT_ONCE: Final = 70
#: Hours of the day, in the shop's zone, at which customers ask for returns.
_HOURS: Final = (7.0, 22.5)
_OUT_OF_STOCK: Final = ("WATCH",)
#: Told of each part: how much of it is done, of how much.
Progress = Callable[[int, int], None]


def is_built(folder: Path) -> bool:
    """Whether the weeks have been played into this folder."""
    return (folder / BOOKS).is_file()


async def build(folder: Path, plots: Sequence[Plot] = PLOTS, progress: Progress = lambda _done, _all: None) -> None:
    """Play them into a folder that is not there yet; it has its name once all of it is played.

    Raises ``LocalError``, and ``TimeoutError`` where a return does not get where its plot leads.
    """
    partly = folder.with_name(f"{folder.name}.partly")
    shutil.rmtree(partly, ignore_errors=True)
    keep_private(partly)
    settings = Settings(data_dir=partly, database_url=None, policy=POLICY, smtp_url=None)
    await _Weeks(partly, settings, plots, progress).play()
    (partly / "temporal.log").unlink(missing_ok=True)
    partly.rename(folder)


class _Weeks:
    def __init__(self, folder: Path, settings: Settings, plots: Sequence[Plot], progress: Progress) -> None:
        self._folder = folder
        self._settings = settings
        self._progress = progress
        self._now = datetime.now(UTC)
        self._zone = ZoneInfo(Policy().clock.timezone)
        #: Those that have begun, and have not got where their plots lead.
        self._left: dict[PastStory, Told] = {}
        self._stories = tuple(self._story(number, *one) for number, one in enumerate(self._cast(plots)))
        self._asked = questions(self._stories, self._now)
        self._to_come, self._cases_to_come = self._stories, tuple(self._asked)

    async def play(self) -> None:
        """Play all of it."""
        await self._set_up()
        clocks: Mapping[str, datetime] = {}
        began = await self._begun_alone()
        while self._left:
            begin_back_then(self._folder / TEMPORAL, began)
            set_clocks(self._folder / TEMPORAL, clocks)
            async with self._server() as client:
                async with self._working(client) as stage:
                    clocks = await self._go_on(stage)
                    if not self._left and not self._to_come:
                        clocks = dict.fromkeys(await self._still_open(stage), datetime.now(UTC))
                began = await self._begin_next(client)
        set_clocks(self._folder / TEMPORAL, clocks)

    # What there is to play

    def _cast(self, plots: Sequence[Plot]) -> list[tuple[datetime, Plot, Random]]:
        """Each return to play, in the order in which they open, with a chance of its own."""
        each = enumerate(plot for plot in plots for _ in range(plot.count))
        drawn = [(plot, Random(_SEED * 1000 + number)) for number, plot in each]  # noqa: S311 - the same shop each time
        return sorted(((self._opened(*one), *one) for one in drawn), key=lambda one: one[0])

    def _story(self, number: int, opened: datetime, plot: Plot, chance: Random) -> PastStory:
        how = How(plot.fault, plot.quantity, plot.at_home)
        order = bought(number, chance.choice(plot.skus), opened, chance, how)
        raw: dict[str, Any] = {
            "return_id": f"R-{2000 + number}",
            "order": order.order,
            "items": [item | ({"reason": plot.reason} if plot.reason else {}) for item in order.items],
            "resolution": plot.resolution,
            "method": plot.method,
        }
        if plot.instead:
            raw["exchange_for"] = [order.instead(plot.instead, plot.quantity)]
        story = PastStory(parse_request(raw, now=opened), plot.tell, opened, self._now, chance)
        story.handed_over = self._handed_over(plot.business_days) if plot.business_days else None
        return story

    def _opened(self, plot: Plot, chance: Random) -> datetime:
        """At an hour at which customers ask, in the shop's zone; today and yesterday at any."""
        if plot.business_days:
            return self._handed_over(plot.business_days) - timedelta(days=chance.uniform(0.5, 1.5))
        then = self._now - timedelta(days=chance.uniform(*plot.ages))
        midnight = then.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        asked = (midnight + timedelta(hours=chance.uniform(*_HOURS))).astimezone(UTC)
        return asked if plot.ages[0] > 1 else then

    def _handed_over(self, business_days: int) -> datetime:
        """The latest noon from which so many business days have passed."""
        calendar = make_calendar(Policy().clock, self._now - timedelta(days=60))
        noon = self._now.replace(hour=17, minute=0)
        while calendar.business_days_between(noon, self._now) < business_days:
            noon -= timedelta(days=1)
        return noon

    # Instant by instant

    async def _begun_alone(self) -> dict[str, datetime]:
        async with self._server() as client:
            return await self._begin_next(client)

    async def _begin_next(self, client: Client) -> dict[str, datetime]:
        """Have the next workflows started while nobody works: not one of them begins; gives when each is to begin."""
        stories, self._to_come = self._to_come[:_BEGIN_AT_ONCE], self._to_come[_BEGIN_AT_ONCE:]
        for story in stories:
            await _begin_return(client, story)
            self._left[story] = story.told
        cases, self._cases_to_come = self._cases_to_come, ()
        for asked in cases:
            await _begin_case(client, asked)
        began = {return_workflow_id(story.return_id): story.opened for story in stories}
        return began | {support_id(asked.request.case_id): asked.at for asked in cases}

    async def _go_on(self, stage: Stage) -> Mapping[str, datetime]:
        """Have each story do what happens at its instant; gives what each clock is to be set to next."""
        room = asyncio.Semaphore(_AT_ONCE)

        async def go_on(story: PastStory, told: Told) -> datetime | None:
            async with room:
                story.take_to(stage)
                return await anext(told, None)

        instants = await asyncio.gather(*(go_on(*one) for one in self._left.items()))
        found = dict(zip(list(self._left), instants, strict=True))
        for story in [story for story, instant in found.items() if instant is None]:
            del self._left[story]
        done = len(self._stories) - len(self._left) - len(self._to_come)
        self._progress(done, len(self._stories))
        return {return_workflow_id(story.return_id): instant for story, instant in found.items() if instant}

    async def _still_open(self, stage: Stage) -> set[str]:
        """Talk with customers, take in what nobody knows, and give the workflows whose clocks are to show the end."""
        client = stage.clock.client
        await converse(Support(client, stage.db, _PATIENCE), self._asked)
        await inbox_of(client, stage.db).take(unknown_parcels())
        ids = [return_workflow_id(story.return_id) for story in self._stories]
        ids += [support_id(asked.request.case_id) for asked in self._asked]
        found = await asyncio.gather(*(client.get_workflow_handle(one).describe() for one in ids))
        return {one.id for one in found if one.status is WorkflowExecutionStatus.RUNNING}

    # What it is played on

    @asynccontextmanager
    async def _server(self) -> AsyncIterator[Client]:
        server = TemporalServer(self._folder, free_port(), None)
        await server.start()
        try:
            where = ClientConnectConfig(target_host=server.address, namespace=NAMESPACE)
            # So that each workflow has a clock of its own; nothing moves it while the server runs.
            client = await client_of(where, temporal_runtime())
            yield TimeSkipper(client, config=TimeSkippingConfig(enabled=False)).client
        finally:
            await server.stop()

    @asynccontextmanager
    async def _working(self, client: Client) -> AsyncIterator[Stage]:
        """All workers."""
        stop, started = asyncio.Event(), asyncio.Event()
        db = Database(database_in(self._folder))
        pass_next = inbox_of(client, db).pass_next
        working = asyncio.create_task(
            run_workers(client, self._settings, db, tuple(Role), stop, started, pass_next=pass_next)
        )
        starting = asyncio.create_task(started.wait())
        await asyncio.wait({working, starting}, return_when=asyncio.FIRST_COMPLETED)
        starting.cancel()
        try:
            clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
            yield Stage(Homeward(client, db, _PATIENCE), clock, db)
        finally:
            stop.set()
            await working
            await db.dispose()

    async def _set_up(self) -> None:
        """Tables, orders and stock."""
        db = Database(database_in(self._folder))
        await db.upgrade()
        await keep_sample_orders(db)
        orders = [read_order(story.request.order.model_dump(mode="json"), self._now) for story in self._stories]
        await keep_orders(db, orders)
        for sku in sorted(ARTICLES.keys() - _OUT_OF_STOCK):
            await add_stock(db, sku, 60)
        await db.dispose()


async def _begin_return(client: Client, story: PastStory) -> None:
    request = story.request
    await client.start_workflow(
        RETURN, request.model_dump(mode="json", exclude_unset=True, exclude_none=True),
        id=return_workflow_id(story.return_id), task_queue=RETURNS_QUEUE,
        search_attributes=at_start(request), static_summary=one_line(request),
    )  # fmt: skip


async def _begin_case(client: Client, asked: Asked) -> None:
    await client.start_workflow(
        SUPPORT, asked.request.model_dump(mode="json", exclude_none=True),
        id=support_id(asked.request.case_id), task_queue=SUPPORT_QUEUE,
        search_attributes=at_start_of_case(asked.request),
        static_summary=f"A question by {asked.request.channel}, for {asked.request.lands_in}",
    )  # fmt: skip
