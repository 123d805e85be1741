"""My return: what it says at each point of its life, and what its customer can still decide."""

from collections.abc import Callable

from gateways.database.returns.records import request_in
from gateways.database.stock.inventory import add_stock
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from lifecycle.repairs.messages import DiagnosisOutcome
from starter.demo.story import Stage
from tests.portal.browsing import Tab
from tests.portal.visits import PHONE_LINE, follow, keep_order, sign_in
from tests.workflows.returns.play import Play

Plays = Callable[..., Play]


async def _headline(tab: Tab, text: str) -> None:
    """Load the page again, and wait for its headline."""
    await tab.page.reload()
    await tab.page.wait_for_selector(f"h1 >> text={text}")


async def _steps(tab: Tab) -> list[tuple[str | None, str]]:
    """``(class, name)`` of the line of steps; exactly one, or at the end none, is the current one."""
    rows = await tab.page.locator(".steps > li").all()
    current = await tab.page.locator(".steps > [aria-current=step]").count()
    found = [(await row.get_attribute("class"), (await row.locator(".name").inner_text())) for row in rows]
    assert current == len([name for kind, name in found if kind == "now"]) <= 1
    return [(kind, name.partition("(")[0].strip()) for kind, name in found]


async def test_from_review_to_the_money(tab: Tab, stage: Stage, play: Plays) -> None:
    line = {"line_id": "1", "sku": "WATCH", "title": "Watch", "quantity": 1, "unit_price": 60_000}
    story = play(lines=[line])
    await story.start(until=Status.IN_REVIEW)
    await follow(tab, stage, story)
    await _headline(tab, "We are looking at your request")
    await tab.look("in-review")
    await story.approve()
    await story.until(Status.LABEL_SENT)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until(Status.IN_TRANSIT)
    await _headline(tab, "Your parcel is on its way to us")
    assert "Settled by" in await tab.page.locator("main header").inner_text()
    await tab.look("in-transit")
    assert await tab.go(f"/returns/{story.return_id}/cancel") == 409
    assert "cannot be cancelled any more" in await tab.page.get_by_role("alert").inner_text()
    await tab.go(f"/returns/{story.return_id}")
    await story.receive()
    await _headline(tab, "Your return is here")
    assert ("now", "Looked at") in await _steps(tab)
    await story.inspect()
    await story.until(Status.REFUNDED)
    await _headline(tab, "Your money is on its way to you")
    assert {kind for kind, _ in await _steps(tab)} == {"done"}
    assert "Your card" in await tab.page.locator(".facts").inner_text()
    assert "$600.00" in await tab.page.locator(".facts").inner_text()
    await tab.page.get_by_text("Everything that happened").click()
    assert "A person at the shop looks at it" in await tab.page.locator(".log").inner_text()
    await tab.look("refunded")


async def test_a_repairs_estimate_is_answered_once(tab: Tab, stage: Stage, play: Plays) -> None:
    story = play(lines=[PHONE_LINE], resolution="repair", items=[{"line_id": "1", "quantity": 1, "reason": "other"}])
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.diagnose("1-1", DiagnosisOutcome.REPAIRABLE, estimate=5000)
    await story.until_it(lambda view: (view.units[0].repair or {}).get("state") == "awaiting_customer", "asked")
    await follow(tab, stage, story)
    await _headline(tab, "Your repair needs your word")
    await tab.look("estimate")
    form = tab.page.locator("form", has=tab.page.get_by_role("button", name="Yes, repair it for $50.00"))
    fields: dict[str, str | float | bool] = {
        name: await form.locator(f"[name={name}]").input_value() for name in ("csrf", "request_id", "unit")
    }
    await tab.press(form.locator("button"))
    await tab.page.wait_for_selector("h1 >> text=Your return is here")
    await story.until_it(lambda view: (view.units[0].repair or {}).get("state") == "repairing", "being repaired")
    path = f"{tab.home}/returns/{story.return_id}/estimate"
    again = await tab.page.request.post(path, form=fields | {"answer": "yes"}, max_redirects=0)
    other = await tab.page.request.post(path, form=fields | {"answer": "no", "request_id": "another"})
    assert (again.status, other.status) == (303, 409)
    assert "You have said yes to this price already, and that stands." in await other.text()


async def _asked(stage: Stage, play: Plays) -> Play:
    """An exchange of two for two of which one is rejected."""
    items = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]
    wanted = [{"sku": "SHOE-43", "quantity": 2, "unit_price": 4000}]
    story = play(items=items, resolution="exchange", exchange_for=wanted)
    await add_stock(stage.db, "SHOE-43", 2)
    await story.start()
    await story.receive()
    await story.verdicts({"1-1": Grade.A, "1-2": None})
    await story.happened("charge_asked")
    return story


