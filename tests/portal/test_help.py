"""Help in the browser: a question that the FAQ answers, one that goes to the shop, one that becomes a return."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page

from client.support import Support
from gateways.database.messages.outbox import latest_mails
from gateways.database.support import faq
from gateways.language import OWN_CONTENT
from lifecycle.support.messages import CUSTOMER, AddMessage, CloseCase, MakeReturn, Queue
from lifecycle.support.state import CaseView
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.portal.help.markdown import prose
from tests.portal.browsing import Tab
from tests.portal.visits import keep_order, sign_in, visitor
from tests.workflows.returns.play import Play

NewTab = Callable[..., Awaitable[Tab]]
ONE_SHOE = [{"line_id": "1", "sku": "SHOE-42", "title": "Trail shoe", "quantity": 1, "unit_price": 4000}]


@pytest.fixture
def support(stage: Stage) -> Support:
    """The shop's side."""
    return Support(stage.clock.client, stage.db)


async def counted(stage: Stage, faq_id: str) -> tuple[int, int]:
    found = {row["faq_id"]: (int(row["shown"]), int(row["ended"])) for row in await faq.counts(stage.db)}
    return found[faq_id]


async def fill(page: Page, topic: str, **fields: str) -> None:
    await page.get_by_label(topic).check()
    for name, value in fields.items():
        await page.locator(f"#{name}").fill(value)
    await press(page.get_by_role("button", name="Go on"))


async def press(place: Locator) -> None:
    """Click, and wait for the page that it leads to."""
    async with place.page.expect_navigation():
        await place.click()


async def case_of(page: Page, support: Support) -> CaseView:
    return await support.view(page.url.rpartition("/")[2])


async def test_a_question_that_the_faq_answers(tab: Tab, stage: Stage) -> None:
    page = tab.page
    await tab.go("/")
    await press(page.get_by_role("link", name="Help"))
    await tab.look("help")
    await page.get_by_label("Search the answers").fill("how long until I have my refund?")
    await press(page.get_by_role("button", name="Search"))
    await tab.look("help-found")
    await press(page.get_by_role("link", name="When do I get my money?"))
    await tab.look("help-answer")
    shown, ended = await counted(stage, "when-refund")
    await press(page.get_by_role("button", name="Yes, it did"))
    assert await page.locator("h1").inner_text() == "Good to hear"
    await tab.look("help-answered")
    assert await counted(stage, "when-refund") == (shown, ended + 1)


async def test_a_question_by_form_that_is_answered_before_it_is_sent(tab: Tab, stage: Stage, support: Support) -> None:
    page = tab.page
    await tab.go("/help/contact")
    await tab.look("contact")
    await press(page.get_by_role("button", name="Go on"))
    await tab.look("contact-problems")
    assert await page.locator("#email").get_attribute("aria-invalid") == "true"
    words = {"email": "no.printer@example.com", "subject": "Label", "text": "I have no printer"}
    await fill(page, "Something else", **words)
    await tab.look("offered")
    _, ended = await counted(stage, "print-label")
    await press(page.get_by_role("button", name="This answered my question").first)
    assert await page.locator("h1").inner_text() == "Good to hear"
    assert await counted(stage, "print-label") == (_, ended + 1)
    assert await latest_mails(stage.db, "no.printer@example.com", 1) == []


async def test_a_question_about_a_return_that_becomes_one(tab: Tab, stage: Stage, support: Support) -> None:
    order = await keep_order(stage, email="heel@example.com", lines=ONE_SHOE)
    page = tab.page
    await tab.go("/help/contact")
    words = {"number": order.order_id, "email": "heel@example.com", "subject": "A heel", "text": "It came off."}
    await fill(page, "A return", **words)
    await tab.look("case-open")
    case = await case_of(page, support)
    assert (case.queue, case.order_id, case.channel) == (Queue.RETURNS, order.order_id, "web")
    await page.get_by_label("Your message").fill("The left one,\nby the way.")
    await press(page.get_by_role("button", name="Send"))
    answer = AddMessage(message_id="m1", by="alex", text="We are sorry. Shall we begin a return for you?")
    await support.add_message(case.case_id, answer)
    [mail] = [mail for mail in await mails_to(stage, "heel@example.com", 2) if mail["template"] == "support_answer"]
    await page.reload()
    assert "We have answered by mail" in await page.locator("main").inner_text()
    assert "We are sorry" not in await page.content(), "nobody has shown yet that the address is theirs"
    await follow_link(tab, mail["text"])
    await tab.look("case-answered")
    assert "We are sorry" in await page.locator("main").inner_text()
    assert "alex" not in await page.content(), "who answered is the shop's own business"
    await page.get_by_label("Your message").fill("Yes, please")
    await press(page.get_by_role("button", name="Send"))
    made = await support.make_return(case.case_id, MakeReturn(by="alex"))
    await tab.go(f"/help/cases/{case.case_id}")
    await tab.look("case-became-return")
    await sign_in(tab, stage, order.order_id)
    await tab.go(f"/help/cases/{case.case_id}")
    await press(page.get_by_role("link", name="To your return"))
    assert made.became_return
    assert made.became_return in await page.locator("main").inner_text()


