"""SIGKILL at every step of returns that are told, and at every line of the telling: no event is lost or overtaken."""

import asyncio
import json
import random
from collections.abc import AsyncIterator

import pytest

from starter.demo import story as stories_of
from starter.demo.stories import STORIES
from starter.demo.story import Stage, read_example
from tests.crash.conftest import Place
from tests.crash.telling_worker import PLACES
from tests.crash.test_killed_at_random import EXAMPLES, PATIENCE, Patient, PatientHomeward, kill_now_and_then
from tests.crash.test_killed_worker import live
from tests.events.receiver import Answer, Receiver, receiving
from tests.workflows.returns.play import Play, make_request

STEPS = ("buy_return_label", "publish", "receive", "refund-t1", "close")
#: Where a step that is under way takes the news along, there are fewer steps of their own.
NOT_ALWAYS = ("publish-2", "publish-3", "publish-4")
#: Stories with commands, changes and ends of their own, told while the worker dies.
MORE = ("cancelled", "advance_replacement", "way_changed", "declined", "exchange", "late_parcel")


@pytest.fixture
async def receiver(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """A subscriber of every worker, who refuses now and then."""
    chance = random.Random(3)  # noqa: S311 - the same answers every time

    def now_and_then(_: object) -> Answer:
        return (500 if chance.random() < 0.3 else 204, {})

    async with receiving() as listening:
        listening.answer = now_and_then
        monkeypatch.setenv("HOMEWARD_SUBSCRIBERS", json.dumps([{"url": listening.url, "secret": listening.secret}]))
        yield listening


async def told(receiver: Receiver, story: Play) -> None:
    """All that happened was told, in order."""
    timeline = (await story.view()).timeline
    await receiver.until(lambda: len(receiver.of(story.return_id)) >= len(timeline), seconds=300)
    assert receiver.types(story.return_id) == [entry.event for entry in timeline], story.return_id
    assert receiver.numbers(story.return_id) == list(range(1, len(timeline) + 1)), story.return_id


def died(place: Place, story: Play) -> bool:
    """Whether the worker died at the place of this return."""
    return (place.folder / story.return_id).exists()


@pytest.mark.crash
async def test_no_event_is_lost_or_overtaken_wherever_the_worker_dies(place: Place, receiver: Receiver) -> None:
    stories = {
        (step, when): Play(place.stage, make_request())
        for step in (*STEPS, *NOT_ALWAYS)
        for when in ("before", "after")
    }
    plan = {story.return_id: where for where, story in stories.items()}
    (place.folder / "plan.json").write_text(json.dumps(plan))
    async with place.kept_running("-m", "tests.crash.telling_worker", str(place.folder)) as worker:
        await asyncio.gather(*(live(story) for story in stories.values()))
        for story in stories.values():
            await told(receiver, story)
        left = [where for where in PLACES if not (place.folder / where).exists()]
        left += ["-".join(where) for where, story in stories.items() if where[0] in STEPS and not died(place, story)]
        assert not left, "not every place was reached"
        assert worker.deaths == len(PLACES) + sum(died(place, story) for story in stories.values())


@pytest.mark.crash
async def test_stories_are_published_in_order_while_the_worker_dies(
    place: Place, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories_of, "PATIENCE", PATIENCE)
    client, db = place.stage.clock.client, place.stage.db
    stage = Stage(PatientHomeward(client, db), place.stage.clock, db)
    stories = {name: Patient(stage, read_example(EXAMPLES / f"{name}.json")) for name in MORE}
    (place.folder / "plan.json").write_text("{}")
    async with place.kept_running("-m", "tests.crash.telling_worker", str(place.folder)) as worker:
        killer = asyncio.create_task(kill_now_and_then(worker, random.Random(7), db))  # noqa: S311 - the same deaths every time
        await asyncio.gather(*(STORIES[name](play) for name, play in stories.items()))
        killer.cancel()
        for story in stories.values():
            await told(receiver, story)
        assert worker.deaths >= 3