async def test_what_an_exchange_costs_more_is_asked_and_fewer_pieces_are_taken(
    tab: Tab, stage: Stage, play: Plays
) -> None:
    story = await _asked(stage, play)
    await follow(tab, stage, story)
    await _headline(tab, "Your exchange needs your word")
    main = await tab.page.locator("main").inner_text()
    assert "What you wanted instead costs $40.00 now" in main
    assert "Have $44.00 as store credit instead" in main
    assert "It is charged only if you say so." in main
    await tab.look("charge-asked")
    await tab.page.get_by_label("SHOE-43").select_option("0")
    await tab.press(tab.page.get_by_role("button", name="See what that costs"))
    assert "at least one piece, and fewer than before" in await tab.page.get_by_role("alert").inner_text()
    await tab.page.get_by_label("SHOE-43").select_option("1")
    await tab.press(tab.page.get_by_role("button", name="See what that costs"))
    assert "They cost you nothing more: what came back is worth as much." in await tab.page.locator("main").inner_text()
    await tab.look("charge-fewer")
    await tab.press(tab.page.get_by_role("button", name="Yes, send me these"))
    await story.until(Status.EXCHANGED)
    await _headline(tab, "Your exchange is on its way")
    assert (await story.view()).settlement.paid == []


async def test_what_an_exchange_costs_more_is_paid_once(tab: Tab, stage: Stage, play: Plays) -> None:
    story = await _asked(stage, play)
    await follow(tab, stage, story)
    form = tab.page.locator("form", has=tab.page.get_by_role("button", name="Pay $40.00 and get all of it"))
    fields: dict[str, str | float | bool] = {
        name: await form.locator(f"[name={name}]").input_value() for name in ("csrf", "request_id", "amount")
    }
    path = f"{tab.home}/returns/{story.return_id}/charge"
    for wrong in ({"answer": "maybe"}, {"answer": "pay", "amount": "x"}, {"answer": "fewer"}):
        assert (await tab.page.request.post(path, form={**fields, **wrong})).status == 422
    other = await tab.page.request.post(path, form=fields | {"answer": "pay", "amount": "1", "request_id": "one"})
    assert other.status == 409
    await tab.press(form.locator("button"))
    await story.until(Status.EXCHANGED)
    again = await tab.page.request.post(path, form=fields | {"answer": "pay"}, max_redirects=0)
    late = await tab.page.request.post(path, form=fields | {"answer": "refund", "request_id": "another"})
    assert (again.status, late.status) == (303, 409)
    assert "You have said that you pay this already" in await late.text()
    assert [paid.amount for paid in (await story.view()).settlement.paid] == [-4000]


async def test_a_replacement_that_goes_out_ahead_is_announced_before_the_label_is_used(
    tab: Tab, stage: Stage, play: Plays
) -> None:
    story = play(resolution="replacement")
    await story.in_stock()
    await story.start(until=Status.REPLACED)
    await follow(tab, stage, story)
    await _headline(tab, "Your replacement is on its way")
    assert [name for kind, name in await _steps(tab) if kind == "done"][-1] == "Replacement sent"
    assert await tab.page.get_by_role("link", name="Print the label").is_visible()
    assert "Tracking code: HW" in await tab.page.get_by_role("region", name="What you get").inner_text()
    await tab.look("replaced-ahead")


async def test_something_that_is_kept_needs_no_label(tab: Tab, stage: Stage, play: Plays) -> None:
    story = play(lines=[{"line_id": "1", "sku": "PIN", "title": "Pin", "quantity": 1, "unit_price": 900}])
    await story.start(until=Status.REFUNDED)
    await follow(tab, stage, story)
    await _headline(tab, "the item is yours to keep")
    assert [name for _, name in await _steps(tab)] == ["Return requested", "Refund sent"]
    assert await tab.page.get_by_role("link", name="Print the label").count() == 0
    await tab.look("kept")


async def test_what_is_out_of_stock_can_be_chosen_otherwise(tab: Tab, stage: Stage, play: Plays) -> None:
    story = play(resolution="replacement", tenders=[{"tender_id": "g", "kind": "gift_card", "captured": 8000}])
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.inspect(Grade.C)  # as new it would be the stock that is missing
    await story.attention("stock")
    await follow(tab, stage, story)
    await tab.press(tab.page.get_by_role("link", name="Choose something else instead"))
    await tab.look("choose-instead")
    await tab.page.get_by_label("Store credit").check()
    await tab.press(tab.page.get_by_role("button", name="Save the change"))
    await story.until(Status.CREDITED)
    await _headline(tab, "Your store credit is there")
    assert "bonus" in await tab.page.get_by_role("region", name="What you get").inner_text()


