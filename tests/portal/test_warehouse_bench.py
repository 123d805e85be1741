"""The repair bench's pages: from the queue through diagnosis and work to the check."""

from collections.abc import AsyncIterator, Callable

import pytest
from playwright.async_api import Page

from gateways.database.stock.inventory import add_stock
from lifecycle.contract.statuses import Status
from lifecycle.shared.repair_messages import RepairState
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.portal.browsing import Tab
from tests.portal.desk import Desk, desk_at
from tests.portal.test_warehouse import TABLET
from tests.workflows.returns.play import Play

UNIT = "1-1"


@pytest.fixture
async def desk(ready: Ready) -> AsyncIterator[Desk]:
    """Sam at the bench."""
    async with desk_at(ready.api) as desk:
        yield await desk.sign_in()


async def _on_bench(play: Callable[..., Play], *, reason: str = "other", serial: str | None = None) -> Play:
    numbers = [serial] if serial else []
    kettle = {"line_id": "1", "sku": "KETTLE-1", "title": "Kettle", "quantity": 1, "unit_price": 4900}
    made = play(
        lines=[kettle | {"serial_numbers": numbers}],
        items=[{"line_id": "1", "quantity": 1, "reason": reason}],
        resolution="repair",
    )
    await made.start()
    await (made.receive_serials(serial) if serial else made.receive())
    await made.on_bench(UNIT)
    return made


async def _sign_in(tab: Tab) -> Page:
    await tab.page.set_viewport_size(TABLET)
    await tab.go("/warehouse")
    await tab.page.locator("input:focus").wait_for()
    await tab.page.keyboard.type("Sam")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_url("**/warehouse")
    return tab.page


async def _diagnose(tab: Tab) -> None:
    """Without a price first, then with one."""
    page = tab.page
    await page.get_by_label("It can be repaired").check()
    await page.get_by_role("button", name="Record the diagnosis").click()
    await page.get_by_text("Please give the price of the repair, such as 45.00.").wait_for()
    assert await page.get_by_label("It can be repaired").is_checked()
    await page.get_by_label("Price of the repair").fill("45,5")
    await tab.look("warehouse-diagnosis")
    await page.get_by_role("button", name="Record the diagnosis").click()
    await page.get_by_text("whether it is worth $45.50 to them").wait_for()


async def _work(tab: Tab) -> None:
    page = tab.page
    await page.get_by_label("Part 1").fill("ELEMENT-1")
    await page.keyboard.press("Tab")
    await page.keyboard.type("2")
    await tab.look("warehouse-parts")
    await page.get_by_role("button", name="The repair is done").click()
    await page.get_by_role("button", name="Yes, it works").wait_for()
    await tab.look("warehouse-check")
    await page.get_by_role("button", name="Yes, it works").click()
    await page.get_by_text("It works. Pack it").wait_for()


async def test_a_paid_repair_from_the_queue_to_the_check(tab: Tab, play: Callable[..., Play], stage: Stage) -> None:
    kettle = await _on_bench(play, serial="KETTLE-SN-1")
    await add_stock(stage.db, "ELEMENT-1", 2)
    page = await _sign_in(tab)
    await page.locator(f'.queue a[href*="{kettle.return_id}"]').wait_for()
    await tab.go("/warehouse/bench")
    await tab.look("warehouse-bench")
    # The unit itself is scanned: its repair opens.
    await page.keyboard.type("kettle-sn-1")
    await page.keyboard.press("Enter")
    await _diagnose(tab)
    await tab.look("warehouse-waits")
    await kettle.answer_estimate(UNIT, accepted=True)
    await page.reload()
    await _work(tab)
    assert (await kettle.until(Status.REPAIRED)).settlement.amount == -4550
    repair = await kettle.repairs.view(kettle.return_id, UNIT)
    assert [(part.sku, part.quantity) for part in repair.parts] == [("ELEMENT-1", 2)]
    assert {entry.by for entry in repair.timeline if entry.event in ("diagnosed", "repaired", "check_passed")} == {
        "Sam"
    }


async def test_every_form_of_the_bench_sent_twice_is_taken_once(desk: Desk, play: Callable[..., Play]) -> None:
    kettle = await _on_bench(play, reason="defective")
    path = f"/warehouse/bench/{kettle.return_id}/{UNIT}"
    for sent in (
        {"do": "diagnose", "outcome": "repairable"},
        {"do": "work"},
        {"do": "check:failed"},
        {"do": "work"},
        {"do": "check:passed"},
    ):
        await desk.open(path)
        form = desk.form(path).with_(**sent)
        for _ in range(2):
            assert (await desk.post(path, form)).status_code in (200, 409), sent
    events = [entry.event for entry in (await kettle.repairs.view(kettle.return_id, UNIT)).timeline]
    assert [events.count(name) for name in ("diagnosed", "repaired", "check_failed", "check_passed")] == [1, 2, 1, 1]


async def test_what_the_bench_cannot_mean_records_nothing(desk: Desk, play: Callable[..., Play]) -> None:
    kettle = await _on_bench(play)
    path = f"/warehouse/bench/{kettle.return_id}/{UNIT}"
    for sent, status in (
        ({"do": "diagnose"}, 422),
        ({"do": "diagnose", "outcome": "magic"}, 422),
        ({"do": "diagnose", "outcome": "repairable", "estimate": "a lot"}, 422),
        ({"do": "diagnose", "outcome": "no_fault", "note": "x" * 2001}, 422),
        ({"do": "nonsense"}, 422),
        ({"do": "work", "sku": "PART", "quantity": "0"}, 422),
        ({"do": "work", "sku": "", "quantity": "3"}, 422),
        ({"do": "work"}, 409),
        ({"do": "check:passed"}, 409),
    ):
        await desk.open(path)
        await desk.send(path, **sent)
        assert desk.answer.status_code == status, sent
    assert (await kettle.repairs.view(kettle.return_id, UNIT)).state is RepairState.DIAGNOSING


async def test_a_repair_that_nobody_knows_is_not_there(desk: Desk) -> None:
    for path in ("/warehouse/bench/R-none/1-1", "/warehouse/returns/R-none", "/warehouse/returns/R-none/grade"):
        await desk.open(path)
        assert desk.answer.status_code == 404
