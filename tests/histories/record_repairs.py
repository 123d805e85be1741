"""Records one history of each path of a repair into ``repairs``: ``python -m tests.histories.record_repairs``.

As ``record`` does for returns; the repairs run by themselves, without their return.
"""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from gateways.database.engine import Database
from starter.client import Homeward
from starter.demo.story import Stage
from starter.local import Place, up
from tests.histories.record import _anonymous
from tests.workflows.repairs import Mending
from workers.converter import CONVERTER
from workers.settings import Settings
from workers.telemetry import configure_logging

FOLDER = Path(__file__).parent / "repairs"


async def in_warranty(story: Mending) -> None:
    """Repaired with parts from stock."""
    await story.stock(2)
    await story.diagnose()
    await story.work(parts=True)
    await story.check(passed=True)


async def accepted(story: Mending) -> None:
    """Out of warranty, repaired for its price at the second attempt."""
    await story.diagnose()
    await story.until_mail("repair_estimate")
    await story.answer(accepted=True)
    await story.work()
    await story.check(passed=False)
    await story.work()
    await story.check(passed=True)


async def refused(story: Mending) -> None:
    """Out of warranty, not for that price."""
    await story.diagnose()
    await story.answer(accepted=False)


async def silent(story: Mending) -> None:
    """The bench is reminded, and the customer, who never answers."""
    await story.pass_time(timedelta(days=6))
    await story.until_mail("repair_waits")
    await story.diagnose()
    await story.until_mail("repair_estimate")
    await story.pass_time(timedelta(days=16))


async def no_fault(story: Mending) -> None:
    """Nothing to repair."""
    await story.diagnose("no_fault")


async def beyond_repair(story: Mending) -> None:
    """Two rounds, and it still does not work."""
    await story.diagnose(estimate=0)
    for _ in range(2):
        await story.work()
        await story.check(passed=False)


async def parts_missing(story: Mending) -> None:
    """Parts that stock does not have, then has."""
    await story.diagnose(estimate=0)
    await story.work(parts=True)
    await story.until_attention("parts")
    await story.stock(2)
    await story.resolve("retry")
    await story.check(passed=True)


PATHS: dict[str, Callable[[Mending], Awaitable[None]]] = {
    "in_warranty": in_warranty,
    "accepted": accepted,
    "refused": refused,
    "silent": silent,
    "no_fault": no_fault,
    "beyond_repair": beyond_repair,
    "parts_missing": parts_missing,
}


async def record() -> None:
    """Play every path and write its history."""
    stop, announced = asyncio.Event(), asyncio.get_running_loop().create_future()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Place(Path(folder), temporal_port=0, ui_port=0)
        settings = Settings(data_dir=place.data_dir, workflow_sandbox=True)
        running = asyncio.create_task(up(settings, place, stop, announced.set_result))
        ready = await announced
        client = await Client.connect(ready.temporal, data_converter=CONVERTER)
        clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        database = Database(ready.database)
        stage = Stage(Homeward(clock.client, database), clock, database)
        for name, play in PATHS.items():
            await _record(Mending(stage, in_warranty=name == "in_warranty"), name, play)
        await database.dispose()
        stop.set()
        await running


async def _record(story: Mending, name: str, play: Callable[[Mending], Awaitable[None]]) -> None:
    await story.start()
    await play(story)
    await story.result()
    history = json.loads((await story.handle.fetch_history()).to_json())
    text = json.dumps(_anonymous(history), indent=1, sort_keys=True)
    await asyncio.to_thread((FOLDER / f"{name}.json").write_text, text + "\n")


if __name__ == "__main__":
    configure_logging("ERROR")
    asyncio.run(record())
