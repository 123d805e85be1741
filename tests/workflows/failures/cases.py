"""One return with one step that fails for good, to its end; and what is wrong then."""

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import get_args

from tests.workflows.failures.actor import Actor, Late
from tests.workflows.failures.answering import Action
from tests.workflows.failures.shop import Shop, another
from tests.workflows.failures.striking import STRUCK, Strike, When

#: How a step fails for good: refused, given up before anything happened, given up with every answer lost.
FAILURES: tuple[tuple[When, str], ...] = (("before", "Declined"), ("before", "GaveUp"), ("after", "GaveUp"))
ACTIONS: tuple[Action, ...] = get_args(Action)
#: How long one return may take, in seconds: alone, a few. What waits in vain is found within one.
PATIENCE = 300.0
#: More would wait for each other: a story needs a third of a second of this process, and a few seconds in all.
_AT_ONCE = 12
#: So many stories take turns for one kind of step.
_STORIES = 3
#: What an operator took upon themselves with the first letters of the step's name, and what may be open therefore.
_THEIR_WORD: dict[str, tuple[str, ...]] = {
    "release_claims": ("claim:",),
    "void_label": ("label:",),
    "release_hold": ("hold:",),
    "capture_hold": ("hold:",),
    "unreserve": ("reservation:", "stock:"),
    "refund": ("money:",),
    "charge": ("money:",),
}
#: What ``attention`` calls a step, by the first letters of its name. A refused change is told to whoever asked for it.
_KINDS = {
    "open": "open",
    "reopen": "reopen",
    "close": "close",
    "buy_return_label": "label",
    "offer_pickup": "label",
    "book_pickup": "label",
    "create_drop_off_code": "label",
    "void_label": "void_label",
    "carrier_claim": "carrier_claim",
    "claim_money": "claim_money",
    "claim_pieces": "claim_pieces",
    "claim_units": "claim",
    "release_claims": "release",
    "receive": "receive",
    "restock": "restock",
    "reserve": "reserve",
    "unreserve": "unreserve",
    "refund": "refund",
    "charge": "charge",
    "place_hold": "hold",
    "release_hold": "release_hold",
    "capture_hold": "capture",
    "ship": "ship",
    "send_back": "send_back",
    "send_to_supplier": "supplier",
    "tell": "mail",
    "bench/tell": "mail",
    "bench/take_parts": "parts",
    "bench/restock": "restock",
}


@dataclass(frozen=True)
class Case:
    """A step of a story that fails, and what an operator says to it."""

    story: str
    step: str
    when: When
    error: str
    action: Action


async def steps_of(shop: Shop, story: str) -> list[str]:
    """The steps of a story when nothing fails, however late its people look; its books have to be clean.

    Without those of a supplier, who goes on when the return has long closed.
    """
    actor = Late(shop, another(story))
    await actor.carry(story)
    problems = await actor.problems()
    if problems:
        raise AssertionError(f"{story}: {problems}")
    return [step for step in actor.ran if not step.startswith("supplier/")]


def kinds(ran: dict[str, list[str]]) -> dict[str, list[tuple[str, str]]]:
    """Where each kind of step occurs: story and step, a few of the shortest. ``ran`` are the steps of each story."""
    where: dict[str, list[tuple[str, str]]] = {}
    for story, steps in sorted(ran.items(), key=lambda item: len(item[1])):
        for step in steps:
            where.setdefault(step.split("-")[0], []).append((story, step))
    return {kind: places[:_STORIES] for kind, places in where.items()}


async def side_by_side(plays: Iterable[Awaitable[list[str]]]) -> str:
    """Play them, not too many at once; what is wrong with any of them, a line for each."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(play: Awaitable[list[str]]) -> list[str]:
        async with room:
            return await play

    return "\n".join(problem for found in await asyncio.gather(*map(one, plays)) for problem in found)


async def play(shop: Shop, case: Case) -> list[str]:
    """Play it; what is wrong at its end, in words."""
    actor = Actor(shop, another(case.story), Strike(case.step, case.when, case.error), case.action)
    try:
        await asyncio.wait_for(actor.carry(case.story), PATIENCE)
        problems = await actor.problems()
    except Exception as error:  # noqa: BLE001 - told with the others
        problems = [f"{type(error).__name__}: {error}"]
    if not actor.struck:
        problems.append("the step never ran")
    asked = {one.kind for one in actor.answered if one.error == STRUCK}
    if asked != _asked_for(case):
        problems.append(f"an operator was asked for {asked or 'nothing'}")
    return [f"{case}, {actor.answered}: {problem}" for problem in problems if not _excused(case, problem)]


def _asked_for(case: Case) -> set[str]:
    """The step's kind; nobody is asked where it goes on another way, or for a mail that asks somebody."""
    kind = case.step.split("-")[0]
    if kind in ("change", "call_operations") or (kind, case.error) == ("place_hold", "Declined"):
        return set()
    return {_KINDS[kind]}


def _excused(case: Case, problem: str) -> bool:
    """Whether an operator said that they have seen to this, or that it is to stay."""
    if case.action == "retry":
        return False
    return any(case.step.startswith(step) and problem.startswith(what) for step, what in _THEIR_WORD.items())