async def follow_link(tab: Tab, text: str) -> None:
    """Of a mail about a question: to its page, and on by the button."""
    await tab.page.goto(re.findall(r"http\S+/help/case\S+", text)[0])
    await tab.look("case-link")
    await press(tab.page.get_by_role("button", name="Go to my question"))


async def mails_to(stage: Stage, address: str, count: int) -> Any:
    for _ in range(100):
        found = await latest_mails(stage.db, address, 10)
        if len(found) >= count:
            return found
        await asyncio.sleep(0.05)
    raise TimeoutError(f"not {count} mails to {address}")


async def test_a_return_leads_to_a_question_about_it(tab: Tab, stage: Stage, play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await sign_in(tab, stage, story.request.order.order_id)
    await tab.go(f"/returns/{story.return_id}")
    await press(tab.page.get_by_role("link", name="Write to us about this return"))
    assert await tab.page.get_by_label("Number of your return or order").input_value() == story.return_id
    assert await tab.page.get_by_label("A return").is_checked()


async def test_everything_works_without_script_and_a_closed_question_leads_to_a_new_one(
    new_tab: NewTab, stage: Stage, support: Support
) -> None:
    tab = await new_tab(java_script_enabled=False)
    page = tab.page
    await tab.go("/help/contact?return=R-unknown")
    assert await page.get_by_label("A return").is_checked()
    words = {"email": "nothing@example.com", "subject": "Label", "text": "No printer here"}
    await fill(page, "A return", **words)
    await press(page.get_by_role("button", name="Send my question"))
    case = await case_of(page, support)
    assert case.answers[0].faq_id == "print-label"
    await press(page.get_by_role("button", name="This answered my question").first)
    assert "This question is closed" in await page.locator("main").inner_text()
    assert (await support.view(case.case_id)).timeline[-1].detail == "answered by print-label"
    await press(page.get_by_role("link", name="Ask a new question"))
    await fill(page, "A return", **words | {"text": "xyzzy", "subject": "xyzzy"})
    assert (await case_of(page, support)).follows == case.case_id


async def test_a_message_that_comes_too_late_is_not_lost(tab: Tab, support: Support) -> None:
    page = tab.page
    await tab.go("/help/contact")
    await fill(page, "Something else", email="late@example.com", subject="Label", text="No printer here")
    await press(page.get_by_role("button", name="Send my question"))
    await tab.look("case-perhaps")
    case = await case_of(page, support)
    await support.close(case.case_id, CloseCase(by="alex"))
    await page.get_by_label("Your message").fill("One more thing")
    await press(page.get_by_role("button", name="Send"))
    await tab.look("case-too-late")
    text = await page.locator("main").inner_text()
    assert "was not sent" in text
    assert "One more thing" in text


async def ask_twice(visitor: httpx.AsyncClient, ready: Ready, number: str) -> httpx.Response:
    """Press the button twice, then send what is not a form of this visitor's; gives the page that it led to."""
    form = hidden((await visitor.get("/help/contact")).text)
    form |= {"topic": "support", "email": "twice@example.com", "subject": "xyzzy", "text": "xyzzy", "number": number}
    before = dict(visitor.cookies)
    first = await visitor.post("/help/contact", data=form)
    async with httpx.AsyncClient(base_url=ready.api, cookies=before, follow_redirects=True) as pressed_again:
        second = await pressed_again.post("/help/contact", data=form)
    assert first.url == second.url
    assert (await visitor.post("/help/contact", data=form | {"csrf": "other"})).status_code == 403
    mine = hidden((await visitor.get("/help/contact")).text)["csrf"]
    assert (await visitor.post("/help/contact", data=form | {"csrf": mine, "question": "S-1"})).status_code == 403
    return first


async def test_what_is_sent_twice_is_one_question_and_nobody_else_sees_it(
    ready: Ready, stage: Stage, support: Support, new_tab: NewTab
) -> None:
    order = await keep_order(stage, email="twice@example.com")
    async with httpx.AsyncClient(base_url=ready.api, follow_redirects=True) as visitor:
        first = await ask_twice(visitor, ready, order.order_id)
        mails = await mails_to(stage, "twice@example.com", 1)
        link = re.findall(r"http\S+/help/case\S+", mails[0]["text"])[0]
        assert [mail["template"] for mail in mails] == ["support_received"]
        page = (await visitor.get(first.url.path)).text
        message = hidden(page) | {"text": "Hello"}
        for _ in range(2):
            await visitor.post(f"{first.url.path}/messages", data=message)
        assert (await visitor.post(f"{first.url.path}/messages", data=message | {"text": " "})).status_code == 422
    case_id = first.url.path.rpartition("/")[2]
    said = (await support.view(case_id)).messages
    assert [(one.by, one.text) for one in said] == [(CUSTOMER, "xyzzy"), (CUSTOMER, "Hello")]
    async with httpx.AsyncClient(base_url=ready.api, follow_redirects=True) as stranger:
        assert (await stranger.get(first.url.path)).status_code == 404
        assert (await stranger.get("/help/cases/S-nobody")).status_code == 404
        assert (await stranger.post(f"{first.url.path}/close", data={})).status_code in (403, 404)
        assert (await stranger.get(f"{link}x")).status_code == 403
        landed = hidden((await stranger.get(link)).text)
        assert (await stranger.get(first.url.path)).status_code == 404, "looking signs nobody in"
        assert (await stranger.post("/help/case", data=landed)).url.path == first.url.path
    tab = await new_tab()
    await tab.go("/help/case?key=nonsense")
    await tab.look("case-old-link")


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's first form in its main part."""
    return dict(
        re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.partition("<main")[2].partition("</form>")[0])
    )


