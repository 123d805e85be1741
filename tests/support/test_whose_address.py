"""Whoever asks may not own the mailbox: staff sees it, answers wait for it, and no return is made of others' orders."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from client.errors import NotAllowed
from gateways.database.messages.outbox import mails_of
from gateways.database.returns.records import get_return
from gateways.orders.database import keep_orders
from gateways.orders.protocol import FoundOrder
from lifecycle.contract.request import Order
from lifecycle.support import rules
from lifecycle.support.messages import MakeReturn, WantedReturn
from lifecycle.support.state import AskersAddress
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.portal.shared.texts import t
from tests.portal.visits import Caller
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import make_request

ONE_SHOE = {"line_id": "1", "sku": "SHOE-42", "title": "Trail shoe", "quantity": 1, "unit_price": 4000}
STRANGER = "mallory@example.net"
ANSWER = "It went to 1 Main St"


@pytest.fixture
def case(stage: Stage) -> Callable[..., CasePlay]:
    """Make a case of its own; keywords change its question."""
    return lambda **changes: CasePlay(stage, make_question(**changes))


@pytest.fixture
async def order(stage: Stage) -> Order:
    """One that the shop knows, of one shoe, of customer@example.com."""
    made = make_request(lines=[ONE_SHOE]).order
    await keep_orders(stage.db, [FoundOrder(made)])
    return made


async def _link(play: CasePlay) -> str:
    """What the latest mail of the case brings, as a path."""
    found = re.search(r"https?://[^/\s]+(/help/case\?key=\S+)", (await play.mails())[-1]["text"])
    assert found
    return found[1]


async def _entered(reader: Caller, link: str) -> str:
    """The page behind the link's button."""
    assert ANSWER not in await reader.text(link), "what looks through mails follows links, and proves nothing"
    answer = await reader.post("/help/case", key=link.partition("=")[2])
    return await reader.text(answer.headers["location"])


async def _address(play: CasePlay) -> AskersAddress:
    return (await play.view()).address


async def test_whether_the_address_is_the_orders_is_known_as_the_case_opens(
    case: Callable[..., CasePlay], order: Order, stage: Stage
) -> None:
    mine = case(order_id=f"#{order.order_id.lower()}", email="Customer@Example.com")
    theirs, unknown = case(order_id=order.order_id, email=STRANGER), case(order_id="SO-nobody-knows")
    begun = make_request()
    await stage.homeward.start(begun)
    about = case(return_id=begun.return_id, email=STRANGER)
    for play, of_order in ((mine, True), (theirs, False), (unknown, None), (case(), None), (about, False)):
        await play.ask()
        assert await _address(play) == AskersAddress(proved=False, of_order=of_order)
        [kept] = [row for row in await play.support.list(limit=10_000) if row.case_id == play.case_id]
        assert kept.address.of_order is of_order


@pytest.mark.parametrize(
    ("proved", "of_order", "words"),
    [
        (True, True, "proved, is the order's"),
        (False, False, "not proved, is not the order's"),
        (False, None, "not proved, no order known"),
    ],
)
def test_staff_reads_it_in_words(proved: bool, of_order: bool | None, words: str) -> None:
    assert rules.in_words(AskersAddress(proved=proved, of_order=of_order)) == words


def test_it_is_proved_once() -> None:
    now = datetime.now(UTC)
    found = rules.begin(make_question(), now)
    for _ in range(2):
        rules.prove(found, now)
    assert [entry.event for entry in found.timeline] == ["opened", "address_proved"]


async def test_the_link_of_a_mail_is_the_proof(ready: Ready, case: Callable[..., CasePlay], stage: Stage) -> None:
    play = case()
    await play.ask()
    await play.answer(ANSWER)
    await play.until_mails("support_received", "support_answer")
    link = await _link(play)
    async with Caller(ready.api) as looking:
        assert (await looking.http.get(link)).status_code == 200
    assert not (await _address(play)).proved
    for _ in range(2):
        async with Caller(ready.api) as reader:
            assert ANSWER in await _entered(reader, link)
        await play.until(play.view, lambda view: view.address.proved)
        await play.until(
            lambda: play.support.list(limit=10_000),
            lambda rows: any(row.case_id == play.case_id and row.address.proved for row in rows),
        )
    assert (await play.events()).count("address_proved") == 1
    await play.close()
    await play.ended()
    async with Caller(ready.api) as reader:
        assert ANSWER in await _entered(reader, link)
    assert (await _address(play)).proved


