"""The warehouse's side in a real browser: scan, count, grade, next; by keyboard, by scanner, without script."""

from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page, ViewportSize

from lifecycle.contract.messages import ReceiptUnits
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Reception
from tests.portal.browsing import Tab
from tests.workflows.returns.play import Play

TABLET = ViewportSize(width=1024, height=768)
_SHOE = {"line_id": "1", "sku": "SHOE-42", "title": "Trail shoe", "quantity": 2, "unit_price": 4000}
#: Longer than a scanner takes from one key to the next.
_SLOWLY = 250


def _phone(sku: str) -> dict[str, Any]:
    numbers = [f"{sku}-1", f"{sku}-2"]
    return {"line_id": "2", "sku": sku, "title": "Phone", "quantity": 2, "unit_price": 9000, "serial_numbers": numbers}


async def _sign_in(tab: Tab) -> Page:
    await tab.page.set_viewport_size(TABLET)
    await tab.go("/warehouse")
    await tab.page.keyboard.type("Sam")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_url("**/warehouse")
    return tab.page


async def _scan(page: Page, code: str) -> None:
    """What a scanner does: a code into whatever has the focus, and Enter."""
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")


async def _focus(page: Page) -> str:
    found: str = await page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
    return found


async def _label(play: Play) -> str:
    await play.start()
    return (await play.view()).handover.tracking_code or ""


async def test_scan_count_grade_and_next_by_keyboard_alone(tab: Tab, play: Callable[..., Play]) -> None:
    one = play(items=[{"line_id": "1", "quantity": 2, "reason": "unwanted"}])
    label = await _label(one)
    page = await _sign_in(tab)
    await tab.look("warehouse-scan")
    await _scan(page, f"  {label.lower()}")
    await page.wait_for_url(f"**/returns/{one.return_id}")
    await tab.look("warehouse-count")
    for key in ("Tab", "Tab", "Enter"):  # past "Count it" to "All 2 are here", which leads on to the end
        await page.keyboard.press(key)
    assert await _focus(page) == "Record the parcel"
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/grade")
    for key in ("a", "b"):
        await page.keyboard.press(key)
        await page.wait_for_timeout(_SLOWLY)
    assert await _focus(page) == "Record the grades"
    await tab.look("warehouse-grade")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/warehouse?done=*")
    assert await _focus(page) == "code"
    told = await page.locator("#done").inner_text()
    assert "2 of 2 units are here." in told
    assert "grade B → shelf, open box" in told
    await tab.look("warehouse-done")
    view = await one.until(Status.REFUNDED)
    assert [unit.grade for unit in view.units] == ["A", "B"]
    assert [entry.by for entry in view.timeline if entry.event == "inspected"] == ["Sam"]


async def test_a_serial_number_fills_its_line_and_a_foreign_one_is_asked_about(
    tab: Tab, play: Callable[..., Play]
) -> None:
    items = [
        {"line_id": "1", "quantity": 1, "reason": "unwanted"},
        {"line_id": "2", "quantity": 2, "reason": "unwanted"},
    ]
    two = play(items=items, lines=[_SHOE, _phone("PH-A")])
    label = await _label(two)
    page = await _sign_in(tab)
    await _scan(page, label)
    await page.wait_for_url("**/returns/*")
    for code, answer in {
        "shoe-42": "Trail shoe",
        "ph-a-2": "PH-A-2: one more of Phone",
        "OTHER-7": "OTHER-7 belongs",
    }.items():
        await _scan(page, code)
        await page.get_by_text(answer).first.wait_for()
        assert await _focus(page) == "code"
    await tab.look("warehouse-unknown-serial")
    # A scan too many presses nothing.
    await _scan(page, "ph-a-2")
    await page.get_by_text("was scanned already").wait_for()
    await page.get_by_role("button", name="A wrong item, sent instead of Phone").click()
    await page.get_by_text("Something else is in here").click()
    await page.get_by_label("Its serial number").fill("A blue mug")
    await page.get_by_role("button", name="Add it").click()
    assert await page.get_by_label("How many are here: Phone").input_value() == "2"
    await page.get_by_role("button", name="Record the parcel").click()
    await page.wait_for_url("**/grade")
    await page.get_by_text("This is not what the customer bought").wait_for()
    await tab.look("warehouse-wrong-item")
    view = await two.view()
    found = [(unit.line_id, unit.serial_number, unit.reception) for unit in view.units]
    assert found == [
        ("1", None, Reception.RECEIVED),
        ("2", "PH-A-2", Reception.RECEIVED),
        ("2", "OTHER-7", Reception.WRONG_ITEM),
    ]
    assert [(extra.line_id, extra.sku) for extra in view.extras] == [(None, "A blue mug")]


async def test_a_scan_while_grading_grades_nothing(tab: Tab, play: Callable[..., Play]) -> None:
    three = play(items=[{"line_id": "2", "quantity": 2, "reason": "unwanted"}], lines=[_SHOE, _phone("BAD-CAB")])
    await three.start()
    await three.receipt(ReceiptUnits(line_id="2", serial_number="BAD-CAB-1"), ReceiptUnits(line_id="2"))
    page = await _sign_in(tab)
    await tab.go(f"/warehouse/returns/{three.return_id}/grade")
    await _scan(page, "ABCD")
    await page.get_by_text("Record these grades first").wait_for()
    # The blank presses no grade that has the focus.
    await _scan(page, "hw 264 743 702")
    await _scan(page, "bad-cab-1")
    assert await page.locator("input:checked").count() == 0
    await page.keyboard.press("r")
    await page.wait_for_timeout(_SLOWLY)
    assert (await _focus(page)).startswith("note-")
    assert await page.locator("[data-goes]").first.input_value() == "return_to_customer"
    await page.keyboard.type("Worn")
    await page.get_by_role("button", name="Record the grades").click()
    await page.get_by_text("1 unit waits for a grade.").wait_for()
    assert [unit.acceptance for unit in (await three.view()).units] == ["rejected", "pending"]


async def test_all_of_it_without_script(new_tab: Callable[..., Awaitable[Tab]], play: Callable[..., Play]) -> None:
    plain = play(items=[{"line_id": "1", "quantity": 2, "reason": "unwanted"}])
    label = await _label(plain)
    tab = await new_tab(java_script_enabled=False, viewport=TABLET)
    page = tab.page
    await tab.go("/warehouse")
    await page.get_by_label("Your name").fill("Sam")
    await page.get_by_role("button", name="Begin").click()
    await page.get_by_label("Scan the label").fill(label)
    await page.get_by_role("button", name="Open").click()
    await page.get_by_role("button", name="One more").click()
    await page.get_by_role("button", name="One more").click()
    await page.get_by_role("button", name="One less").click()
    await page.get_by_label("Nothing more is coming").check()
    await page.get_by_role("button", name="Record the parcel").click()
    await page.locator("label.key.c").click()
    await page.get_by_label("Where it goes").select_option("recycle")
    await page.get_by_role("button", name="Record the grades").click()
    await page.get_by_text("1 of 2 units are here.").wait_for()
    view = await plain.view()
    found = [(unit.reception, unit.grade, unit.disposition) for unit in view.units]
    assert found == [(Reception.RECEIVED, "C", "recycle"), (Reception.MISSING, None, None)]
