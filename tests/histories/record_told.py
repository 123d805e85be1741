"""Returns that are told to a subscriber; ``record`` writes their histories into ``told``."""

import asyncio

from starter.demo.stories import STORIES
from starter.demo.story import Stage, Story, read_example
from tests.histories.recording import EXAMPLES, RELEASE, recording_stage, write_history
from workers.setting_values import Subscriber
from workers.telemetry import configure_logging

FOLDER = RELEASE / "told"
#: The plain one, one with commands side by side, one that changes its mind.
PATHS = {name: STORIES[name] for name in ("refund", "advance_replacement", "way_changed")}
#: Nobody listens there: the outcome of events is no matter of the return's.
_NOBODY = {"url": "http://127.0.0.1:9/", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwMfKQ9r8GKYqrTw"}


async def record() -> None:
    """Play every path and write its history."""
    async with recording_stage(Subscriber.model_validate(_NOBODY)) as stage:
        await asyncio.gather(*(_record(stage, name) for name in PATHS))


async def _record(stage: Stage, name: str) -> None:
    story = Story(stage, read_example(EXAMPLES / f"{name}.json"))
    await PATHS[name](story)
    await write_history(FOLDER / f"{name}.json", story.handle)


if __name__ == "__main__":
    configure_logging("ERROR")
    asyncio.run(record())
