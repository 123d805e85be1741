"""The desk: what waits for staff, any return found, one return's page, and what its buttons do."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from client.list_rows import ListFilter
from lifecycle.contract.grades import Grade
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from starter.portal.desk.one_return.stands import Line, lines_of
from starter.portal.shared.steps import step_kind
from tests.portal.browsing import Tab
from tests.portal.desk import Desk, Form, Forms
from tests.portal.people import PASSWORD, hire
from tests.portal.visits import keep_order
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import Play, make_request

#: Worth more than the policy lets through by itself.
_DEAR = [{"line_id": "1", "sku": "DESK-CLOCK", "title": "Clock", "quantity": 1, "unit_price": 90_000}]
_ITEM = [{"line_id": "1", "quantity": 1, "reason": "defective", "note": "It stops at noon."}]


def in_review(stage: Stage, name: str = "In Review") -> Play:
    """A return that somebody has to approve, once it is started."""
    return Play(stage, make_request(name=name, lines=_DEAR, items=_ITEM))


async def _in_review(play: Callable[..., Play], name: str) -> Play:
    story = play(name=name, lines=_DEAR, items=_ITEM)
    await story.start(until=Status.IN_REVIEW)
    return story


async def listed(stage: Stage, wanted: ListFilter, return_id: str) -> None:
    """Temporal's list is a moment behind."""
    for _ in range(600):
        if return_id in {row.return_id for row in await stage.homeward.list(wanted)}:
            return
    raise TimeoutError(return_id)


async def test_a_caller_is_found_by_a_misspelt_name_and_approved(
    tab: Tab, stage: Stage, play: Callable[..., Play]
) -> None:
    story = await _in_review(play, "Wilhelmina Zastrow")
    await listed(stage, ListFilter(statuses=(Status.IN_REVIEW,)), story.return_id)
    clerk = await hire(stage.db, "clerk", name="Robin Clerk")
    page = tab.page
    await tab.go("/desk")
    await page.fill("[name=login]", clerk.login)
    await page.fill("[name=password]", PASSWORD)
    await tab.press(page.locator("main form button"))
    await tab.look("desk-today")
    await page.fill("#find", "zastrov")
    await tab.press(page.locator(".find button"))
    assert "Shown instead: zastrow" in await page.inner_text("main")
    await tab.look("desk-list")
    await tab.press(page.get_by_role("link", name=story.return_id))
    shown = await page.inner_text("main")
    assert "It stops at noon." in shown
    assert "Wilhelmina Zastrow" in shown
    await tab.look("desk-return")
    await tab.press(page.get_by_role("button", name="Approve"))
    assert f"{story.return_id} is approved." in await page.inner_text("main")
    approved = next(entry for entry in (await story.view()).timeline if entry.event == "approved")
    assert approved.by == "Robin Clerk"
    for name in ("start", "policy", "questions", "operations"):
        await tab.go(f"/desk/{name}")
        await tab.look(f"desk-{name}")


async def test_of_two_who_decide_at_once_one_is_told_who_was_first(
    new_desk: Callable[..., Awaitable[Desk]], play: Callable[..., Play]
) -> None:
    story = await _in_review(play, "Two Staff")
    path = f"/desk/returns/{story.return_id}"
    first, second = await new_desk("manager", name="Kim First"), await new_desk("clerk", name="Lee Second")
    for desk in (first, second):
        await desk.open(path)
    await first.send(path, do="approve")
    assert (first.answer.status_code, "is approved" in first.answer.text) == (200, True)
    await second.send(path, do="decline", reason="worn")
    assert second.answer.status_code == 409
    assert "Kim First was first" in second.answer.text
    assert [entry.event for entry in (await story.view()).timeline].count("approved") == 1


