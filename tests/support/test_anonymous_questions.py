"""A form that anybody can fill in mails nobody but the order's own customer, until somebody answers."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from temporalio.testing import ActivityEnvironment

from activities.support.cases import OpenCaseInput, SupportActivities, record_id
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.messages.outbox import latest_mails
from gateways.database.support.cases import get_case
from lifecycle.contract.policy import Policy
from lifecycle.support import rules
from lifecycle.support.faq import FaqAnswer
from lifecycle.support.messages import CUSTOMER, CloseCase
from lifecycle.support.state import AskersAddress
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.services import services_of
from tests.api.conftest import calling, settings_of
from tests.portal.visits import Caller, CountedOrders, hidden, keep_order, somewhere, visitor
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import Play

ANSWER = "It went to 1 Main St"
COMES = "We answer by mail, to the address that you gave."


async def send(caller: Caller, **fields: str) -> httpx.Response:
    """Send a question that no answer of the FAQ fits."""
    page = await caller.text(f"/help/contact?follows={fields.get('follows', '')}")
    form = {"topic": "support", "subject": "xyzzy", "text": "xyzzy", "sure": "yes"}
    form |= {name: hidden(page, name) for name in ("csrf", "question", "follows")}
    return await caller.http.post("/help/contact", data=form | fields)


async def asked(caller: Caller, stage: Stage, **fields: str) -> CasePlay:
    """The case of a question that was sent, once its order was looked up."""
    answer = await send(caller, **fields)
    assert answer.status_code == 303, answer.text
    case_id = answer.headers["location"].rpartition("/")[2]
    known = await get_case(stage.db, case_id)
    assert known
    case = CasePlay(stage, known.request)
    if known.request.anonymous:
        await case.until(lambda: ledger.find(stage.db, record_id(case_id), "check_address"), bool)
    return case


async def templates(case: CasePlay) -> list[str]:
    return [mail["template"] for mail in await case.mails()]


@pytest.mark.parametrize("known", [True, False])
async def test_an_address_that_is_not_the_orders_is_mailed_nothing_until_somebody_answers(
    ready: Ready, stage: Stage, known: bool
) -> None:
    order = await keep_order(stage, email="owner@example.com")
    number, email = (order.order_id if known else "SO-nobody-knows"), f"typed-{known}@example.com"
    async with Caller(ready.api) as caller, Caller(ready.api) as reader:
        case = await asked(caller, stage, number=number, email=email)
        page = await caller.text(f"/help/cases/{case.case_id}")
        assert COMES in page
        assert (await case.view()).address == AskersAddress(of_order=False if known else None)
        assert await latest_mails(stage.db, email, 10) == []
        await case.answer(ANSWER)
        await case.until_mails("support_answer")
        [mail] = await latest_mails(stage.db, email, 10)
        link = re.findall(r"/help/case\?key=\S+", mail["text"])[0]
        answer = await reader.post("/help/case", key=link.partition("=")[2])
        assert ANSWER in await reader.text(answer.headers["location"])
        assert ANSWER not in await caller.text(f"/help/cases/{case.case_id}")
    assert await latest_mails(stage.db, "owner@example.com", 10) == []


async def test_the_orders_own_address_gets_a_receipt(ready: Ready, stage: Stage, play: Callable[..., Play]) -> None:
    order = await keep_order(stage, email="own@example.com")
    story = play()
    await story.start()
    customer = story.request.order.customer.mailbox
    async with Caller(ready.api) as caller:
        for number, email in ((f"#{order.order_id.lower()}", "Own@Example.com"), (story.return_id, customer)):
            case = await asked(caller, stage, number=number, email=email)
            assert await templates(case) == ["support_received"]
            assert (await case.view()).address.of_order
            assert COMES in await caller.text(f"/help/cases/{case.case_id}"), "the page says the same to all"


async def test_signing_in_to_an_order_proves_no_other_address_than_its_own(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage, email="signed@example.com")
    async with Caller(ready.api) as caller:
        await caller.sign_in(stage, order.order_id)
        number = f"#{order.order_id}"
        assert await templates(await asked(caller, stage, number=number, email="work@example.com")) == []
        mine = await asked(caller, stage, number=number, email="Signed@example.com")
        assert await templates(mine) == ["support_received"]


async def test_a_proved_address_gets_one_for_what_follows(ready: Ready, stage: Stage) -> None:
    async with Caller(ready.api) as caller:
        first = await asked(caller, stage, email="proved@example.com")
        await first.answer(ANSWER)
        await first.until_mails("support_answer")
        assert await templates(await asked(caller, stage, follows=first.case_id, email="proved@example.com")) == []
        link = re.findall(r"/help/case\?key=(\S+)", (await first.mails())[0]["text"])[0]
        await caller.post("/help/case", key=link)
        for email, mails in (("Proved@example.com", ["support_received"]), ("other@example.com", [])):
            assert await templates(await asked(caller, stage, follows=first.case_id, email=email)) == mails


async def test_following_questions_do_not_flood_the_address_that_was_proved(ready: Ready, stage: Stage) -> None:
    async with Caller(ready.api) as caller:
        first = await asked(caller, stage, email="often@example.com")
        await first.answer(ANSWER)
        await first.until_mails("support_answer")
        link = re.findall(r"/help/case\?key=(\S+)", (await first.mails())[0]["text"])[0]
        for _ in range(11):
            await caller.post("/help/case", key=link)
            await asked(caller, stage, follows=first.case_id, email="often@example.com")
    mails = await latest_mails(stage.db, "often@example.com", 100)
    assert [mail["template"] for mail in mails].count("support_received") == 10


async def test_who_knows_an_order_cannot_flood_its_customer(ready: Ready, stage: Stage) -> None:
    order = await keep_order(stage, email="many@example.com")
    for _ in range(3):
        async with visitor(ready) as caller:
            for _ in range(4):
                await asked(caller, stage, number=order.order_id, email="many@example.com")
    assert len(await latest_mails(stage.db, "many@example.com", 100)) == 10


async def test_questions_in_a_customers_name_do_not_keep_the_customer_out(ready: Ready, stage: Stage) -> None:
    elsewhere = Database(ready.database)
    pages = calling(services_of(settings_of(), stage.clock.client, elsewhere))
    place = somewhere()
    async with visitor(ready, place) as stranger, visitor(ready) as customer, pages as other:
        for number in range(20):
            assert (await send(stranger, email=f"victim+{number}@example.com")).status_code == 303
        answer = await send(stranger, email="Victim@example.com")
        assert (answer.status_code, 0 < int(answer.headers["retry-after"]) <= 3600) == (429, True)
        assert (await send(customer, email="victim@example.com")).status_code == 303
        assert isinstance(other._transport, httpx.ASGITransport)
        other._transport.client = (place, 1)
        beside = Caller("")
        await beside.http.aclose()
        beside.http = other
        assert (await send(beside, email="victim@example.com")).status_code == 429, "processes count together"
    await elsewhere.dispose()


async def test_whoever_waits_for_the_page_waits_for_no_order(stage: Stage) -> None:
    """So that the time of the answer does not tell whether order and address belong together."""
    order = await keep_order(stage, email="untimed@example.com")
    orders = CountedOrders(order)
    services = replace(services_of(settings_of(), stage.clock.client, stage.db), orders=orders)
    async with Caller("") as caller, calling(services) as http:
        await caller.http.aclose()
        caller.http = http
        case = await asked(caller, stage, number=order.order_id, email="untimed@example.com")
        await caller.text(f"/help/cases/{case.case_id}")
    assert orders.times == 0
    assert await templates(case) == ["support_received"]


async def test_the_step_that_is_waited_for_looks_up_no_anonymous_order(stage: Stage) -> None:
    order = await keep_order(stage, email="untimed@example.com")
    orders = CountedOrders(order)
    activities = SupportActivities(stage.db, Policy, no_answers, "https://shop.example", orders)
    for anonymous in (True, False):
        request = make_question(order_id=order.order_id, email="untimed@example.com", anonymous=anonymous)
        now = datetime.now(UTC)
        given = OpenCaseInput(request=request, view=rules.view_of(rules.begin(request, now)), now=now)
        opened = await ActivityEnvironment().run(activities.open_case, given)
        assert (opened.of_order, orders.times) == ((None, 0) if anonymous else (True, 1))


async def no_answers(_: str) -> list[FaqAnswer]:
    return []


async def test_a_question_that_was_closed_at_once_gets_no_receipt(stage: Stage) -> None:
    order = await keep_order(stage, email="settled@example.com")
    activities = SupportActivities(stage.db, Policy, no_answers, "https://shop.example", CountedOrders(order))
    request = make_question(order_id=order.order_id, email="settled@example.com", anonymous=True)
    now = datetime.now(UTC)
    case = rules.begin(request, now)
    given = OpenCaseInput(request=request, view=rules.view_of(case), now=now)
    rules.open_case(case, await ActivityEnvironment().run(activities.open_case, given))
    rules.close(case, CloseCase(by=CUSTOMER), now)
    given = given.model_copy(update={"view": rules.view_of(case)})
    for _ in range(2):
        checked = await ActivityEnvironment().run(activities.check_address, given)
        assert checked.of_order
    assert await latest_mails(stage.db, "settled@example.com", 10) == []
