"""From the order to the label: six clicks, by keyboard, without script, on a phone."""

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import Locator

from gateways.database.messages.outbox import latest_mails
from starter.demo.story import Stage
from tests.portal.browsing import PHONE, Tab
from tests.portal.visits import keep_order, mail_to, sign_in

NewTab = Callable[..., Awaitable[Tab]]


class Clicks:
    """Clicks and counts."""

    def __init__(self) -> None:
        self.count = 0

    async def on(self, place: Locator) -> None:
        await place.click()
        self.count += 1

    async def press(self, tab: Tab, place: Locator) -> None:
        """Go on to another page."""
        await tab.press(place)
        self.count += 1

    async def choose(self, place: Locator, value: str) -> None:
        """Open the list, and click one of its lines."""
        await place.select_option(value)
        self.count += 2


async def test_a_customer_finds_the_order_and_has_a_label_six_clicks_later(tab: Tab, stage: Stage) -> None:
    order = await keep_order(stage, email="six.clicks@example.com")
    page, clicks = tab.page, Clicks()
    await tab.go("/")
    await tab.look("find")
    await page.get_by_label("Order number").fill(order.order_id)
    await page.get_by_label("Mail address").fill("Six.Clicks@example.com")
    await tab.press(page.get_by_role("button", name="Send me the link"))
    await tab.look("link-sent")
    mail = await mail_to(stage, "six.clicks@example.com")
    await page.goto(re.findall(r"http\S+", mail["text"])[0])
    await tab.look("sign-in")
    await tab.press(page.get_by_role("button", name="Go to my order"))
    await tab.look("order")
    await clicks.on(page.get_by_label("Trail shoe"))
    await clicks.choose(page.get_by_label("Why?"), "size_too_small")
    await tab.look("order-chosen")
    await clicks.press(tab, page.get_by_role("button", name="Continue"))
    await tab.look("offer")
    assert await page.get_by_label("My money back").is_checked()
    assert await page.locator(".choice", has_text="My money back").locator(".amount").inner_text() == "$40.00"
    await clicks.press(tab, page.get_by_role("button", name="Start my return"))
    await tab.look("label")
    label = page.get_by_role("link", name="Print the label")
    address = await label.get_attribute("href")
    clicks.count += 1
    file = await page.request.get(f"{tab.home}{address}")
    assert (file.headers["content-type"], (await file.body())[:5]) == ("application/pdf", b"%PDF-")
    assert clicks.count == 6
    mails = [mail["template"] for mail in await latest_mails(stage.db, "six.clicks@example.com", 5)]
    assert mails == ["sign_in", "label_sent"]


async def test_the_keyboard_is_enough(tab: Tab, stage: Stage) -> None:
    order = await keep_order(stage)
    await sign_in(tab, stage, order.order_id)
    keys, page = tab.page.keyboard, tab.page
    await _tab_to(tab, "#item-0")
    await keys.press("Space")
    await _tab_to(tab, "#reason-0")
    await keys.type("Too small")
    await _tab_to(tab, "main form button")
    await keys.press("Enter")
    await page.wait_for_selector("text=How shall we make it right?")
    await _tab_to(tab, "[name=method]:checked")
    await keys.press("ArrowDown")
    await keys.press("ArrowDown")
    await _tab_to(tab, "main form button")
    await keys.press("Enter")
    await page.wait_for_selector("h1 >> text=Your code is ready")


async def _tab_to(tab: Tab, selector: str) -> None:
    """Press the tabulator until the focus is there."""
    for _ in range(30):
        await tab.page.keyboard.press("Tab")
        if await tab.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


async def test_without_script_on_a_phone_everything_works(new_tab: NewTab, stage: Stage) -> None:
    tab = await new_tab(java_script_enabled=False, viewport=PHONE, has_touch=True)
    order = await keep_order(stage)
    await sign_in(tab, stage, order.order_id)
    page = tab.page
    await page.get_by_label("Trail shoe").tap()
    await page.get_by_label("How many?").fill("2")
    await page.get_by_label("Why?").select_option("unwanted")
    await page.get_by_role("button", name="Continue").tap()
    await page.get_by_text("Add a note").tap()
    await page.get_by_label("Anything we should know?").fill("<b>never worn</b>")
    await page.get_by_label("Picked up at my door").tap()
    await page.get_by_role("button", name="Start my return").tap()
    await page.get_by_role("button", name=re.compile("10:00")).first.tap()
    await page.wait_for_selector("h1 >> text=Your pickup is booked")
    await page.get_by_role("link", name="Change it").tap()
    await page.get_by_label("At a drop-off point").tap()
    await page.get_by_role("button", name="Save the change").tap()
    await page.wait_for_selector("h1 >> text=Your code is ready")
    await page.get_by_role("link", name="Cancel this return").tap()
    await page.get_by_role("button", name="Yes, cancel it").tap()
    await page.wait_for_selector("h1 >> text=This return is cancelled")
    await page.get_by_role("button", name="Sign out").tap()
    await page.wait_for_selector("#order")
    assert await tab.go(f"/orders/{order.order_id}") == 401
