"""No return waits for its label without end: it has a deadline from its request on, whatever keeps the carrier away."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from client.returns import Homeward
from gateways.database.engine import Database
from lifecycle.contract.messages import ResolveAttention
from lifecycle.contract.statuses import Status
from lifecycle.returns.goods import late_label
from starter.demo.story import Stage
from starter.local.temporal_server import TemporalServer
from tests.workflows.returns.play import Play, make_request
from workers.converter import CONVERTER
from workers.main import run_workers
from workers.setting_values import Role
from workers.settings import Settings

_OTHERS = [role for role in Role if role is not Role.CARRIER]


@dataclass
class Understaffed:
    """A shop whose workers leave the carrier's queue alone, until somebody comes."""

    stage: Stage
    client: Client
    settings: Settings

    @asynccontextmanager
    async def carrier(self) -> AsyncIterator[None]:
        """Somebody works the carrier's queue."""
        async with _working(self.client, self.settings, self.stage.db, [Role.CARRIER]):
            yield


@asynccontextmanager
async def _working(client: Client, settings: Settings, db: Database, roles: Collection[Role]) -> AsyncIterator[None]:
    stop, started = asyncio.Event(), asyncio.Event()
    working = asyncio.create_task(run_workers(client, settings, db, roles, stop, started))
    await started.wait()
    try:
        yield
    finally:
        stop.set()
        await working


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Understaffed]:
    folder = tmp_path_factory.mktemp("understaffed")
    server = TemporalServer(folder / "temporal")
    await server.start()
    db = Database(f"sqlite:///{folder / 'homeward.db'}")
    await db.upgrade()
    client = await Client.connect(server.address, data_converter=CONVERTER)
    clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    stage = Stage(Homeward(clock.client, db, timedelta(seconds=60)), clock, db)
    settings = Settings(data_dir=Path(folder), database_url=None, smtp_url=None)
    async with _working(client, settings, db, _OTHERS):
        yield Understaffed(stage, client, settings)
    await db.dispose()
    await server.stop()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hours are seconds: a step that is under way holds the clock, which cannot be hurried then."""
    monkeypatch.setattr(late_label, "_time", lambda ret: timedelta(seconds=ret.opened.terms.label_within_hours))


@pytest.mark.long  # the server hands a task that nobody asked for to a new worker only after half a minute
@pytest.mark.usefixtures("soon")
async def test_without_a_worker_for_the_carrier_operations_are_called(shop: Understaffed) -> None:
    story = Play(shop.stage, make_request())
    await story.start(until=None)
    assert (await story.view()).attention is None
    view = await story.attention("label")
    assert view.attention
    assert view.attention.error == "not there within 4 hours"
    assert view.status == "requested"
    assert view.deadlines.label_by
    assert view.attention.since >= view.deadlines.label_by
    await story.until_effect("call_operations")
    async with shop.carrier():
        view = await story.until(Status.LABEL_SENT)
        assert view.attention is None
        assert view.deadlines.label_by is None
        assert (await story.effects()).count("buy_return_label") == 1


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("action", ["mark_done", "skip"])
async def test_an_operators_word_counts_instead_of_a_label_that_is_late(shop: Understaffed, action: str) -> None:
    story = Play(shop.stage, make_request())
    await story.start(until=None)
    await story.attention("label")
    answer = {"by": "operator", "action": action, "reference": "OWN-1" if action == "mark_done" else None}
    await shop.stage.homeward.resolve_attention(story.return_id, ResolveAttention.model_validate(answer))
    view = await story.until(Status.LABEL_SENT)
    assert view.handover.tracking_code == ("OWN-1" if action == "mark_done" else None)
    assert view.attention is None
    async with shop.carrier():
        await story.until_effect("void_label")
        assert await story.labels() == []


async def test_a_refused_label_calls_again_when_its_time_is_over(play: Callable[..., Play], stage: Stage) -> None:
    story = play(line2="fault:refused")
    await story.start(until=None)
    view = await story.attention("label")
    assert view.deadlines.label_by
    assert view.deadlines.label_by - view.timeline[0].at == timedelta(hours=4)
    await story.until_effect("call_operations")
    await story.days(3.9 / 24)
    assert (await story.events()).count("attention") == 1
    await story.days(0.2 / 24)
    await story.until_effect("call_operations-2")
    assert (await story.events()).count("attention") == 2
    answer = ResolveAttention(by="operator", action="mark_done", reference="OWN-2", step="label")
    await stage.homeward.resolve_attention(story.return_id, answer)
    view = await story.until(Status.LABEL_SENT)
    assert (view.attention, view.deadlines.label_by) == (None, None)


async def test_no_label_is_bought_for_a_return_that_is_in_review_again(shop: Understaffed) -> None:
    line = {"line_id": "1", "sku": "TV", "title": "Screen", "quantity": 2, "unit_price": 30000}
    story = Play(shop.stage, make_request(lines=[line]))
    await story.start(until=None)
    await story.change(items=[{"line_id": "1", "quantity": 2, "reason": "unwanted"}])
    await story.until(Status.IN_REVIEW)
    async with shop.carrier():
        await story.until_effect("void_label")
        assert (await story.labels(), (await story.view()).handover.tracking_code) == ([], None)
        await story.approve()
        view = await story.until(Status.LABEL_SENT)
        assert view.handover.tracking_code
        assert await story.labels() == ["bought"]
    assert [event for event in await story.events() if event != "requested"] == [
        "changed",
        "in_review",
        "approved",
        "label_sent",
    ]
    assert await story.mails() == ["in_review", "label_sent"]
