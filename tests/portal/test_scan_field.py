"""The scan field after every answer: empty, with the focus, and the next scan lands clean, for a scanner alone."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from playwright.async_api import Page

from lifecycle.contract.messages import ReceiptUnits
from lifecycle.contract.statuses import Status
from tests.portal.browsing import Tab
from tests.workflows.returns.play import Play

NewTab = Callable[..., Awaitable[Tab]]
Plays = Callable[..., Play]
_ONE = [{"line_id": "1", "quantity": 1, "reason": "unwanted"}]


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
async def page(request: pytest.FixtureRequest, new_tab: NewTab) -> Page:
    """Sam's tablet, signed in: with script, and without."""
    tab = await new_tab(java_script_enabled=request.param)
    await tab.go("/warehouse")
    await tab.page.keyboard.type("Sam")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_url("**/warehouse")
    return tab.page


async def _scan(page: Page, code: str) -> None:
    """What a scanner does: a code into whatever has the focus, and Enter; then the answer is there."""
    async with page.expect_navigation():
        await page.keyboard.type(code)
        await page.keyboard.press("Enter")


async def _is_ready(page: Page) -> None:
    """Nothing of an earlier scan is in the field, and it has the focus."""
    field = page.locator("#code")
    assert await field.count() == 1
    assert await field.input_value() == ""
    await page.locator("#code:focus").wait_for(timeout=2000)


async def _started(play: Plays, **changes: object) -> Play:
    one = play(**({"items": _ONE} | changes))
    await one.start()
    return one


async def test_after_unknown_codes(page: Page, play: Plays) -> None:
    one = await _started(play)
    for code in ("ZZ-UNKNOWN-123", "ZZ-UNKNOWN-456"):
        await _scan(page, code)
        assert f"with the code {code}." in await page.locator("main").inner_text()
        await _is_ready(page)
    await _scan(page, one.return_id)
    assert page.url.endswith(f"/warehouse/returns/{one.return_id}")
    await _is_ready(page)


async def test_after_back_from_a_known_code_and_from_an_unknown_one(page: Page, play: Plays) -> None:
    first, second = await _started(play), await _started(play)
    await _scan(page, "ZZ-UNKNOWN")
    await _scan(page, first.return_id)
    for _ in range(2):  # to the answer to the unknown code, and to the page before it
        await page.go_back()
        await _is_ready(page)
        await _scan(page, second.return_id)
        assert page.url.endswith(f"/warehouse/returns/{second.return_id}")
        await page.go_back()


async def test_after_a_return_that_takes_nothing(page: Page, play: Plays) -> None:
    reviewed = play(lines=[{"line_id": "1", "sku": "TV", "title": "TV", "quantity": 1, "unit_price": 60_000}])
    await reviewed.start(until=Status.IN_REVIEW)
    one = await _started(play)
    await _scan(page, reviewed.return_id)
    assert "This return has to be approved first" in await page.locator("main").inner_text()
    await _is_ready(page)
    await _scan(page, one.return_id)
    assert page.url.endswith(f"/warehouse/returns/{one.return_id}")


async def test_after_an_error_and_where_nothing_is_left_to_grade(page: Page, play: Plays) -> None:
    one = await _started(play)
    home = page.url.removesuffix("/warehouse")
    for path in ("/warehouse/returns/R-nobody-knows", f"/warehouse/returns/{one.return_id}/grade"):
        await page.goto(f"{home}{path}")
        await _is_ready(page)
        await _scan(page, one.return_id)
        assert page.url.endswith(f"/warehouse/returns/{one.return_id}")


async def test_what_was_half_typed_is_no_part_of_the_next_scan(tab: Tab, play: Plays) -> None:
    one, page = await _started(play), tab.page
    await tab.go("/warehouse")
    await _scan(page, "Sam")
    await page.keyboard.type("R-26")
    await page.locator("h2").first.click()
    await _scan(page, one.return_id)
    assert page.url.endswith(f"/warehouse/returns/{one.return_id}")


async def test_a_page_that_the_browser_kept_as_it_was_is_ready_again(tab: Tab, play: Plays) -> None:
    """Some browsers show a page again with all that was typed, without asking anybody."""
    one, page = await _started(play), tab.page
    await tab.go("/warehouse")
    await _scan(page, "Sam")
    await page.keyboard.type("typed before")
    await page.locator("h2").first.click()
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    await _is_ready(page)
    await _scan(page, one.return_id)
    assert page.url.endswith(f"/warehouse/returns/{one.return_id}")


async def test_the_units_of_one_parcel_scanned_one_after_the_other(page: Page, play: Plays) -> None:
    numbers = [f"{uuid4().hex[:12]}-{number}".upper() for number in range(3)]
    line = {"line_id": "1", "sku": "PHONE", "title": "Phone", "quantity": 3, "unit_price": 9000}
    await _started(
        play, lines=[line | {"serial_numbers": numbers}], items=[{"line_id": "1", "quantity": 3, "reason": "unwanted"}]
    )
    for code in (numbers[0], numbers[0], "STRANGER", *numbers[1:]):
        await _scan(page, code)
        await _is_ready(page)
    assert await page.locator("[name=pieces]").input_value() == "3"


async def test_a_scan_on_a_page_without_a_field_presses_nothing(tab: Tab, play: Plays) -> None:
    """A diagnosis is chosen and not recorded yet: the next unit's scan does not record it."""
    line = {"line_id": "1", "sku": "LAMP", "title": "Lamp", "quantity": 1, "unit_price": 9000}
    one = await _started(
        play,
        lines=[line],
        items=[{"line_id": "1", "quantity": 1, "reason": "defective"}],
        resolution="repair",
    )
    await one.receipt(ReceiptUnits(line_id="1"))
    await one.on_bench("1-1")
    page = tab.page
    await tab.go("/warehouse")
    await _scan(page, "Sam")
    await tab.go(f"/warehouse/bench/{one.return_id}/1-1")
    await page.locator("input:focus").wait_for()
    await page.keyboard.press("Space")
    await page.keyboard.type("LAMP-77")
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(500)
    assert await page.locator("input:checked").count() == 1
    assert await page.get_by_text("What did you find?").count() == 1
