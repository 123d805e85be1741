"""A version that breaks open returns: caught by the check, and forced in, taken back by itself and by the page.

``OPEN_RETURNS`` says how many are open; what was seen is printed (``pytest -s``).
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest
from sqlalchemy import select

from gateways.database.engine import rows_of
from gateways.sandbox.tables import sandbox_refunds, sandbox_shipments
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from starter.cli.deploy import check
from starter.deploy.routing import Routing
from starter.doctor.observed import failing_workflows
from tests.deploy.changed import CHANGED, Incompatible
from tests.deploy.conftest import document_of
from tests.deploy.shop import Shop, shop_in
from tests.deploy.test_rollout import NAME, UNVERSIONED, VERSIONED, deploy, polled, status, version, works
from tests.runbook.desk import Desk, agrees_until
from tests.workflows.returns.play import Play

RETURNS = int(os.environ.get("OPEN_RETURNS", "40"))
_AT_ONCE = 10
_WITHIN = 300
BROUGHT_IN = ("promote", "--force", "--why", "it is urgent")

pytestmark = pytest.mark.long


@pytest.fixture
async def shop(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    async with shop_in(tmp_path_factory.mktemp("shop")) as shop:
        monkeypatch.setenv("TEMPORAL_ADDRESS", shop.ready.temporal)
        monkeypatch.setenv("HOMEWARD_DATABASE_URL", shop.ready.database)
        yield shop


async def _each(stories: Sequence[Play], act: Callable[[Play], Awaitable[object]]) -> None:
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(story: Play) -> None:
        async with room:
            await act(story)

    await asyncio.gather(*map(one, stories))


async def _on_its_way(story: Play) -> None:
    await story.start()
    await story.scan(TrackingStatus.IN_TRANSIT)
    await story.until(Status.IN_TRANSIT)


async def _touched(story: Play) -> None:
    """Something is said to it, so that it has a workflow task."""
    await story.handle.signal("tracking_event", {"anything": "that has a task"})


async def _finished(story: Play) -> None:
    await story.receive()
    await story.inspect()
    await story.until(Status.REFUNDED)


async def _until_wedged(shop: Shop, holds: Callable[[int], bool]) -> float:
    """Wait until so many workflows cannot go on; the seconds that took."""
    begun = time.monotonic()
    while not holds(found := await failing_workflows(shop.client)):
        assert time.monotonic() < begun + _WITHIN, f"{found} are wedged"
        await asyncio.sleep(0.2)
    return time.monotonic() - begun


async def _is_caught(stories: Sequence[Play]) -> None:
    """The check names exactly those that are open, and the version is not brought in."""
    begun = time.monotonic()
    result = await deploy("2", "promote", "--why", "a new step", "--json")
    assert result.exit_code == 1
    assert {one["workflow_id"] for one in document_of(result)["breaking"]} == {story.handle.id for story in stories}
    assert "open returns would break" in result.stderr
    print(f"\n{len(stories)} that break are named, and it is not brought in, after {time.monotonic() - begun:.1f} s")


async def _is_taken_back_by_itself(shop: Shop, stories: Sequence[Play]) -> None:
    begun = time.monotonic()
    ramping = asyncio.create_task(deploy("2", *BROUGHT_IN, "--ramp", "25,100", "--hold", "5m"))
    routing = Routing(shop.client, NAME)  # two commands at once would print into each other
    while (await routing.describe()).ramping != "2":
        assert not ramping.done(), (await ramping).output
        await asyncio.sleep(1)
    await _each(stories, _touched)
    touched = time.monotonic()
    result = await ramping
    assert result.exit_code == 1
    assert "the ramp of 2 is taken back" in result.stderr
    found = await status("1")
    assert (found["current"], found["ramping"]) == ("1", None)
    print(f"ramp of 25 %: {result.stderr.strip()}; {time.monotonic() - touched:.0f} s after they were touched")
    took = await _until_wedged(shop, lambda count: count == 0)
    print(f"none is wedged {took:.0f} s later, {time.monotonic() - begun:.0f} s after the ramp was asked for")


async def _is_taken_back_by_the_page(shop: Shop, moved_on: Play) -> None:
    environment = {"TEMPORAL_DEPLOYMENT_NAME": NAME, "TEMPORAL_WORKER_BUILD_ID": "1"}
    desk = Desk(shop.ready, "A new version breaks open returns", environment, ID=moved_on.return_id)
    assert f"WEDGED  {RETURNS} workflows" in await desk.do(0)
    begun = time.monotonic()
    found = await desk.do(1)
    assert "all work goes to 1 again" in found
    desk.names["EVENT"] = agrees_until(found, moved_on.return_id)
    await desk.do(2)
    await _until_wedged(shop, lambda count: count == 0)
    found = await desk.until(3, lambda printed: "WEDGED" not in printed)
    assert "work goes to 1" in found
    print(f"rolled back by the page: none is wedged {time.monotonic() - begun:.0f} s after it began")


async def test_a_new_version_breaks_open_returns(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    stories, moved_on = [shop.play() for _ in range(RETURNS)], shop.play()
    async with shop.working(*UNVERSIONED), shop.working(*VERSIONED, build=version("1")):
        await polled("1")
        await works("1", "promote", "--why", "it works")
        await _each(stories, _on_its_way)
        async with shop.working(*VERSIONED, build=version("2"), return_workflow=Incompatible):
            await polled("2")
            with monkeypatch.context() as changed:
                changed.setattr(check, "LONG_LIVED", CHANGED)
                await _is_caught(stories)
                await _is_taken_back_by_itself(shop, stories)
                await works("2", *BROUGHT_IN)
            await _on_its_way(moved_on)
            await _each(stories, _touched)
            took = await _until_wedged(shop, lambda count: count == RETURNS)
            print(f"forced in: {RETURNS} are wedged {took:.0f} s after the last was touched")
            await _is_taken_back_by_the_page(shop, moved_on)
            await _each([*stories, moved_on], _finished)
    await _nothing_twice(shop)


async def _nothing_twice(shop: Shop) -> None:
    for table in (sandbox_refunds, sandbox_shipments):
        keys = [row["key"] for row in await rows_of(shop.stage.db, select(table.c.key))]
        assert len(keys) == len(set(keys)) == RETURNS + 1
