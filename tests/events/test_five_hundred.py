"""Five hundred returns are told to a receiver that fails a third of the calls: nothing is missed, all in order."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateways.database.messages import events
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Summary
from lifecycle.returns.views.events import EventBatch, EventEntry
from starter.demo.story import Stage
from tests.events.receiver import Answer, Receiver
from tests.workflows.returns.play import Play

RETURNS = 500
#: So many of them are carried out by workflows in `make test`: what the others tell is written as their steps would.
REAL = 25
#: What a return that is declined has to tell: the shortest there is.
TOLD = ("requested", "declined", "closed")
FAILURES: list[Answer] = [(500, {}), (503, {"Retry-After": "0"}), (404, {}), (302, {"Location": "/"})]


def fails_a_third(seed: int) -> Callable[[dict[str, Any]], Answer]:
    """Of all calls, by chance, the same on every run."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return lambda _: chance.choice(FAILURES) if chance.random() < 1 / 3 else (204, {})


async def carried_out(stage: Stage, play: Callable[..., Play], count: int) -> list[str]:
    """So many returns of things that may not come back, each to its end; their ids."""
    line = {"line_id": "1", "sku": "SALE", "title": "Last pair", "quantity": 1, "unit_price": 4000, "final_sale": True}
    stories = [play(lines=[line]) for _ in range(count)]
    turns = asyncio.Semaphore(20)

    async def one(story: Play) -> None:
        async with turns:
            await stage.homeward.start(story.request)
            await story.closed()

    await asyncio.gather(*(one(story) for story in stories))
    return [story.return_id for story in stories]


async def written(stage: Stage, return_id: str) -> str:
    """What its steps would have written, in two of them."""
    summary = Summary(
        return_id=return_id,
        order_id=f"SO-{return_id}",
        status=Status.DECLINED,
        amount=0,
        currency="USD",
        resolve_by=None,
        escalated=False,
        attention=None,
    )
    now = datetime.now(UTC)
    happened = [EventEntry(number=n, at=now, event=event, by="engine") for n, event in enumerate(TOLD, start=1)]
    for some in (happened[:1], happened):
        news = EventBatch(happened=some, summary=summary)
        await stage.db.write(lambda connection, news=news: events.write(connection, news, now))  # type: ignore[misc]
    return return_id


async def everything_came(receiver: Receiver, return_ids: list[str], seconds: float) -> None:
    """All of it, in order for each return, though a third of the calls failed."""
    wanted = {f"{return_id}:{number}" for return_id in return_ids for number in (1, 2, 3)}
    await receiver.until(lambda: wanted <= {event["id"] for event in receiver.taken}, seconds)
    mine = set(return_ids)
    first: dict[str, list[str]] = {return_id: [] for return_id in return_ids}
    seen: set[str] = set()
    for event in receiver.taken:
        if event["subject"] in mine and event["id"] not in seen:
            seen.add(event["id"])
            first[event["subject"]].append(event["type"].removeprefix("homeward.return."))
    assert first == {return_id: list(TOLD) for return_id in return_ids}
    calls = sum(event["subject"] in mine for event in receiver.calls)
    assert 0.28 < 1 - len(seen) / calls < 0.39


async def tell(stage: Stage, play: Callable[..., Play], receiver: Receiver, real: int) -> None:
    """So many real returns, the rest of the five hundred written beside them."""
    receiver.answer = fails_a_third(seed=5)
    try:
        beside = asyncio.gather(*(written(stage, f"W{real}-{number}") for number in range(RETURNS - real)))
        carried, others = await asyncio.gather(carried_out(stage, play, real), beside)
        await everything_came(receiver, [*carried, *others], seconds=120)
    finally:
        receiver.answer = lambda _: (204, {})


@pytest.mark.long
async def test_five_hundred_returns_are_published_some_of_them_carried_out(
    stage: Stage, play: Callable[..., Play], receiver: Receiver
) -> None:
    await tell(stage, play, receiver, REAL)


@pytest.mark.long
async def test_five_hundred_returns_are_carried_out_and_published(
    stage: Stage, play: Callable[..., Play], receiver: Receiver
) -> None:
    await tell(stage, play, receiver, RETURNS)
