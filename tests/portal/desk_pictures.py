"""Takes the pictures of docs/desk.md from a running shop: ``python -m tests.portal.desk_pictures docs/pictures``."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.async_api import Browser

from benchmarks.desk import record
from client.list_rows import ListFilter
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, running
from tests.portal.browsing import DESKTOP, PHONE, launched
from tests.portal.people import PASSWORD, hire
from tests.workflows.returns.play import Play, make_request
from workers.settings import Settings

_ROOT: Final = Path(__file__).resolve().parents[2]
_NAMES: Final = (
    "Zoë Müller",
    "Jane Johnson",
    "Miguel Santos",
    "Priya Patel",
    "Ingrid Hansen",
    "Noah Smith",
    "Aisha Khan",
)
_GOODS: Final = (
    ("TRAIL-SHOE-42", "Trail shoe", 6800),
    ("RAIN-JACKET-M", "Rain jacket", 12900),
    ("CLOCK", "Clock", 90000),
)
_NOTES: Final = ("The sole came off on the second day.", "Bigger than my usual size.", "It stops at noon.")
_Then = Callable[[Play], Coroutine[Any, Any, None]]


async def _here(story: Play) -> None:
    await story.hand_in()


async def _delivered(story: Play) -> None:
    await story.start()
    await story.scan(TrackingStatus.DELIVERED)


async def _paid(story: Play) -> None:
    await story.hand_in()
    await story.inspect(Grade.A)


async def _stuck(story: Play) -> None:
    await _paid(story)
    await story.attention("refund")


async def _sent(story: Play) -> None:
    await story.start()


#: What becomes of each, and whether its card refuses the refund.
_STORIES: Final[tuple[tuple[_Then, str | None], ...]] = (
    *((_sent, None), (_here, None), (_paid, None), (_delivered, None), (_here, None), (_sent, None), (_paid, None)),
    *((_stuck, "fault:refused"), (_here, None), (_paid, None), (_delivered, None), (_stuck, "fault:refused")),
)


async def _play(stage: Stage) -> str:
    """A few returns of each kind; gives one that needs staff."""
    stuck = ""
    for number, (then, fault) in enumerate(_STORIES):
        story = _story(stage, number, 1 if number % 3 else 0, fault)
        await then(story)
        stuck = story.return_id if fault else stuck
    for number in range(4):
        await _story(stage, number, 2, None).start(until=Status.IN_REVIEW)
    for _ in range(100):  # Temporal's list is a moment behind
        if len(await stage.homeward.list(ListFilter(statuses=(Status.IN_REVIEW,)))) == 4:
            break
        await asyncio.sleep(0.1)
    return stuck


def _story(stage: Stage, number: int, goods: int, fault: str | None) -> Play:
    sku, title, price = _GOODS[goods]
    line = {"line_id": "1", "sku": sku, "title": title, "quantity": 1, "unit_price": price}
    item = {"line_id": "1", "quantity": 1, "reason": "defective", "note": _NOTES[goods]}
    tender = f"pi_picture_{number} {fault}" if fault else None
    name = _NAMES[number % len(_NAMES)]
    return Play(stage, make_request(lines=[line], items=[item], name=name, tender=tender))


async def _take(browser: Browser, api: str, login: str, paths: dict[str, str], folder: Path) -> None:
    looks: tuple[tuple[Any, Any], ...] = ((PHONE, "light"), (DESKTOP, "light"), (DESKTOP, "dark"))
    for size, scheme in looks:
        context = await browser.new_context(viewport=size, color_scheme=scheme, base_url=api)
        page = await context.new_page()
        await page.goto("/staff/sign-in")
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", PASSWORD)
        await page.click("main form button")
        for name, path in paths.items():
            await page.goto(path)
            file = folder / f"desk-{name}-{size['width']}-{scheme}.png"
            await page.screenshot(path=file)
        await context.close()


async def main(folder: Path) -> None:
    """Run a shop, play, and take them."""
    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as ending:
        data = Path(ending.enter_context(TemporaryDirectory()))
        policy = _ROOT / "examples" / "policy.toml"
        settings = Settings(data_dir=data, database_url=None, policy=policy, smtp_url=None, give_up_after_seconds=3)
        ready = await ending.enter_async_context(running(settings, Place(data, temporal_port=0, ui_port=0, api_port=0)))
        stage = await ending.enter_async_context(stage_at(ready))
        stuck = await _play(stage)
        manager = await hire(stage.db, "manager", name="Robin Lee")
        browser = await ending.enter_async_context(launched())
        paths = {"today": "/desk", "found": "/desk/returns?q=jonhson", "return": f"/desk/returns/{stuck}"}
        await _take(browser, ready.api, manager.login, paths, folder)
        await record(stage.db, 4000)
        await _take(browser, ready.api, manager.login, {"figures": "/desk/figures?period=quarter"}, folder)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
