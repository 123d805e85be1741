"""Several returns of one order; ``record`` writes the history of one of each into ``orders``."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from lifecycle.contract.request import parse_request
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage, Story
from starter.shared.example_dates import delivered
from tests.histories.recording import EXAMPLES, RELEASE, recording_stage, write_history
from workers.telemetry import configure_logging

FOLDER = RELEASE / "orders"

Part = Callable[..., Story]


async def what_is_left(part: Part) -> Story:
    """It waits for the books: another return held what it would give, and did not need it in the end."""
    first, second = part(1, refunded=9057), part(1, refunded=9057)
    await first.start()
    await second.start()
    await first.receive()
    await first.verdicts({"1-1": None})
    await first.closed()
    await _home(second)
    return second


async def by_hand(part: Part) -> Story:
    """More than it held, by an operator."""
    story = part(1)
    await story.start()
    await story.override("amount", 9000)
    await _home(story)
    return story


async def told_that_it_may_be_last(part: Part) -> Story:
    """Another return of the order is the last to open and the first to be settled."""
    first, second = part(2, reason="defective"), part(1)
    await first.start()
    await second.start()
    await _home(second)
    await _home(first)
    return first


async def last_to_open(part: Part) -> Story:
    """It tells the other return, and gives the shipping back when that one is settled before."""
    first, second = part(2, reason="defective"), part(1)
    await first.start()
    await second.start()
    await _home(first)
    await _home(second)
    return second


PATHS: dict[str, Callable[[Part], Awaitable[Story]]] = {
    path.__name__: path for path in (what_is_left, by_hand, told_that_it_may_be_last, last_to_open)
}


async def _home(story: Story) -> None:
    await story.receive()
    await story.inspect()
    await story.closed()


async def record(stage: Stage) -> None:
    """Play every path and write its history."""
    await asyncio.gather(*(_record(stage, name) for name in PATHS))


async def _record(stage: Stage, name: str) -> None:
    numbers = iter(range(1, 9))
    example = json.loads(await asyncio.to_thread((EXAMPLES / "refund.json").read_text))

    def part(quantity: int, *, reason: str = "unwanted", refunded: int = 0) -> Story:
        raw: dict[str, Any] = json.loads(json.dumps(example))
        raw["return_id"] = f"R-{name}-{next(numbers)}"
        raw["order"]["order_id"], raw["order"]["tenders"][0]["reference"] = f"SO-{name}", f"pi-{name}"
        raw["order"]["tenders"][0]["refunded"] = refunded
        raw["order"]["customer"]["customer_id"] = f"C-{name}"
        raw["items"] = [{"line_id": "1", "quantity": quantity, "reason": reason}]
        now = datetime.now(UTC)
        return Story(stage, parse_request(delivered(raw, 4, now), now=now, forbid_unknown=True))

    story = await PATHS[name](part)
    assert (await story.view()).status is Status.REFUNDED
    await write_history(FOLDER / f"{name}.json", story.handle)


async def _alone() -> None:
    async with recording_stage() as stage:
        await record(stage)


if __name__ == "__main__":
    configure_logging("ERROR")
    asyncio.run(_alone())
