"""One return with one step that fails for good, to its end; and what is wrong then."""

import asyncio
from dataclasses import dataclass
from typing import get_args

from tests.workflows.failures.actor import Action, Actor, InVain, NoEnd
from tests.workflows.failures.shop import Shop, another
from tests.workflows.failures.striking import Strike, When

#: How a step fails for good: refused, given up before anything happened, given up with every answer lost.
FAILURES: tuple[tuple[When, str], ...] = (("before", "Declined"), ("before", "GaveUp"), ("after", "GaveUp"))
ACTIONS: tuple[Action, ...] = get_args(Action)
#: How long one return may take, in seconds.
PATIENCE = 45.0
#: What a person took upon themselves with the first letters of the step's name, and what may be open therefore.
_THEIR_WORD: dict[str, tuple[str, ...]] = {
    "release_claims": ("claim:",),
    "void_label": ("label:",),
    "release_hold": ("hold:",),
    "capture_hold": ("hold:",),
    "unreserve": ("reservation:", "stock:"),
    "refund": ("money:",),
    "charge": ("money:",),
}


@dataclass(frozen=True)
class Case:
    """A step of a story that fails, and what a person says to it."""

    story: str
    step: str
    when: When
    error: str
    action: Action


async def steps_of(shop: Shop, story: str) -> list[str]:
    """The steps of a story when nothing fails; its books have to be clean."""
    actor = Actor(shop, another(story))
    await actor.carry(story)
    problems = await actor.problems()
    if problems:
        raise AssertionError(f"{story}: {problems}")
    return list(actor.ran)


async def play(shop: Shop, case: Case) -> list[str]:
    """Play it; what is wrong at its end, in words."""
    actor = Actor(shop, another(case.story), Strike(case.step, case.when, case.error), case.action)
    try:
        await asyncio.wait_for(actor.carry(case.story), PATIENCE)
        problems = await actor.problems()
    except (NoEnd, InVain, TimeoutError) as error:
        problems = [f"{type(error).__name__}: {error}"]
    if not actor.strike or not actor.strike.times:
        problems.append("the step never ran")
    return [f"{case}, {actor.answered}: {problem}" for problem in problems if not _excused(case, problem)]


def _excused(case: Case, problem: str) -> bool:
    """Whether a person said that they have seen to this, or that it is to stay."""
    if case.action == "retry":
        return False
    return any(case.step.startswith(step) and problem.startswith(what) for step, what in _THEIR_WORD.items())
