"""The whole of it in two browsers: a customer from the order to the money, the warehouse on the other side."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from playwright.async_api import ViewportSize

from gateways.database.stock.inventory import balances
from gateways.sandbox.carrier import SandboxCarrier
from lifecycle.contract.messages import TrackingStatus
from starter.demo.story import Stage
from tests.portal.browsing import PHONE, Tab
from tests.portal.visits import keep_order, mail_to

NewTab = Callable[..., Awaitable[Tab]]
_TABLET = ViewportSize(width=1024, height=768)
_ADDRESS = "whole.journey@example.com"


async def test_from_the_order_to_the_money(new_tab: NewTab, stage: Stage) -> None:
    order = await keep_order(stage, email=_ADDRESS)
    customer = await new_tab(viewport=PHONE, has_touch=True)
    await _finds_the_order(customer, stage, order.order_id)
    await _starts_a_return(customer)
    return_id = customer.page.url.rpartition("/")[2]
    code = (await stage.homeward.view(return_id)).handover.tracking_code or ""

    event = await SandboxCarrier(stage.db).scan(code, TrackingStatus.ACCEPTED, datetime.now(UTC))
    await stage.homeward.tracking_event(return_id, event)
    await _sees(customer, "Your parcel is on its way to us")

    warehouse = await new_tab(viewport=_TABLET)
    await _receives_and_grades(warehouse, code)

    await _sees(customer, "Your money is on its way to you")
    assert "$40.00" in await customer.page.locator(".facts").inner_text()
    await customer.look("journey-refunded")
    view = await stage.homeward.view(return_id)
    assert [(paid.amount, paid.state) for paid in view.settlement.paid] == [(4000, "succeeded")]
    sku = order.lines[0].sku
    on_hand = {row["grade"]: row["on_hand"] for row in await balances(stage.db, sku)}
    assert on_hand == {"": 0, "A": 1}  # received ungraded, then graded onto its shelf


async def _finds_the_order(customer: Tab, stage: Stage, order_id: str) -> None:
    page = customer.page
    await customer.go("/")
    await page.get_by_label("Order number").fill(order_id)
    await page.get_by_label("Mail address").fill(_ADDRESS)
    await page.get_by_role("button", name="Send me the link").tap()
    await page.wait_for_selector("text=Look into your mail")
    mail = await mail_to(stage, _ADDRESS)
    await page.goto(re.findall(r"http\S+", mail["text"])[0])
    await page.get_by_role("button", name="Go to my order").tap()


async def _starts_a_return(customer: Tab) -> None:
    page = customer.page
    await page.get_by_label("Trail shoe").tap()
    await page.get_by_label("Why?").select_option("size_too_small")
    await page.get_by_role("button", name="Continue").tap()
    await page.get_by_role("button", name="Start my return").tap()
    await page.wait_for_selector("h1 >> text=Your label is ready")


async def _receives_and_grades(warehouse: Tab, code: str) -> None:
    page = warehouse.page
    await warehouse.go("/warehouse")
    await page.keyboard.type("Sam")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/warehouse")
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/returns/*")
    await page.get_by_role("button", name=re.compile("is here|are here")).click()
    await page.get_by_role("button", name="Record the parcel").click()
    await page.wait_for_url("**/grade")
    await page.keyboard.press("a")
    await page.wait_for_selector("text=All graded")  # a scanner types faster than an operator: the page waits a moment
    await page.get_by_role("button", name="Record the grades").click()
    await page.wait_for_selector("#done")
    await warehouse.look("journey-warehouse-done")


async def _sees(customer: Tab, headline: str) -> None:
    """Look again until the page says so."""
    page = customer.page
    for _ in range(50):
        await page.reload()
        if headline in await page.locator("h1").inner_text():
            return
        await page.wait_for_timeout(100)
    raise AssertionError(f"it says {await page.locator('h1').inner_text()}, not {headline}")