async def test_who_only_asked_sees_their_own_words_and_not_the_answer(ready: Ready, stage: Stage, order: Order) -> None:
    async with Caller(ready.api) as asker:
        sealed = re.search(r'name="question" value="([^"]+)"', await asker.text("/help/contact"))
        assert sealed
        said = {"topic": "support", "number": order.order_id, "email": order.customer.mailbox, "sure": "1"}
        words = {"subject": "Where is it?", "text": "Where did my parcel go?"}
        sent = await asker.post("/help/contact", question=sealed[1], **said, **words)
        page = sent.headers["location"]
        play = CasePlay(stage, make_question(case_id=page.rpartition("/")[2]))
        await play.answer(ANSWER)
        shown = await asker.text(page)
    assert (words["text"] in shown, ANSWER in shown) == (True, False)


async def test_who_only_asked_writes_and_closes_until_the_addresses_owner_has_proved_it(
    ready: Ready, stage: Stage, order: Order
) -> None:
    async with Caller(ready.api) as asker, Caller(ready.api) as owner:
        sealed = re.search(r'name="question" value="([^"]+)"', await asker.text("/help/contact"))
        assert sealed
        said = {"topic": "support", "email": order.customer.mailbox, "sure": "1", "subject": "Lamp", "text": "Where?"}
        page = (await asker.post("/help/contact", question=sealed[1], **said)).headers["location"]
        play = CasePlay(stage, make_question(case_id=page.rpartition("/")[2]))
        assert (await asker.post(f"{page}/messages", message="m-1", text="And when?")).status_code == 303
        await play.answer(ANSWER)
        await play.until_mails("support_answer")
        link = await _link(play)
        await _entered(owner, link)
        await play.until(play.view, lambda view: view.address.proved)
        assert (await asker.post(f"{page}/messages", message="m-2", text="Send it elsewhere")).status_code == 403
        assert (await asker.post(f"{page}/close", request_id="c-1")).status_code == 403
        shown = await asker.text(page)
        assert (t("case.by_link") in shown, f"{page}/messages" in shown, f"{page}/close" in shown) == (
            True,
            False,
            False,
        )
        assert (await owner.post(f"{page}/messages", message="m-3", text="Thank you")).status_code == 303
        texts = [message.text for message in (await play.view()).messages]
    assert texts == ["Where?", "And when?", ANSWER, "Thank you"]


async def test_who_has_signed_in_to_the_order_sees_the_answers(
    ready: Ready, case: Callable[..., CasePlay], order: Order, stage: Stage
) -> None:
    other = make_request(lines=[ONE_SHOE]).order
    await keep_orders(stage.db, [FoundOrder(other)])
    play = case(order_id=f"#{order.order_id.lower()}")
    await play.ask()
    await play.answer(ANSWER)
    page = f"/help/cases/{play.case_id}"
    async with Caller(ready.api) as owner, Caller(ready.api) as stranger:
        assert (await owner.http.get(page)).status_code == 404
        await owner.sign_in(stage, order.order_id)
        assert ANSWER in (await owner.http.get(page)).text
        await stranger.sign_in(stage, other.order_id)
        assert (await stranger.http.get(page)).status_code == 404
    assert not (await _address(play)).proved, "that is another address's proof"


async def test_no_return_of_anothers_order_without_a_word(
    case: Callable[..., CasePlay], order: Order, stage: Stage
) -> None:
    play = case(order_id=order.order_id, email=STRANGER)
    await play.ask()
    for wanted in (None, WantedReturn(order=order), WantedReturn(order_id=order.order_id)):
        with pytest.raises(NotAllowed, match="from another address than the order's customer has"):
            await play.make_return(wanted)
    assert await get_return(stage.db, f"R-{play.case_id}") is None
    assert await mails_of(stage.db, f"R-{play.case_id}") == [], "the owner hears of nothing"
    summary = await play.support.make_return(play.case_id, MakeReturn(by="alex", anyway=True))
    assert summary.became_return == f"R-{play.case_id}"
    [said] = [entry for entry in (await play.view()).timeline if entry.detail == "whoever asked"]
    assert (said.event, said.by) == ("return_wanted", "alex")


async def test_operations_are_mailed_nothing_that_whoever_asked_has_typed(case: Callable[..., CasePlay]) -> None:
    play = case(order_id="Pay at evil.example", email=STRANGER)
    await play.ask()
    await play.until_due(1)
    await play.until_mails("support_received", "support_escalated")
    mail = (await play.mails())[-1]
    assert play.case_id in mail["text"]
    assert "evil.example" not in mail["subject"] + mail["text"]


async def test_operations_and_the_temporal_ui_are_shown_no_address(case: Callable[..., CasePlay], order: Order) -> None:
    play = case(order_id=order.order_id, email=STRANGER)
    await play.ask()
    details = (await play.handle.query("__temporal_workflow_metadata")).current_details
    assert "not proved, is not the order's" in details
    assert STRANGER not in details
    await play.until_due(1)
    await play.until_mails("support_received", "support_escalated")
    mail = (await play.mails())[-1]["text"]
    assert "not proved, is not the order's" in mail
    assert STRANGER not in mail
