"""Pages about Temporal and the workers: each fault is made for real, and fixed by the page's own commands."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from sqlalchemy import func, select

from client.errors import HomewardError
from gateways.sandbox.tables import sandbox_refunds
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from tests.deploy.changed import Incompatible
from tests.deploy.shop import Shop, shop_in
from tests.runbook.desk import Desk, agrees_until, is_well
from tests.workflows.returns.play import Play
from workers.setting_values import Role

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with shop_in(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


def _without(role: Role) -> set[Role]:
    return set(Role) - {role}


async def _finished(story: Play) -> None:
    await story.receive()
    await story.inspect()
    await story.until(Status.REFUNDED)


async def test_temporal_does_not_answer(shop: Shop) -> None:
    desk, story = Desk(shop.ready, "Temporal does not answer"), shop.play()
    async with shop.working():
        await story.start()
        await shop.server.stop()
        assert "does not answer" in await desk.do(0)
        await shop.server.start()
        await desk.until(1, is_well)
        await _finished(story)


async def test_a_search_attribute_is_missing(shop: Shop) -> None:
    desk, story = Desk(shop.ready, "A search attribute is missing"), shop.play()
    async with shop.working():
        await desk.say("temporal operator search-attribute remove --name Escalated --yes")
        await desk.until(0, lambda printed: "Escalated (Bool)" in printed)
        await _refused_for_want_of_it(shop)
        await desk.do(1)
        await desk.until(2, lambda printed: "search attributes: all" in printed)
        await _started(story)
        await _finished(story)


async def _refused_for_want_of_it(shop: Shop) -> None:
    """The server knows a moment later."""
    for _ in range(300):
        with suppress(HomewardError):
            await shop.play().start(until=None)
            await asyncio.sleep(0.2)
            continue
        break
    with pytest.raises(HomewardError, match="Escalated"):
        await shop.play().start(until=None)


async def _started(story: Play) -> None:
    """Start it as often as it takes: a worker that has just begun may not answer in time."""
    for _ in range(300):
        try:
            await story.start()
        except HomewardError:
            await asyncio.sleep(0.2)
        else:
            return
    raise AssertionError("a start is refused")


async def test_nobody_works_for_a_role(shop: Shop) -> None:
    desk, story = Desk(shop.ready, "Nobody works for a role"), shop.play()
    async with shop.working(*_without(Role.CARRIER)):
        await story.start(until=Status.REQUESTED)
        # Those that have polled until a moment ago are still counted.
        await desk.until(0, lambda printed: "run `homeward worker --role carrier`" in printed, within=120)
        async with desk.running(1):
            await story.until(Status.LABEL_SENT)
            await desk.until(2, is_well)


async def test_a_worker_runs_out_of_memory(shop: Shop) -> None:
    desk, story = Desk(shop.ready, "A worker runs out of memory"), shop.play()
    async with shop.working(*_without(Role.RETURNS)):
        async with desk.running(1) as worker:
            await _started(story)
            worker.send_signal(signal.SIGKILL)  # as the kernel does where memory is short
            assert await worker.wait() == -signal.SIGKILL
        await desk.until(0, lambda printed: "run `homeward worker --role returns`" in printed, within=120)
        async with desk.running(1):
            await desk.until(2, is_well)
            await _finished(story)


async def test_a_workflow_task_fails_again_and_again(shop: Shop) -> None:
    story = shop.play()
    desk = Desk(shop.ready, "A workflow task fails again and again", ID=story.return_id)
    async with shop.working(*_without(Role.RETURNS)):
        async with shop.working(Role.RETURNS, return_workflow=Incompatible):
            await story.start()
            await story.scan(TrackingStatus.IN_TRANSIT)
            await story.until(Status.IN_TRANSIT)
            await story.receive()
        async with shop.working(Role.RETURNS):
            await story.handle.signal("tracking_event", {"anything": "that has a task"})
            found = await desk.until(0, lambda printed: "WEDGED" in printed)
            desk.names["EVENT"] = agrees_until(found, story.return_id)
            await desk.do(1)
            await desk.until(2, lambda printed: story.return_id not in printed)
            await story.until(Status.RECEIVED)  # it was said again by the reset
            await story.inspect()
            await story.until(Status.REFUNDED)
    mine = select(func.count()).where(sandbox_refunds.c.key.startswith(f"return-{story.return_id}/"))
    assert await shop.stage.db.read(lambda connection: connection.execute(mine).scalar_one()) == 1
