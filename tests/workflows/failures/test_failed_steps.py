"""Every step of every story fails for good, before its effect and after it: no return is lost, all books are clean."""

from itertools import product

import pytest

from starter.demo.stories import STORIES
from tests.workflows.failures.cases import ACTIONS, FAILURES, Case, kinds, play, side_by_side
from tests.workflows.failures.shop import Shop


@pytest.mark.crash
@pytest.mark.parametrize("story", STORIES)
async def test_every_step_of_a_story_may_fail_for_good(shop: Shop, ran: dict[str, list[str]], story: str) -> None:
    ways = product(ran[story], FAILURES, ACTIONS)
    cases = [Case(story, step, when, error, action) for step, (when, error), action in ways]
    assert await side_by_side(play(shop, case) for case in cases) == ""


async def test_every_kind_of_step_may_fail_for_good(shop: Shop, ran: dict[str, list[str]]) -> None:
    """Refused, and with its answers lost; the stories that have such a step take turns."""
    ways = list(product((FAILURES[0], FAILURES[-1]), ACTIONS))
    cases = [
        Case(*places[number % len(places)], when, error, action)
        for places in kinds(ran).values()
        for number, ((when, error), action) in enumerate(ways)
    ]
    assert await side_by_side(play(shop, case) for case in cases) == ""
