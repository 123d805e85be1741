"""A form that is sent again with another choice, as after Back: what stands is said, and how to change it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from client.support import Support
from gateways.database.returns.records import returns_of
from lifecycle.contract.messages import ReceiptUnits, TrackingStatus
from lifecycle.contract.request import Order
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Reception
from lifecycle.repairs.messages import DiagnosisOutcome
from lifecycle.shared.repair_messages import RepairState
from lifecycle.support.messages import CUSTOMER
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.portal.browsing import Tab
from tests.portal.desk import Desk, desk_at
from tests.portal.visits import Caller, hidden, keep_order, sign_in
from tests.workflows.returns.play import Play

Plays = Callable[..., Play]
_TWO = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]
_STANDS = "Your earlier choice stands"


@pytest.fixture
async def caller(ready: Ready) -> AsyncIterator[Caller]:
    """Somebody who sends forms as their browser kept them."""
    async with Caller(ready.api) as caller:
        yield caller


@pytest.fixture
async def desk(ready: Ready) -> AsyncIterator[Desk]:
    """Sam at the table."""
    async with desk_at(ready.api) as desk:
        yield await desk.sign_in()


async def _choose(tab: Tab, order: Order) -> None:
    """From the order to what the customer can have."""
    await tab.go(f"/orders/{order.order_id}")
    await tab.page.get_by_label("Trail shoe").check()
    await tab.page.get_by_label("Why?").select_option("unwanted")
    await tab.press(tab.page.get_by_role("button", name="Continue"))


@pytest.mark.parametrize("units", [1, 3])
async def test_back_after_the_start_leads_to_what_stands_and_how_to_change_it(
    tab: Tab, stage: Stage, units: int
) -> None:
    line = {"line_id": "1", "sku": "SHOE-42", "title": "Trail shoe", "quantity": units, "unit_price": 4000}
    order, page = await keep_order(stage, lines=[line]), tab.page
    await sign_in(tab, stage, order.order_id)
    await _choose(tab, order)
    await page.get_by_label("Picked up at my door").check()
    await tab.press(page.get_by_role("button", name="Start my return"))
    begun = page.url
    await page.go_back()
    if await page.get_by_role("button", name="Start my return").count():  # the browser kept the page
        await page.get_by_label("Store credit").check()
        await tab.press(page.get_by_role("button", name="Start my return"))
    assert page.url.startswith(begun)
    notice = await page.get_by_role("alert").inner_text()
    assert _STANDS in notice
    assert "“My money back”" in notice
    assert "“Picked up at my door”" in notice
    await tab.look(f"earlier-choice-stands-{units}")
    assert len(await returns_of(stage.db, order.order_id)) == 1
    await tab.press(page.get_by_role("alert").get_by_role("link", name="Change it"))
    await page.get_by_label("Store credit").check()
    await tab.press(page.get_by_role("button", name="Save the change"))
    assert "Store credit." in await page.get_by_role("region", name="What you get").inner_text()
    # What is sent back as well is a return of its own.
    if units > 1:
        await _choose(tab, order)
        await tab.press(page.get_by_role("button", name="Start my return"))
        assert len(await returns_of(stage.db, order.order_id)) == 2


async def test_the_same_form_is_one_return_and_another_choice_is_reported(caller: Caller, stage: Stage) -> None:
    order = await keep_order(stage)
    await caller.sign_in(stage, order.order_id)
    fields, path = await caller.offer(order.order_id), f"/orders/{order.order_id}/return"
    fields |= {"note-0": "Too bright\r\nfor me "}
    others = [{"resolution": "store_credit"}, {"method": "drop_off"}, {"reason-0": "style"}, {"note-0": "Too dark"}]
    first, again = [await caller.http.post(path, data=fields) for _ in range(2)]
    assert first.headers["location"] == again.headers["location"]
    for other in others:
        answer = await caller.http.post(path, data=fields | other)
        told = await caller.text(answer.headers["location"])
        assert answer.headers["location"].startswith(f"{first.headers['location']}?")
        assert (_STANDS in told, "“My money back”" in told, "“By mail, with a label to print”" in told) == (True,) * 3
    assert _STANDS not in await caller.text(first.headers["location"])
    [row] = await returns_of(stage.db, order.order_id)
    assert (row.request["resolution"], row.request["method"]) == ("refund", "mail")


async def test_sent_at_once_with_two_choices_one_stands_and_the_other_is_reported(caller: Caller, stage: Stage) -> None:
    order = await keep_order(stage)
    await caller.sign_in(stage, order.order_id)
    fields, path = await caller.offer(order.order_id), f"/orders/{order.order_id}/return"
    chosen = ["refund", "store_credit", "refund", "store_credit"]
    answers = await asyncio.gather(*(caller.http.post(path, data=fields | {"resolution": what}) for what in chosen))
    [row] = await returns_of(stage.db, order.order_id)
    plain = {what for what, answer in zip(chosen, answers, strict=True) if "?" not in answer.headers["location"]}
    assert plain == {row.request["resolution"]}


async def test_what_cannot_be_changed_any_more_says_whom_to_ask(caller: Caller, stage: Stage, play: Plays) -> None:
    order = await keep_order(stage)
    await caller.sign_in(stage, order.order_id)
    fields, path = await caller.offer(order.order_id), f"/orders/{order.order_id}/return"
    begun = (await caller.http.post(path, data=fields)).headers["location"]
    story = play()
    story.return_id = begun.rpartition("/")[2]
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until(Status.IN_TRANSIT)
    answer = await caller.http.post(path, data=fields | {"resolution": "store_credit"})
    told = (await caller.text(answer.headers["location"])).partition('role="alert"')[2].partition("</section>")[0]
    assert _STANDS in told
    assert f'href="/help/contact?return={story.return_id}"' in told
    assert "/change" not in told
    # One that was called off holds nobody up: the order's page begins anew.
    other = await keep_order(stage)
    await caller.sign_in(stage, other.order_id)
    fields, path = await caller.offer(other.order_id), f"/orders/{other.order_id}/return"
    begun = (await caller.http.post(path, data=fields)).headers["location"]
    asked = hidden(await caller.text(f"{begun}/cancel"), "request_id")
    await caller.http.post(f"{begun}/cancel", data={"csrf": fields["csrf"], "request_id": asked})
    offer = await caller.http.get(path, params={"item": "0", "reason-0": "unwanted", "sealed": fields["sealed"]})
    assert (offer.status_code, "Start my return" in offer.text) == (200, True)
    assert hidden(offer.text, "sealed") != fields["sealed"]


async def test_a_change_sent_again_with_another_choice_is_another_change(caller: Caller, stage: Stage) -> None:
    order = await keep_order(stage)
    await caller.sign_in(stage, order.order_id)
    return_id = await caller.begin(order.order_id)
    form = await caller.text(f"/returns/{return_id}/change")
    fields = {name: hidden(form, name) for name in ("csrf", "request_id")}
    for method in ("drop_off", "drop_off", "mail", "drop_off", "pickup", "pickup"):
        answer = await caller.http.post(f"/returns/{return_id}/change", data=fields | {"method": method})
        assert (answer.status_code, (await stage.homeward.view(return_id)).handover.method) == (303, method)
    changed = [entry.event for entry in (await stage.homeward.view(return_id)).timeline].count("changed")
    assert changed == 4
    page = await caller.text(f"/returns/{return_id}")
    fields["request_id"] = hidden(page, "request_id")
    pickup = (await stage.homeward.view(return_id)).handover.pickup
    assert pickup
    for slot in (pickup.slots[0], pickup.slots[1], pickup.slots[0]):
        chosen = fields | {"slot": f"{slot.start.isoformat()}/{slot.end.isoformat()}"}
        for _ in range(2):
            assert (await caller.http.post(f"/returns/{return_id}/pickup", data=chosen)).status_code == 303
        booked = (await stage.homeward.view(return_id)).handover.pickup
        assert booked
        assert booked.booked == slot


async def test_no_after_yes_says_that_the_yes_stands(caller: Caller, stage: Stage, play: Plays) -> None:
    lamp = {"line_id": "1", "sku": "LAMP", "title": "Lamp", "quantity": 1, "unit_price": 9000}
    order = await keep_order(stage, lines=[lamp])
    await caller.sign_in(stage, order.order_id)
    story = play()
    story.return_id = await caller.begin(order.order_id, resolution="repair")
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.diagnose("1-1", DiagnosisOutcome.REPAIRABLE, estimate=5000)
    await story.until_it(lambda view: (view.units[0].repair or {}).get("state") == "awaiting_customer", "asked")
    page, path = await caller.text(f"/returns/{story.return_id}"), f"/returns/{story.return_id}/estimate"
    token = hidden(page, "request_id").removesuffix("yes1")
    fields = {"csrf": hidden(page, "csrf"), "unit": "1-1"}
    sent = [("yes", f"{token}yes1"), ("yes", f"{token}yes1"), ("no", f"{token}no1"), ("yes", "fromanotherdevice")]
    answers = [
        await caller.http.post(path, data=fields | {"answer": answer, "request_id": request_id})
        for answer, request_id in sent
    ]
    assert [answer.status_code for answer in answers] == [303, 303, 409, 303]
    assert "You have said yes to this price already, and that stands." in answers[2].text
    assert (await story.repairs.view(story.return_id, "1-1")).state is RepairState.REPAIRING


async def _question(visitor: httpx.AsyncClient, **words: str) -> tuple[dict[str, str], httpx.Response]:
    page = (await visitor.get("/help/contact")).text
    form = {name: hidden(page, name) for name in ("csrf", "question")}
    form |= {"topic": "support", "subject": "xyzzy", "text": "First words", "sure": "yes"} | words
    return form, await visitor.post("/help/contact", data=form)


async def test_another_question_under_the_first_ones_form_is_kept_to_be_sent_as_well(
    ready: Ready, stage: Stage
) -> None:
    support = Support(stage.clock.client, stage.db)
    async with httpx.AsyncClient(base_url=ready.api, follow_redirects=True) as visitor:
        form, first = await _question(visitor, email="other.words@example.com")
        other = await visitor.post("/help/contact", data=form | {"text": "Other words"})
        case_id = first.url.path.rpartition("/")[2]
        assert (other.status_code, "Your first question was sent, and stands." in other.text) == (409, True)
        assert ">Other words</textarea>" in other.text
        said = [(one.by, one.text) for one in (await support.view(case_id)).messages]
        assert said == [(CUSTOMER, "First words")]
        more = {"csrf": hidden(other.text, "csrf"), "message": hidden(other.text, "message"), "text": "Other words"}
        for _ in range(2):
            assert (await visitor.post(f"/help/cases/{case_id}/messages", data=more)).status_code == 200
        again = await visitor.post(f"/help/cases/{case_id}/messages", data=more | {"text": "Third words"})
        assert again.status_code == 409
        assert "Your earlier message was sent, and stands." in again.text
        assert "closed meanwhile" not in again.text
        assert ">Third words</textarea>" in again.text
        last = {"message": hidden(again.text, "message"), "text": "Third words"}
        await visitor.post(f"/help/cases/{case_id}/messages", data=more | last)
        said = [(one.by, one.text) for one in (await support.view(case_id)).messages]
        assert [text for _, text in said] == ["First words", "Other words", "Third words"]
        await visitor.post(f"/help/cases/{case_id}/close", data={"csrf": more["csrf"], "request_id": "done"})
        late = await visitor.post("/help/contact", data=form | {"text": "Fourth words"})
        assert (late.status_code, "Fourth words" in late.text, "Ask a new question" in late.text) == (409, True, True)
    async with httpx.AsyncClient(base_url=ready.api, follow_redirects=True) as stranger:
        own = hidden((await stranger.get("/help/contact")).text, "csrf")
        answer = await stranger.post("/help/contact", data=form | {"csrf": own, "text": "Not mine"})
        assert (answer.status_code, "Other words" in answer.text) == (409, False)


async def test_another_count_of_a_recorded_parcel_is_reported_and_counts_nothing(desk: Desk, play: Plays) -> None:
    two = play(items=_TWO)
    await two.start()
    await desk.scan(two.return_id)
    path, count = desk.path, desk.form("/returns/")
    for _ in range(2):
        answer = await desk.post(path, count.with_(pieces=1, do="record"))
        assert answer.url.path == f"{path}/grade"
    for other in ({"pieces": 2, "do": "record"}, {"pieces": 2, "do": "all"}, {"pieces": 1, "code": "SHOE-42"}):
        desk.answer = await desk.post(path, count.with_(**other))
        assert "This parcel was recorded before, and what was counted then stands:" in desk.answer.text
        assert "1 received before" in desk.answer.text
        assert 'name="pieces" value="0"' in desk.answer.text
        assert [unit.reception for unit in (await two.view()).units] == [Reception.RECEIVED, Reception.AWAITING]
    # What the page shows now counts what is more.
    await desk.send("/returns/", pieces=1, do="record")
    assert [unit.reception for unit in (await two.view()).units] == [Reception.RECEIVED, Reception.RECEIVED]


async def test_a_count_that_was_refused_may_be_counted_otherwise(desk: Desk, play: Plays) -> None:
    watch = play(lines=[{"line_id": "1", "sku": "WATCH", "title": "Watch", "quantity": 1, "unit_price": 60_000}])
    await watch.start(until=Status.IN_REVIEW)
    other = play()
    await other.start()
    await desk.open(f"/warehouse/returns/{other.return_id}")
    form = desk.form("/returns/")
    path = f"/warehouse/returns/{watch.return_id}"
    assert (await desk.post(path, form.with_(pieces=1, do="record"))).status_code == 409
    await watch.approve()
    await watch.until(Status.LABEL_SENT)
    answer = await desk.post(path, form.with_(pieces=1, complete="yes", do="record"))
    assert answer.url.path == f"{path}/grade"


async def test_another_grade_from_the_same_form_is_another_verdict(desk: Desk, play: Plays) -> None:
    two = play(items=_TWO)
    await two.start()
    await two.receipt(ReceiptUnits(line_id="1"), complete=False)
    await desk.open(f"/warehouse/returns/{two.return_id}/grade")
    path, form = desk.path, desk.form("/grade")
    for grade in ("A", "A", "C", "C", "A"):
        answer = await desk.post(path, form.with_(**{"verdict:1-1": grade}))
        assert f"grade {grade} →" in answer.text
        assert [unit.grade for unit in (await two.view()).units] == [grade, None]
    assert (await two.events()).count("inspected") == 3


async def test_another_diagnosis_from_the_same_form_is_reported(desk: Desk, play: Plays) -> None:
    line: dict[str, Any] = {"line_id": "1", "sku": "KETTLE", "title": "Kettle", "quantity": 1, "unit_price": 4000}
    kettle = play(lines=[line], resolution="repair", items=[{"line_id": "1", "quantity": 1, "reason": "defective"}])
    await kettle.start()
    await kettle.receipt(ReceiptUnits(line_id="1"))
    await kettle.on_bench("1-1")
    path = f"/warehouse/bench/{kettle.return_id}/1-1"
    await desk.open(path)
    form = desk.form(path)
    for _ in range(2):
        sent = form.with_(do="diagnose", outcome="repairable")
        assert (await desk.post(path, sent)).status_code == 200
    other = await desk.post(path, form.with_(do="diagnose", outcome="no_fault", note="on second thoughts"))
    assert (other.status_code, "What was recorded first stands." in other.text) == (409, True)
    view = await kettle.repairs.view(kettle.return_id, "1-1")
    assert (view.state, [entry.event for entry in view.timeline].count("diagnosed")) == (RepairState.REPAIRING, 1)