async def test_pickup_and_drop_off(tab: Tab, stage: Stage, play: Plays) -> None:
    story = play(method="pickup")
    await story.start(until=None)
    await story.until_it(lambda view: bool(view.handover.pickup and view.handover.pickup.slots), "offered a pickup")
    await follow(tab, stage, story)
    await tab.look("choose-pickup")
    slots = tab.page.locator(".slots button")
    gone = await slots.first.get_attribute("value") or ""
    await tab.press(slots.nth(2))
    await tab.page.wait_for_selector("h1 >> text=Your pickup is booked")
    await tab.look("pickup-booked")
    fields: dict[str, str | float | bool] = {
        "csrf": await tab.page.locator("[name=csrf]").first.input_value(),
        "request_id": "slot1",
    }
    long_ago: dict[str, str | float | bool] = {"slot": gone.replace("2026", "2025")}
    answer = await tab.page.request.post(f"{tab.home}/returns/{story.return_id}/pickup", form=fields | long_ago)
    assert (answer.status, "does not come at that time" in await answer.text()) == (409, True)
    answer = await tab.page.request.post(f"{tab.home}/returns/{story.return_id}/pickup", form=fields | {"slot": "x"})
    assert answer.status == 422
    await tab.press(tab.page.get_by_role("link", name="Change it"))
    await tab.look("change")
    await tab.page.get_by_label("At a drop-off point").check()
    await tab.press(tab.page.get_by_role("button", name="Save the change"))
    await tab.page.wait_for_selector("h1 >> text=Your code is ready")
    await tab.look("drop-off")
    code = await tab.page.request.get(f"{tab.home}/returns/{story.return_id}/label")
    assert code.headers["content-type"] == "image/png"
    await tab.press(tab.page.get_by_role("link", name="Cancel this return"))
    await tab.look("cancel")
    await tab.press(tab.page.get_by_role("button", name="Yes, cancel it"))
    await tab.page.wait_for_selector("h1 >> text=This return is cancelled")
    await tab.look("cancelled")
    assert await tab.go(f"/returns/{story.return_id}/label") == 404


async def test_declined_items_say_why_before_and_after(tab: Tab, stage: Stage) -> None:
    sold_off = {"line_id": "2", "sku": "BAG", "title": "Bag", "quantity": 1, "unit_price": 5000, "final_sale": True}
    shoe = {"line_id": "1", "sku": "SHOE", "title": "Shoe", "quantity": 1, "unit_price": 5000}
    order = await keep_order(stage, lines=[shoe, sold_off])
    await sign_in(tab, stage, order.order_id)
    await tab.page.get_by_label("Bag").check()
    assert await tab.page.locator("#reason-1 option").count() == 5  # what is the shop's fault, and none
    await tab.go(f"/orders/{order.order_id}/return?item=0&reason-0=unwanted&item=1&reason-1=unwanted")
    await tab.look("order-problems")
    assert "Bag: This item can only come back" in await tab.page.get_by_role("alert").inner_text()
    assert "can only come back if something is wrong" in await tab.page.locator("#reason-1-problem").inner_text()


async def test_an_order_whose_time_is_over_says_so(tab: Tab, stage: Stage) -> None:
    dates = {"placed_at": "2026-01-01T10:00:00Z", "delivered_at": "2026-01-05T10:00:00Z"}
    line = {"line_id": "1", "sku": "COAT", "title": "<i>" + "W" * 200, "quantity": 1, "unit_price": 4000}
    order = await keep_order(stage, lines=[line], **dates)
    await sign_in(tab, stage, order.order_id)
    assert "<i>WWW" in await tab.page.locator(".item").inner_text()
    assert "It could come back for 30 days, until Feb 4, 2026." in await tab.page.locator(".item").inner_text()
    await tab.look("too-old")


async def test_another_size_is_chosen_from_what_is_in_stock(tab: Tab, stage: Stage) -> None:
    there, gone = f"{stage_name(stage)}-43", f"{stage_name(stage)}-44"
    await add_stock(stage.db, there, 1)
    sizes = [{"sku": sku, "title": f"Size {sku[-2:]}", "unit_price": 4500} for sku in (there, gone)]
    order = await keep_order(stage, exchanges=sizes)
    await sign_in(tab, stage, order.order_id)
    page = tab.page
    await page.get_by_label("Trail shoe").check()
    await page.get_by_label("Why?").select_option("size_too_small")
    await tab.press(page.get_by_role("button", name="Continue"))
    await page.get_by_label("Something else instead").check()
    choices = page.get_by_label("Instead of: Trail shoe")
    assert await choices.locator("option").all_inner_texts() == ["Please choose", "Size 43 · $5.00 more each"]
    await tab.press(page.get_by_role("button", name="Start my return"))
    assert "Please choose what you would like instead" in await page.get_by_role("alert").inner_text()
    await choices.select_option(there)
    await tab.look("offer-exchange")
    await tab.press(page.get_by_role("button", name="Start my return"))
    await page.wait_for_selector("h1 >> text=Your label is ready")
    return_id = page.url.rpartition("/")[2]
    request: ReturnRequest = await stage.db.read(lambda connection: request_in(connection, return_id))
    wanted = request.exchange_for or []
    assert [(item.sku, item.quantity, item.unit_price) for item in wanted] == [(there, 1, 4500)]
    assert "$5.00" in await page.locator(".big-amount").inner_text()
    await tab.press(page.locator(".eyebrow a"))
    assert await page.locator(".lines .pill").inner_text() == "Ready to send"
    await tab.look("order-with-return")


def stage_name(stage: Stage) -> str:
    """A name that no other test uses."""
    return f"SIZE-{id(stage)}"
