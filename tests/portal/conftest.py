"""A browser for all page tests, and a tab of its own for each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser

from starter.demo.story import Stage
from starter.local.up import Ready
from tests.portal.browsing import DESKTOP, Tab, launched
from tests.portal.desk import Desk, desk_at
from tests.portal.people import signed_in


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium."""
    async with launched() as browser:
        yield browser


@pytest.fixture
async def new_tab(browser: Browser, ready: Ready) -> AsyncIterator[Callable[..., Awaitable[Tab]]]:
    """Open tabs, each with cookies of its own; keywords are Playwright's, such as ``java_script_enabled=False``."""
    contexts = []

    async def make(**options: Any) -> Tab:
        # Still: colours on their way from light to dark would be measured in between.
        context = await browser.new_context(**({"viewport": DESKTOP, "reduced_motion": "reduce"} | options))
        context.set_default_timeout(30_000)  # others may be at work on this machine
        contexts.append(context)
        return Tab(await context.new_page(), ready.api)

    yield make
    for context in contexts:
        await context.close()


@pytest.fixture
async def tab(new_tab: Callable[..., Awaitable[Tab]]) -> Tab:
    """One tab."""
    return await new_tab()


@pytest.fixture
async def new_desk(ready: Ready, stage: Stage) -> AsyncIterator[Callable[..., Awaitable[Desk]]]:
    """Somebody with these roles, signed in, without a browser."""
    desks: list[Desk] = []

    async def make(*roles: str, name: str = "Alex Doe") -> Desk:
        desks.append(desk_at(ready.api))
        await signed_in(desks[-1], stage.db, roles, name=name)
        return desks[-1]

    yield make
    for desk in desks:
        await desk.client.aclose()
