"""Pages about partners that answer late, or wrongly, and about what falls due together."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from gateways.sandbox.tables import sandbox_refunds
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, Ready, running
from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.gateways.stand_ins import Fault
from tests.runbook.desk import Desk
from tests.workflows.returns.play import Play, make_request
from workers.settings import Settings

pytestmark = pytest.mark.long

SHIPMENTS = "POST /v2/shipments"
#: In the partner's own words.
WORDS = "The shipment cannot be made."
RETURNS = 4
DUE = 12
#: How many payments begin each second, by the page.
RATE = 5


@pytest.fixture(scope="module")
def slow_server() -> Iterator[EasyPostStandIn]:
    stand_in = EasyPostStandIn()
    with stand_in.running():
        yield stand_in


@pytest.fixture(scope="module")
async def hasty(slow_server: EasyPostStandIn, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """A shop where a single try of a step takes three seconds at most."""
    place = Place(tmp_path_factory.mktemp("hasty"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(
        data_dir=place.data_dir,
        easypost_key="EZTK1",
        easypost_url=f"{slow_server.url}/v2",
        step_timeout_seconds=3,
    )
    async with running(settings, place) as there:
        yield there


def _bought(easypost: EasyPostStandIn, stories: list[Play]) -> dict[str, int]:
    """How many labels each of them has."""
    counts = {story.return_id: 0 for story in stories}
    for shipment in easypost.shipments:
        for story in stories:
            if story.return_id in str(shipment["reference"]) and shipment["postage_label"]:
                counts[story.return_id] += 1
    return counts


async def test_a_partner_is_slow(hasty: Ready, slow_server: EasyPostStandIn) -> None:
    slow_server.faults.extend([Fault(SHIPMENTS, "late")] * 1000)
    async with stage_at(hasty) as stage:
        stories = [Play(stage, make_request()) for _ in range(RETURNS)]
        for story in stories:
            await story.start(until=None)
        desk = Desk(hasty, "A partner is slow")
        await desk.until(0, lambda printed: "timeout" in printed)
        await desk.do(1)
        assert "2" in await desk.say("homeward limits")
        slow_server.faults.clear()
        for story in stories:
            await story.until(Status.LABEL_SENT)
        await desk.until(2, lambda printed: "timeout" not in printed)
        assert set(_bought(slow_server, stories).values()) == {1}


async def test_a_partner_answers_wrongly(ready: Ready, stage: Stage, easypost: EasyPostStandIn) -> None:
    easypost.refused = "ACCOUNT.SUSPENDED"
    stories = [Play(stage, make_request()) for _ in range(RETURNS)]
    for story in stories:
        await story.start(until=None)
    for story in stories:
        await story.attention("label")
    [first, *_] = stories
    error = str((await first.view()).attention.error)  # type: ignore[union-attr]  # it waits
    desk = Desk(ready, "A partner answers wrongly", ID=first.return_id, ERROR=error)
    await desk.until(0, lambda printed: all(story.return_id in printed for story in stories))
    assert WORDS in await desk.do(1)
    await asyncio.sleep(1)  # workers hold what they were handed before
    later = Play(stage, make_request())
    await later.start(until=None)
    easypost.refused = None
    await desk.do(2)
    for story in [*stories, later]:
        await story.until(Status.LABEL_SENT)
    await desk.until(3, lambda printed: first.return_id not in printed)
    assert set(_bought(easypost, stories).values()) == {1}


async def test_everything_is_due_at_midnight(impatient: Ready) -> None:
    async with stage_at(impatient) as stage:
        await _all_due(impatient, stage)


async def _all_due(ready: Ready, stage: Stage) -> None:
    stories = [Play(stage, make_request()) for _ in range(DUE)]
    for story in stories:
        await story.start()
        await story.scan(TrackingStatus.DELIVERED)
        await story.receive()
    limits = [(await story.view()).deadlines.limit for story in stories]
    evening = max(limit for limit in limits if limit) + timedelta(seconds=1)
    desk = Desk(ready, "Everything is due at midnight", EVENING=evening.isoformat())
    await desk.until(0, lambda printed: all(story.return_id in printed for story in stories))
    # Each is settled at a moment of its own, of which no two are the same as a rule.
    assert len({await story.limit_enforced_at() for story in stories}) > DUE / 2
    await desk.do(1)
    begun = time.monotonic()
    for story in stories:
        left = await story.limit_enforced_at() - await story.now()
        await stage.clock.fast_forward(story.handle, left + timedelta(seconds=1))
    for story in stories:
        await story.until_effect("refund-t1")
    assert time.monotonic() - begun >= DUE / RATE / 4  # each of the queue's partitions may begin one at once
    paid = select(func.count()).where(
        sandbox_refunds.c.key.in_([f"return-{story.return_id}/refund-t1" for story in stories])
    )
    assert await stage.db.read(lambda connection: connection.execute(paid).scalar_one()) == DUE
    await desk.until(2, lambda printed: not any(story.return_id in printed for story in stories))