async def test_of_two_amounts_in_the_same_instant_one_is_taken(
    new_desk: Callable[..., Awaitable[Desk]], play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    path = f"/desk/returns/{story.return_id}"
    first, second = await new_desk("manager", name="Kim First"), await new_desk("manager", name="Lee Second")
    said = {"do": "override", "fact": "amount", "why": "agreed"}
    forms = [(await desk.open(path)).form(path) for desk in (first, second)]
    answers = await asyncio.gather(
        first.post(path, forms[0].with_(**said, value="11")), second.post(path, forms[1].with_(**said, value="22"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [refused] = [answer for answer in answers if answer.status_code == 409]
    assert "was first: Fact changed by hand" in refused.text
    assert [entry.event for entry in (await story.view()).timeline].count("overridden") == 1


async def test_what_comes_back_is_changed_and_exchanged_for_a_customer_who_phones(
    new_desk: Callable[..., Awaitable[Desk]], play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    desk, path = await new_desk("clerk"), f"/desk/returns/{story.return_id}"
    await desk.open(path)
    changed = {"do": "items", "quantity:1": 2, "reason:1": "defective"}
    line = [("line", "1"), *desk.form(path).with_(**changed)]
    assert "what comes back is changed" in (await desk.post(path, line)).text
    assert [unit.unit_id for unit in (await story.view()).units] == ["1-1", "1-2"]
    await desk.open(path)
    await desk.send(path, do="exchange", sku="OTHER-1", quantity=1, price="dear")
    assert (desk.answer.status_code, "expected an amount of money" in desk.answer.text) == (422, True)
    await desk.open(path)
    await desk.send(path, do="slot", slot="soon")
    assert desk.answer.status_code == 422


async def test_a_form_pressed_twice_is_done_once(
    new_desk: Callable[..., Awaitable[Desk]], play: Callable[..., Play]
) -> None:
    story = await _in_review(play, "Double Click")
    desk, path = await new_desk("manager"), f"/desk/returns/{story.return_id}"
    fields = (await desk.open(path)).form(path).with_(do="approve")
    answers = [await desk.post(path, fields) for _ in range(2)]
    assert [("is approved" in answer.text, answer.status_code) for answer in answers] == [(True, 200)] * 2


async def test_what_needs_staff_says_what_each_answer_does_and_settles(
    new_desk: Callable[..., Awaitable[Desk]], stage: Stage, play: Callable[..., Play]
) -> None:
    story = play(tender="pi_desk fault:refused", items=[{"line_id": "1", "quantity": 1, "reason": "unwanted"}])
    await story.hand_in()
    await story.inspect(Grade.A)
    await story.attention("refund")
    await listed(stage, ListFilter(attention=True), story.return_id)
    desk, path = await new_desk("clerk", name="Fin Finance"), f"/desk/returns/{story.return_id}"
    await desk.open("/desk")
    assert "$40.00 waits" in desk.answer.text
    await desk.open(path)
    assert "A refund did not go through." in desk.answer.text
    assert "The customer does not get this part." in desk.answer.text
    await desk.send(path, do="mark_done", reference="transfer 12", why="the card is closed")
    assert "noted as done by hand" in desk.answer.text
    assert "noted as done by hand" not in (await desk.open(desk.path)).answer.text
    assert "The refund: done by hand (transfer 12): the card is closed" in desk.answer.text
    view = await story.until(Status.REFUNDED)
    assert [paid.reference for paid in view.settlement.paid] == ["transfer 12"]
    assert any(entry.by == "Fin Finance" for entry in view.timeline)
    await story.until_mail("refunded", "sent")
    await desk.open(path)
    assert "Paid by hand" in desk.answer.text
    assert "paid by hand, and not to this" in desk.answer.text
    assert "by hand, and not to the way you paid" in " ".join(desk.answer.text.split())


async def test_a_fact_is_changed_by_hand_in_the_shops_own_words(
    new_desk: Callable[..., Awaitable[Desk]], play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    desk, path = await new_desk("manager"), f"/desk/returns/{story.return_id}"
    await desk.open(path)
    await desk.send(path, do="override", fact="amount", value="12.5", why="agreed by phone")
    assert (await story.view()).settlement.amount == 1250
    assert "set by hand" in (await desk.open(path)).answer.text
    assert "Amount is now $12.50: agreed by phone" in desk.answer.text
    for value, said in (("a lot", "expected an amount of money"), ("99999", "expected minor units from 0 to")):
        await desk.open(path)
        await desk.send(path, do="override", fact="amount", value=value, why="-")
        assert desk.answer.status_code in (409, 422)
        assert said in desk.answer.text
    await desk.open(path)
    await desk.send(path, do="cancel", reason="they keep it")
    assert (await story.view()).status is Status.CANCELLED


async def test_a_list_is_narrowed_and_comes_as_a_file(
    new_desk: Callable[..., Awaitable[Desk]], play: Callable[..., Play]
) -> None:
    story = play(name="=Formula Quux")
    await story.start()
    desk, day = await new_desk("auditor"), f"{datetime.now(UTC):%Y-%m-%d}"
    wanted = "q=quux&method=mail&resolution=refund&country=us&from=2020-01-01&sort=value"
    await desk.open(f"/desk/returns?{wanted}")
    assert story.return_id in desk.answer.text
    await desk.open(f"/desk/returns.csv?{wanted}")
    [row] = csv.DictReader(io.StringIO(desk.answer.text))
    assert (row["return_id"], row["customer"]) == (story.return_id, "'=Formula Quux")
    assert (row["value"], row["currency"], len(row["opened_at"])) == ("40.00", "USD", len("2026-11-28 05:44"))
    await desk.open("/desk/returns?q=quux")
    assert desk.path == f"/desk/returns/{story.return_id}"
    await desk.open(f"/desk/returns?q=quux&status=x&country=usa&from=soon&to={day}")
    assert "There is no such status." in desk.answer.text
    assert "Give the first day as a date." in desk.answer.text
    await desk.open("/desk/returns?q=quux&reason=style")
    assert "No return is like that." in desk.answer.text


async def test_a_return_is_started_for_a_customer_who_phones(
    new_desk: Callable[..., Awaitable[Desk]], stage: Stage
) -> None:
    order = await keep_order(stage)
    desk = await new_desk("support")
    await desk.open("/desk/start?order=nothing-like-it")
    assert "The shop knows no such order." in desk.answer.text
    chosen = "item=0&quantity-0=1&reason-0=defective&note-0=It+squeaks&resolution=refund&method=mail"
    await desk.open(f"/desk/start?order={quote(order.order_id)}&look=1&{chosen}")
    assert "Nothing is started yet." in desk.answer.text
    assert "$40.00" in desk.answer.text
    fields = next(form for form in _forms(desk) if form.method == "post" and form.action == "/desk/start").fields
    answers = [await desk.post("/desk/start", fields) for _ in range(2)]
    assert len({answer.url.path for answer in answers}) == 1
    assert "It squeaks" in answers[0].text
    assert (await desk.open(f"/desk/start?order={quote(order.order_id)}&look=1")).answer.status_code == 422


def _forms(desk: Desk) -> list[Form]:
    parsed = Forms()
    parsed.feed(desk.answer.text)
    return parsed.forms


async def test_a_question_is_answered_beside_the_customers_returns(
    new_desk: Callable[..., Awaitable[Desk]], stage: Stage, play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    case = CasePlay(stage, make_question(return_id=story.return_id))
    await case.ask()
    first, second = await new_desk("support", name="Sam Support"), await new_desk("clerk", name="Cleo Clerk")
    path = f"/desk/questions/{case.case_id}"
    assert case.case_id in (await first.open("/desk/questions")).answer.text
    for desk in (first, second):
        await desk.open(path)
    assert story.return_id in first.answer.text
    assert "Nobody has shown that" in first.answer.text
    await first.send(path, do="answer", text="It is on its way.")
    assert "your answer is on its way" in first.answer.text
    await second.send(path, do="answer", text="Too late.")
    assert second.answer.status_code == 409
    assert "Sam Support wrote meanwhile" in second.answer.text
    assert "Too late." in second.answer.text
    await first.send(path, do="answer", text="")
    assert first.answer.status_code == 422
    await first.send(path, do="close")
    assert (await case.view()).closed


async def test_a_draft_of_the_policy_is_checked_and_not_kept(new_desk: Callable[..., Awaitable[Desk]]) -> None:
    desk = await new_desk("auditor")
    await desk.open("/desk/policy")
    in_force = desk.answer.text
    await desk.send("/desk/policy", draft="[eligibility]\nwindow_dayz = 3\n")
    assert (desk.answer.status_code, "Line 2" in desk.answer.text) == (422, True)
    await desk.send("/desk/policy", draft='version = "spring"\n[eligibility]\nwindow_days = 77\n')
    assert "eligibility.window_days" in desk.answer.text
    assert "77" in desk.answer.text
    again = (await desk.open("/desk/policy")).answer.text
    assert "77" not in again.split("facts", 1)[1]
    assert len(again) == len(in_force)


async def test_who_only_looks_has_no_buttons(
    new_desk: Callable[..., Awaitable[Desk]], play: Callable[..., Play]
) -> None:
    story = await _in_review(play, "Just Looking")
    path = f"/desk/returns/{story.return_id}"
    clerk, auditor = await new_desk("clerk"), await new_desk("auditor")
    await auditor.open(path)
    assert 'value="approve"' not in auditor.answer.text
    fields = (await clerk.open(path)).form(path).with_(do="approve")
    token = auditor.form("/staff/sign-out").with_()[0][1]
    refused = await auditor.post(path, [("csrf", token), *[field for field in fields if field[0] != "csrf"]])
    assert refused.status_code == 403
    assert (await story.view()).status is Status.IN_REVIEW


async def test_an_event_without_a_return_is_put_away(new_desk: Callable[..., Awaitable[Desk]]) -> None:
    desk = await new_desk("manager")
    await desk.open("/desk")
    assert desk.answer.status_code == 200
    assert len(desk.answer.content) < 100_000
    form = desk.form("/staff/sign-out").with_()
    unknown = await desk.post("/desk/inbox/999999", [*form, ("do", "dismiss"), ("why", "spam")])
    assert unknown.status_code in (404, 409)


def test_the_details_of_a_return_say_what_waits_and_what_comes() -> None:
    told = (
        "**in_transit** · refund of 1.00 USD\n\n- waits for the parcel to arrive\n- 2026-12-01 10:00 UTC handed_over\n"
    )
    told += "- next by itself: reminder at 2026-12-03 05:00 UTC\n"
    at = datetime(2026, 12, 3, 5, tzinfo=UTC)
    assert lines_of(told) == [Line("Waits for the parcel to arrive", None), Line("Next by itself: reminder", at)]


@pytest.mark.parametrize(
    ("step", "kind"),
    [("refund", "refund"), ("refund-t1-2", "refund"), ("release_hold", "release_hold"), ("x", "unforeseen")],
)
def test_a_step_is_spoken_of_by_its_kind(step: str, kind: str) -> None:
    assert step_kind(step) == kind
