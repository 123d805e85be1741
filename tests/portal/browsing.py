"""A real browser, and what every page is looked at for."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, ViewportSize, async_playwright

_FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: Final = ViewportSize(width=390, height=844)
DESKTOP: Final = ViewportSize(width=1280, height=900)
#: A folder for pictures of every page, to be looked at by an operator; none are taken without.
_PICTURES: Final = os.environ.get("SCREENSHOTS")
_AXE: Final = Axe()
#: Seconds for one look.
_PATIENCE: Final = 30


def chromium() -> str:
    """Where Chromium is; without it page tests fail in CI, and are skipped elsewhere."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        return found
    missing = "page tests need Chromium: install the package `chromium`"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """One headless browser."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        await browser.close()


class Tab:
    """One visitor with cookies of their own. Everything a page complains of, or loads from elsewhere, is kept."""

    def __init__(self, page: Page, home: str) -> None:
        self.page = page
        self.home = home
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        # A page that says 4xx is told so by Chromium too; tests ask for those themselves.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(self.home):
            self.complaints.append(f"third party: {request.url}")

    async def go(self, path: str) -> int:
        """Open a page of the portal; gives the status."""
        answer = await self.page.goto(f"{self.home}{path}")
        return answer.status if answer else 0

    async def press(self, place: Locator) -> None:
        """Click something that leads to another page, and wait until that is there."""
        async with self.page.expect_navigation():
            await place.click()

    async def look(self, name: str) -> None:
        """Look at the page as it is: fits a phone, nothing serious for axe in light and dark, no complaint.

        Takes a picture of both widths.
        """
        async with asyncio.timeout(_PATIENCE):  # a script in a page has none of its own
            await self._look(name)

    async def _look(self, name: str) -> None:
        await self.page.wait_for_load_state()
        before = self.page.viewport_size or DESKTOP
        for size, device in ((PHONE, "phone"), (DESKTOP, "desktop")):
            await self.page.set_viewport_size(size)
            wide = await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, f"{name} is {wide} pixels too wide for a {device}"
            await self._picture(f"{name}-{device}")
        await self.page.set_viewport_size(before)
        assert _barriers((await _AXE.run(self.page)).response) == []
        await self.page.emulate_media(color_scheme="dark")
        assert _barriers(await self.page.evaluate("axe.run({runOnly: ['color-contrast']})")) == []
        await self.page.emulate_media(color_scheme="light")
        assert self.complaints == []

    async def _picture(self, name: str) -> None:
        if _PICTURES:
            Path(_PICTURES).mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=Path(_PICTURES) / f"{name}.png", full_page=True)


def _barriers(found: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (violation["id"], [node["html"] for node in violation["nodes"]])
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
