"""Takes the README's picture of the shop of `homeward up --demo`: ``python -m tests.portal.demo_picture FOLDER FILE``.

FOLDER is where that shop is, or will be played.
"""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser

from starter.demo.story import stage_at
from starter.demo.weeks.build import POLICY, build, is_built
from starter.local.up import Place, running
from tests.portal.browsing import launched
from tests.portal.people import PASSWORD, hire
from workers.settings import Settings

_SIZE: Final = {"width": 1280, "height": 800}
_BESIDE: Final = {
    "today": "/desk",
    "returns": "/desk/returns",
    "late": "/desk/returns?late=1",
    "people": "/desk/people",
    "questions": "/desk/questions",
    "bench": "/warehouse/bench",
    "temporal": "namespaces/default/workflows",
}


async def main(folder: Path, file: Path) -> None:
    """Run it, sign in as a manager, and take the first page of the desk; others beside it where SCREENSHOTS says."""
    if not is_built(folder):
        await build(folder)
    async with AsyncExitStack() as ending:
        settings = Settings(data_dir=folder, database_url=None, policy=POLICY, smtp_url=None)
        place = Place(folder, temporal_port=0, ui_port=0, api_port=0)
        ready = await ending.enter_async_context(running(settings, place))
        stage = await ending.enter_async_context(stage_at(ready))
        manager = await hire(stage.db, "manager", name="Robin Lee")
        browser = await ending.enter_async_context(launched())
        await asyncio.sleep(5)  # what is due rings first
        await _take(browser, ready.api, str(ready.ui), manager.login, file)


async def _take(browser: Browser, api: str, ui: str, login: str, file: Path) -> None:
    size: Any = _SIZE
    context = await browser.new_context(viewport=size, base_url=api)
    page = await context.new_page()
    await page.goto("/staff/sign-in")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", PASSWORD)
    await page.click("main form button")
    await page.goto("/desk")
    await page.screenshot(path=file)
    for name, path in _BESIDE.items() if os.environ.get("SCREENSHOTS") else ():
        await page.goto(path if path.startswith("/") else f"{ui}/{path}")
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"demo-{name}.png", full_page=path[0] == "/")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
