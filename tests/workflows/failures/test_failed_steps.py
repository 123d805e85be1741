"""Every step of every story fails for good, before its effect and after it: no return is lost, all books are clean."""

from itertools import cycle, product

import pytest

from gateways.database.stock import inventory
from tests.workflows.failures.answering import Action
from tests.workflows.failures.cases import ACTIONS, FAILURES, Case, kinds, play, side_by_side
from tests.workflows.failures.paths import PATHS
from tests.workflows.failures.shop import Shop
from tests.workflows.failures.striking import When

#: How kinds of steps are played by turns, so many of them for each kind: enough for a first look.
_EACH = 2
_WAYS: tuple[tuple[When, str, Action], ...] = (
    ("before", "Declined", "mark_done"),
    ("before", "Declined", "skip"),
    ("before", "GaveUp", "retry"),
    ("after", "GaveUp", "mark_done"),
    ("after", "GaveUp", "skip"),
)


@pytest.mark.crash
@pytest.mark.parametrize("path", PATHS)
async def test_every_step_of_a_story_may_fail_for_good(shop: Shop, ran: dict[str, list[str]], path: str) -> None:
    ways = product(ran[path], FAILURES, ACTIONS)
    cases = [Case(path, step, when, error, action) for step, (when, error), action in ways]
    assert await side_by_side(play(shop, case) for case in cases) == ""


@pytest.mark.crash
async def test_every_kind_of_step_may_fail_for_good(shop: Shop, ran: dict[str, list[str]]) -> None:
    """Refused, and with its answers lost; the stories that have such a step take turns."""
    places = [some[number % len(some)] for some in kinds(ran).values() for number in range(_EACH)]
    cases = [Case(*place, when, error, action) for place, (when, error, action) in zip(places, cycle(_WAYS))]
    assert await side_by_side(play(shop, case) for case in cases) == ""
    assert await inventory.check(shop.stage.db) == []
