"""SIGKILL before and after every step of a repair: parts are taken once, mails written once."""

import asyncio
import json
from datetime import timedelta

import pytest

from client.names import repair_id
from client.repairs import Repairs
from tests.crash.conftest import Place, patiently
from tests.workflows.repairs.play import UNIT, RepairStory

PLACES = [(step, when) for step in ("tell-repair_estimate", "take_parts") for when in ("before", "after")]


async def live(story: RepairStory) -> None:
    """A repair out of warranty, driven by callers who do not see the worker die."""
    await patiently(lambda: story.start(task_timeout=timedelta(seconds=2)))
    await story.stock(2)
    await patiently(lambda: story.diagnose(name="diagnosis"))
    await story.until_mail("repair_estimate")
    await patiently(lambda: story.answer(accepted=True))
    await patiently(lambda: story.work(parts=True, name="work"))
    await patiently(lambda: story.check(passed=True, name="check"))
    await story.handle.result()


@pytest.mark.crash
async def test_killed_before_and_after_every_step_of_a_repair(place: Place) -> None:
    stories = {where: RepairStory(place.stage) for where in PLACES}
    for story in stories.values():
        story.repairs = Repairs(place.stage.clock.client, timedelta(seconds=90))
    plan = {repair_id(story.return_id, UNIT): where for where, story in stories.items()}
    (place.folder / "plan.json").write_text(json.dumps(plan))
    async with place.kept_running("-m", "tests.crash.self_killing_worker", str(place.folder)) as worker:
        await asyncio.gather(*(live(story) for story in stories.values()))
        assert worker.deaths == len(PLACES), "not every place was reached"

    for where, story in stories.items():
        assert (await story.handle.result())["outcome"] == "repaired", where
        assert await story.steps() == [f"repair-{UNIT}/take_parts", f"repair-{UNIT}/tell-repair_estimate"], where
        assert await story.mails() == ["repair_estimate"], where
        assert await story.on_hand() == 0, where
