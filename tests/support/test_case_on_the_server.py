"""Support cases on the real server: promised hours, conversation, silence, repeats, endings."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from client.errors import Closed, NotAllowed, OtherRequest, UnknownCase
from client.ids import new_case_id
from client.names import support_id
from client.search_attributes import ESCALATED, ORDER, RESOLVE_BY, STATUS
from client.support import Support
from gateways.database.support import cases as support
from lifecycle.support.messages import CUSTOMER, Queue
from lifecycle.support.state import CaseStatus
from starter.demo.story import Stage
from tests.support.cases import CasePlay, make_question


@pytest.fixture
def case(stage: Stage) -> Callable[..., CasePlay]:
    """Make a case of its own; keywords change its question."""
    return lambda **changes: CasePlay(stage, make_question(**changes))


async def test_a_question_is_received_with_answers_of_the_faq_and_a_promise(case: Callable[..., CasePlay]) -> None:
    play = case(subject="Label", text="I have no printer, how do I print the label?")
    asked = await play.ask()
    assert asked.created
    assert asked.summary.answer_by == (await play.view()).answer_by
    [mail] = await play.mails()
    assert (mail["to"], mail["template"]) == ("customer@example.com", "support_received")
    assert f"[{play.case_id}]" in mail["subject"]
    assert "/help/faq/print-label" in mail["text"]
    assert "/help/case?key=" in mail["text"]
    assert "printer, how" not in mail["text"], "a receipt must not carry a stranger's words"
    assert (await play.view()).answers[0].faq_id == "print-label"


async def test_nobody_answers_in_time(case: Callable[..., CasePlay]) -> None:
    play = case()
    await play.ask()
    await play.until_due(minutes=-1)
    assert not (await play.view()).escalated
    await play.until_due(minutes=1)
    await play.until_mails("support_received", "support_escalated")
    [_, mail] = await play.mails()
    assert (mail["to"], play.case_id in mail["text"]) == ("operations@example.com", True)
    attributes = (await play.handle.describe()).typed_search_attributes
    assert attributes.get(ESCALATED) is True
    summary = await play.answer()
    assert (summary.status, summary.escalated) == ("answered", False)


async def test_a_conversation_that_ends_in_silence(case: Callable[..., CasePlay]) -> None:
    play = case(order_id="SO-77")
    await play.ask()
    await play.answer("Which shoe is it?")
    await play.until_mails("support_received", "support_answer")
    assert "Which shoe is it?" in (await play.mails())[-1]["text"]
    summary = await play.say("The left one")
    assert (summary.status, summary.answer_by is not None) == ("open", True)
    attributes = (await play.handle.describe()).typed_search_attributes
    assert (attributes.get(STATUS), attributes.get(ORDER)) == ("open", "SO-77")
    assert attributes.get(RESOLVE_BY) is not None
    await play.answer("A new one is on its way")
    await play.pass_time(timedelta(days=8.1))
    assert (await play.ended())["status"] == "closed"
    assert [mail["template"] for mail in await play.mails()][-1] == "support_closed"
    assert await play.events() == ["opened", "answered", "asked", "answered", "closed"]


async def test_the_case_is_shown_long_after_temporal_forgot_it(case: Callable[..., CasePlay], stage: Stage) -> None:
    play = case()
    await play.ask()
    await play.answer("Like this")
    await play.say("Thanks")
    await play.close(reason="it works")
    await play.ended()
    kept = await support.get_case(stage.db, play.case_id)
    assert kept is not None
    assert kept.view == await play.view()
    assert [(said.by, said.text) for said in kept.view.messages[1:]] == [("alex", "Like this"), (CUSTOMER, "Thanks")]
    assert kept.request == play.request
    assert kept.closed_at is not None


async def test_ten_times_at_once_is_one_case(case: Callable[..., CasePlay]) -> None:
    play = case()
    answers = await asyncio.gather(*(play.ask() for _ in range(10)))
    assert len({answer.summary.model_dump_json() for answer in answers}) == 1
    await play.close()
    await play.ended()
    again = await play.ask()
    assert (again.created, again.summary.status) == (False, "closed")
    assert len(await play.mails()) == 1
    with pytest.raises(OtherRequest):
        await CasePlay(play._stage, play.request.model_copy(update={"text": "something else"})).ask()


async def test_what_is_said_twice_is_said_once(case: Callable[..., CasePlay]) -> None:
    play = case()
    await play.ask()
    first = await play.answer("Like this", message_id="m-1")
    assert await play.answer("Like this", message_id="m-1") == first
    assert await play.answer("Like this", message_id="m-1") == first
    await play.until_mails("support_received", "support_answer")
    await play.handle.execute_update("add_message", {"message_id": "m-1", "by": "alex", "text": "Like this"})
    with pytest.raises(Exception, match="failed") as refused:
        await play.handle.execute_update("add_message", {"message_id": "m-1", "by": "alex", "text": "Otherwise"})
    assert "was another message" in str(refused.value.__cause__)
    assert len((await play.view()).messages) == 2
    assert len(await play.mails()) == 2


async def test_a_closed_case_takes_no_more_and_an_unknown_one_is_distinguished(case: Callable[..., CasePlay]) -> None:
    play = case()
    await play.ask()
    await play.close(by="alex", reason="You may keep it.")
    await play.ended()
    assert "You may keep it." in (await play.mails())[-1]["text"]
    for act in (play.say("But"), play.answer(), play.close(), play.make_return()):
        with pytest.raises(Closed, match=f"{play.case_id} is closed"):
            await act
    with pytest.raises(UnknownCase):
        await case().say("Hello")
    with pytest.raises(UnknownCase):
        await case().view()


async def test_a_cancel_request_from_outside_closes_the_case(case: Callable[..., CasePlay]) -> None:
    play = case()
    await play.ask()
    await play.handle.cancel()
    assert (await play.ended())["status"] == "closed"
    assert (await play.view()).timeline[-1].by == "temporal"
    await play.until_mails("support_received", "support_closed")
    assert (await play.handle.describe()).status is WorkflowExecutionStatus.COMPLETED


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "body"), ([{"email": "x"}], "case_id: expected to be there"), ([None], "body"), (["nonsense"], "body"),
        ([make_question().model_dump(mode="json")], "case_id: expected the workflow id"),
        ([make_question().model_dump(mode="json"), 2], "body: expected one question"),
    ],
)  # fmt: skip
async def test_an_invalid_start_fails_at_once_and_names_the_field(stage: Stage, given: list[Any], told: str) -> None:
    client = stage.clock.client
    handle = await client.start_workflow(
        "SupportCaseWorkflow", args=given, id=support_id(new_case_id()), task_queue="support"
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "InvalidRequest"
    assert told in failed.value.cause.message


@pytest.mark.parametrize(
    ("changes", "field"), [({"email": "john,doe@example.com"}, "email"), ({"subject": "My\u2028label"}, "subject")]
)
async def test_a_start_by_name_is_judged_by_its_texts(stage: Stage, changes: dict[str, str], field: str) -> None:
    question = make_question().model_dump(mode="json") | changes
    handle = await stage.clock.client.start_workflow(
        "SupportCaseWorkflow", question, id=support_id(question["case_id"]), task_queue="support"
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert (failed.value.cause.type, failed.value.cause.message.partition(":")[0]) == ("InvalidRequest", field)
    assert await support.get_case(stage.db, question["case_id"]) is None


async def test_a_case_that_closed_before_is_not_opened_again_by_name(
    case: Callable[..., CasePlay], stage: Stage
) -> None:
    play = case()
    await play.ask()
    await play.close()
    await play.ended()
    for body, kind in ((play.request, "ClosedBefore"), (make_question(case_id=play.case_id, text="x"), "KeyReused")):
        handle = await stage.clock.client.start_workflow(
            "SupportCaseWorkflow", body.model_dump(mode="json"), id=support_id(play.case_id), task_queue="support"
        )
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
        assert isinstance(failed.value.cause, ApplicationError)
        assert failed.value.cause.type == kind
    assert [mail["template"] for mail in await play.mails()] == ["support_received"]


async def test_nothing_personal_is_seen_in_lists_summaries_and_details(case: Callable[..., CasePlay]) -> None:
    play = case(subject="About Sample Customer", text="Call me at 555-0100", email="customer@example.com")
    await play.ask()
    await play.answer("Dear Sample Customer")
    history = json.loads((await play.handle.fetch_history()).to_json())
    shown = [event.get("userMetadata") for event in history["events"]]
    attributes = str((await play.handle.describe()).typed_search_attributes)
    for personal in ("Sample", "555", "@", "Dear"):
        assert personal not in attributes
        assert personal not in json.dumps(shown)


async def test_lists_by_queue_and_status(case: Callable[..., CasePlay], stage: Stage) -> None:
    about_a_return, other = case(return_id="R-1"), case()
    await about_a_return.ask()
    await other.ask()
    await other.answer()
    await other.until_mails("support_received", "support_answer")
    cases = Support(stage.clock.client, stage.db)
    waiting = [row.case_id for row in await cases.list(statuses=[CaseStatus.OPEN], limit=10_000)]
    assert about_a_return.case_id in waiting
    assert other.case_id not in waiting
    returns = [row.case_id for row in await cases.list(Queue.RETURNS, limit=10_000)]
    assert about_a_return.case_id in returns
    assert other.case_id not in returns


async def test_words_that_databases_and_mails_stumble_over(case: Callable[..., CasePlay]) -> None:
    odd = 'Robert\'); DROP TABLE faq;-- \N{PILE OF POO} {{ 7 * 7 }} <script>alert(1)</script> \u2028 "NEAR" * OR'
    play = case(subject=odd[:80].replace("\u2028", ""), text=odd * 50)
    await play.ask()
    await play.answer(odd)
    await play.until_mails("support_received", "support_answer")
    assert odd.strip() in (await play.mails())[-1]["text"]
    assert (await play.view()).messages[0].text == odd * 50


async def test_a_misshaped_update_names_its_field(case: Callable[..., CasePlay]) -> None:
    play = case()
    await play.ask()
    before = await play.view()
    for name, message in (
        ("add_message", {"message_id": "m", "by": "", "text": "x"}),
        ("add_message", {"by": CUSTOMER}),
        ("close", {}),
        ("make_return", {"by": "alex", "request": {"items": []}}),
    ):
        with pytest.raises(Exception, match="failed"):
            await play.handle.execute_update(name, message)
    assert await play.view() == before
    with pytest.raises(NotAllowed):
        await play.answer("x", message_id="question")
