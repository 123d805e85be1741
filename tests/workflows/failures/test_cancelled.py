"""Cancelled at every point of every story: where the contract allows it the books are clean, else nothing changes."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from tests.workflows.failures.cancelling import Caller, Moment, deeds_of
from tests.workflows.failures.cases import PATIENCE, kinds, side_by_side
from tests.workflows.failures.paths import PATHS
from tests.workflows.failures.shop import Shop, another
from tests.workflows.failures.striking import Gate, Strike

#: So many of the points around one kind of step, by turns, are enough for a first look.
_EACH = 2


def around(step: str) -> Iterator[Gate | Strike]:
    """While it is under way, its effect to come or made; and when it has failed for good."""
    yield Gate(step, "before")
    yield Gate(step, "after")
    # A change that fails is refused; what fails on the bench is the bench's own.
    if "/" not in step and not step.startswith("change"):
        yield Strike(step, "after", "GaveUp")
        yield Strike(step, "before", "GaveUp")


async def called_off(shop: Shop, story: str, at: Gate | Strike | Moment) -> list[str]:
    """Cancel it there; what is wrong at its end, in words."""
    caller = Caller(shop, another(story), at)
    try:
        await asyncio.wait_for(caller.call_off(story), PATIENCE)
        problems = [*caller.wrong, *await caller.problems()]
    except Exception as error:  # noqa: BLE001 - told with the others
        problems = [repr(error)]
    return [f"{story} {at}, {caller.allowed=}, {caller.answered}: {problem}" for problem in problems]


@pytest.mark.crash
@pytest.mark.parametrize("path", PATHS)
async def test_a_story_may_be_cancelled_at_every_point(shop: Shop, ran: dict[str, list[str]], path: str) -> None:
    points = [at for step in ran[path] for at in around(step)]
    moments = [Moment(number + 1) for number in range(await deeds_of(shop, path))]
    assert await side_by_side(called_off(shop, path, at) for at in [*points, *moments]) == ""


@pytest.mark.crash  # the whole of it is above
async def test_a_return_may_be_cancelled_around_every_kind_of_step(shop: Shop, ran: dict[str, list[str]]) -> None:
    """The stories that have such a step take turns."""
    points: list[tuple[str, Gate | Strike]] = []
    turns = count()
    for places in kinds(ran).values():
        for number in range(_EACH):
            story, step = places[number % len(places)]
            ways = list(around(step))
            points.append((story, ways[next(turns) % len(ways)]))
    assert await side_by_side(called_off(shop, story, at) for story, at in points) == ""


@pytest.mark.crash  # the whole of it is above
async def test_a_return_may_be_cancelled_before_every_deed(shop: Shop) -> None:
    stories = ["advance_replacement", "pickup", "way_changed"]
    points = [(story, Moment(number + 1)) for story in stories for number in range(await deeds_of(shop, story))]
    assert await side_by_side(called_off(shop, story, at) for story, at in points) == ""
