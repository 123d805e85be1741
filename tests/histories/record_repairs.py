"""The paths of a repair by itself, without its return; ``record`` writes their histories into ``repairs``."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from starter.demo.story import Stage
from tests.histories.recording import RELEASE, write_history
from tests.workflows.repairs.play import RepairStory

FOLDER = RELEASE / "repairs"


async def in_warranty(story: RepairStory) -> None:
    """Repaired with parts from stock."""
    await story.stock(2)
    await story.diagnose()
    await story.work(parts=True)
    await story.check(passed=True)


async def accepted(story: RepairStory) -> None:
    """Out of warranty, repaired for its price at the second attempt."""
    await story.diagnose()
    await story.until_mail("repair_estimate")
    await story.answer(accepted=True)
    await story.work()
    await story.check(passed=False)
    await story.work()
    await story.check(passed=True)


async def refused(story: RepairStory) -> None:
    """Out of warranty, not for that price."""
    await story.diagnose()
    await story.answer(accepted=False)


async def silent(story: RepairStory) -> None:
    """The bench is reminded, and the customer, who never answers."""
    await story.pass_time(timedelta(days=6))
    await story.until_mail("repair_waits")
    await story.diagnose()
    await story.until_mail("repair_estimate")
    await story.pass_time(timedelta(days=16))


async def no_fault(story: RepairStory) -> None:
    """Nothing to repair."""
    await story.diagnose("no_fault")


async def beyond_repair(story: RepairStory) -> None:
    """Two rounds, and it still does not work."""
    await story.diagnose(estimate=0)
    for _ in range(2):
        await story.work()
        await story.check(passed=False)


async def parts_missing(story: RepairStory) -> None:
    """Parts that stock does not have, then has."""
    await story.diagnose(estimate=0)
    await story.work(parts=True)
    await story.until_attention("parts")
    await story.stock(2)
    await story.resolve("retry")
    await story.check(passed=True)


PATHS: dict[str, Callable[[RepairStory], Awaitable[None]]] = {
    "in_warranty": in_warranty,
    "accepted": accepted,
    "refused": refused,
    "silent": silent,
    "no_fault": no_fault,
    "beyond_repair": beyond_repair,
    "parts_missing": parts_missing,
}


async def record(stage: Stage) -> None:
    """Play every path and write its history."""
    for name, play in PATHS.items():
        story = RepairStory(stage, in_warranty=name == "in_warranty")
        await story.start()
        await play(story)
        await story.result()
        await write_history(FOLDER / f"{name}.json", story.handle)