async def test_every_answer_has_a_page_whose_links_lead_somewhere(ready: Ready) -> None:
    async with httpx.AsyncClient(base_url=ready.api) as visitor:
        index, targets = (await visitor.get("/help")).text, set()
        for file in sorted((OWN_CONTENT / "faq").glob("*.md")):
            assert f'href="/help/faq/{file.stem}"' in index
            page = await visitor.get(f"/help/faq/{file.stem}")
            assert page.status_code == 200
            targets |= set(re.findall(r'href="(/[^"]*)"', page.text.partition("<main")[2]))
        assert targets >= {"/", "/help/contact"}
        assert {target: (await visitor.get(target)).status_code for target in targets} == dict.fromkeys(targets, 200)
        assert (await visitor.get("/help/faq/nothing")).status_code == 404
        odd = await visitor.get("/help", params={"q": '<script>xyzzy</script>" OR *'})
        assert "<script>xyzzy" not in odd.text
        assert "We have no answer to that yet" in odd.text


def test_markdown_brings_no_html_of_its_own() -> None:
    text = prose("<script>alert(1)</script> <b>bold</b> [x](javascript:alert(1)) **really**")
    assert "<script" not in text
    assert "<b>" not in text
    assert 'href="javascript' not in text
    assert "<strong>really</strong>" in text


async def test_one_network_says_thirty_times_a_minute_that_an_answer_helped(ready: Ready, stage: Stage) -> None:
    async with visitor(ready) as caller, visitor(ready) as other:
        said = {"csrf": await caller.csrf()}
        path = "/help/faq/print-label/answered"
        answers = [await caller.http.post(path, data=said | {"question": f"flood-{number}"}) for number in range(31)]
        assert [answer.status_code for answer in answers] == [303] * 30 + [429]
        again = await other.http.post(path, data={"csrf": await other.csrf(), "question": "another"})
        assert again.status_code == 303
