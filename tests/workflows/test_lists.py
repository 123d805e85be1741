"""Returns found by what operators look for; lists are a moment behind."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from client.list_rows import ListFilter
from lifecycle.contract.messages import ReceiptUnits
from starter.demo.story import Stage
from tests.workflows.returns.play import Play


async def until_listed(stage: Stage, wanted: ListFilter, return_id: str, *, there: bool = True) -> None:
    for _ in range(100):
        if there == (return_id in [row.return_id for row in await stage.homeward.list(wanted, limit=1000)]):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{return_id} is {'not ' if there else ''}listed")


async def test_a_return_is_listed_by_its_next_promise_until_it_is_kept(play: Callable[..., Play], stage: Stage) -> None:
    story = play()
    await story.start()
    await story.receipt(ReceiptUnits(line_id="1"))
    target = (await story.view()).deadlines.target
    assert target
    due = ListFilter(due_before=target + timedelta(seconds=1))
    await until_listed(stage, due, story.return_id)
    await until_listed(stage, ListFilter(due_before=target), story.return_id, there=False)
    await story.inspect()
    await story.closed()
    await until_listed(stage, due, story.return_id, there=False)


async def test_a_return_is_listed_while_it_waits_for_an_operator(play: Callable[..., Play], stage: Stage) -> None:
    story = play(line2="fault:refused")
    await story.start(until=None)
    await until_listed(stage, ListFilter(attention=True), story.return_id)
    await story.cancel()
    await until_listed(stage, ListFilter(attention=True), story.return_id, there=False)
