"""The pages by which staff come in, in a browser: on a phone and a desk, in light and dark, and without script."""

from collections.abc import Awaitable, Callable

import pytest

from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.staff_links import link_for
from tests.portal.browsing import Tab
from tests.portal.people import PASSWORD, hire


@pytest.mark.parametrize(
    "script", [pytest.param(True, id="with script", marks=pytest.mark.long), pytest.param(False, id="without")]
)
async def test_somebody_chooses_a_password_signs_out_and_in_again(
    new_tab: Callable[..., Awaitable[Tab]], ready: Ready, stage: Stage, script: bool
) -> None:
    tab = await new_tab(java_script_enabled=script)
    page = tab.page
    colleague = await hire(stage.db, "support", "warehouse", name="Robin Roe")
    link = await stage.db.write(lambda connection: link_for(connection, "", colleague.id).link)
    assert await tab.go(link) == 200
    await _look(tab, "staff-link", script)
    await page.get_by_label("Password", exact=True).fill("short")
    await page.get_by_label("The same password once more").fill("other")
    await tab.press(page.locator("main form button"))
    assert await page.get_by_text("Please choose a longer one").is_visible()
    await _look(tab, "staff-link-refused", script)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("The same password once more").fill(PASSWORD)
    await tab.press(page.locator("main form button"))
    assert await tab.go("/staff") == 200
    assert await page.locator("h1").inner_text() == "Robin Roe"
    await _look(tab, "staff-account", script)
    await tab.press(page.get_by_role("button", name="Sign out"))
    await _look(tab, "staff-sign-in", script)
    await page.get_by_label("Sign-in name").fill(colleague.login)
    await page.get_by_label("Password").fill("not this one")
    await tab.press(page.locator("main form button"))
    assert await page.get_by_role("alert").is_visible()
    await _look(tab, "staff-sign-in-refused", script)
    # The name stands there still, and the field for the password has the focus.
    await page.keyboard.type(PASSWORD)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert await tab.go("/staff") == 200
    assert page.url == f"{ready.api}/staff"


async def _look(tab: Tab, name: str, script: bool) -> None:
    if script:  # axe is one
        await tab.look(name)
