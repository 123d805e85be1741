"""Every step of every story fails for good, before its effect and after it: no return is lost, all books are clean."""

import asyncio
from itertools import product

import pytest

from starter.demo.stories import STORIES
from tests.workflows.failures.cases import ACTIONS, FAILURES, Case, play, steps_of
from tests.workflows.failures.shop import Shop

#: Returns that are played side by side.
_AT_ONCE = 16


async def all_wrong(shop: Shop, cases: list[Case]) -> str:
    """Play them side by side; what is wrong with any of them, a line for each."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(case: Case) -> list[str]:
        async with room:
            return await play(shop, case)

    return "\n".join(problem for found in await asyncio.gather(*map(one, cases)) for problem in found)


@pytest.mark.crash
@pytest.mark.parametrize("story", STORIES)
async def test_every_step_of_a_story_may_fail_for_good(shop: Shop, story: str) -> None:
    steps = await steps_of(shop, story)
    cases = [Case(story, step, when, error, action) for step in steps for when, error in FAILURES for action in ACTIONS]
    assert await all_wrong(shop, cases) == ""


async def test_every_kind_of_step_may_fail_for_good(shop: Shop) -> None:
    """Each kind with each answer, refused and with its answers lost; stories that have it take turns."""
    ran = dict(zip(STORIES, await asyncio.gather(*(steps_of(shop, story) for story in STORIES)), strict=True))
    where: dict[str, list[tuple[str, str]]] = {}
    for story, steps in ran.items():
        for step in steps:
            where.setdefault(step.split("-")[0], []).append((story, step))
    ways = list(product((FAILURES[0], FAILURES[-1]), ACTIONS))
    cases = [
        Case(*places[number % len(places)], when, error, action)
        for places in where.values()
        for number, ((when, error), action) in enumerate(ways)
    ]
    assert await all_wrong(shop, cases) == ""
