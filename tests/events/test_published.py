"""Every change of a return reaches the subscriber: as the timeline has it, in order, without anything personal."""

import asyncio
import json
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import Connection
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from gateways.database.messages import events
from gateways.errors import Unavailable
from gateways.subscribers.envelope import data_schema
from lifecycle.contract.events.roles import ROLES, STAFF
from lifecycle.contract.messages import Cancel, PaymentEvent, PaymentStatus, ResolveAttention, TrackingStatus
from lifecycle.contract.statuses import Status
from lifecycle.returns.views.events import EventBatch
from starter.demo.stories import STORIES
from starter.demo.story import Stage, read_example
from tests.events.receiver import Receiver
from tests.workflows.returns.play import Play
from workers.converter import CONVERTER
from workers.deployment.workflow_code import SANDBOX
from workflows.returns.workflow import ReturnWorkflow

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
#: Stories that between them have commands, changes, ends and a late parcel.
SOME = ("refund", "declined", "cancelled", "advance_replacement", "exchange", "way_changed", "late_parcel", "kept")


async def heard(receiver: Receiver, story: Play) -> list[dict[str, Any]]:
    """All its events, once the last one has come: they are the timeline."""
    timeline = (await story.view()).timeline
    await receiver.until(lambda: len(receiver.of(story.return_id)) >= len(timeline))
    told = receiver.of(story.return_id)
    assert [event["type"] for event in told] == [f"homeward.return.{entry.event}" for entry in timeline]
    for number, (event, entry) in enumerate(zip(told, timeline, strict=True), start=1):
        must_be = entry.model_dump(mode="json", exclude={"detail"})
        must_be["by"] = entry.by if entry.by in ROLES else STAFF
        assert event["data"]["entry"] == must_be
        assert (event["data"]["number"], event["time"], event["subject"]) == (number, must_be["at"], story.return_id)
        assert event["data"]["summary"]["return_id"] == story.return_id
        schema = data_schema(event["type"])
        assert not list(Draft202012Validator(schema).iter_errors(event["data"]))
        assert set(event["data"]) <= set(schema["properties"])
    return told


async def replayed(history: WorkflowHistory) -> None:
    """Today's code goes the way that it went."""
    replayer = Replayer(workflows=[ReturnWorkflow], data_converter=CONVERTER, workflow_runner=SANDBOX)
    await replayer.replay_workflow(history)


async def tell(stage: Stage, receiver: Receiver, names: Collection[str]) -> None:
    """Play these stories, at once; each is told as it was, and goes the same way again."""
    plays = {name: Play(stage, read_example(EXAMPLES / f"{name}.json")) for name in names}
    await asyncio.gather(*(STORIES[name](play) for name, play in plays.items()))
    for play in plays.values():
        await heard(receiver, play)
        await replayed(await play.handle.fetch_history())


async def test_stories_are_published_as_they_were(stage: Stage, receiver: Receiver) -> None:
    await tell(stage, receiver, SOME)


@pytest.mark.crash
async def test_every_story_is_published_as_it_was(stage: Stage, receiver: Receiver) -> None:
    await tell(stage, receiver, set(STORIES) - set(SOME))


async def test_each_event_is_of_its_own_moment_and_carries_what_it_is_about(
    play: Callable[..., Play], receiver: Receiver
) -> None:
    line = {"line_id": "1", "sku": "SHOE", "title": "Trail shoe", "quantity": 2, "unit_price": 4000}
    story = play(lines=[line], items=[{"line_id": "1", "quantity": 2, "reason": "size_too_small"}], tender="pi-moments")
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.inspect()
    await story.closed()
    told = {event["type"].removeprefix("homeward.return."): event["data"] for event in await heard(receiver, story)}
    statuses = [(name, data["summary"]["status"], data["summary"]["amount"]) for name, data in told.items()]
    assert statuses == [
        ("requested", "requested", 8000),
        ("label_sent", "label_sent", 8000),
        ("handed_over", "in_transit", 8000),
        ("received", "received", 8000),
        ("inspected", "received", 8000),
        ("refunded", "refunded", 8000),
        ("closed", "refunded", 8000),
    ]
    paid = (await story.view()).settlement.paid[0]
    assert told["refunded"]["paid"] == [
        {"tender_id": "t1", "kind": "card", "amount": 8000, "state": "succeeded", "reference": paid.reference}
    ]
    [units] = told["requested"]["units"]
    assert (units["sku"], units["quantity"], units["reason"], units["grade"]) == ("SHOE", 2, "size_too_small", None)
    [units] = told["refunded"]["units"]
    assert (units["quantity"], units["grade"], units["refund"]) == (2, "A", 8000)
    assert told["label_sent"]["tracking_code"] == (await story.view()).handover.tracking_code
    assert {data["resolution"] for data in told.values()} == {"refund"}
    assert all("paid" not in data for name, data in told.items() if name != "refunded")


async def test_nothing_personal_is_published(play: Callable[..., Play], stage: Stage, receiver: Receiver) -> None:
    story = play(name="Nora Nobody")
    await story.start()
    cancel = Cancel(by="Ned Nemo", reason="Nora Nobody of 1 Main St rang")
    await stage.homeward.cancel(story.return_id, cancel)
    await receiver.until(lambda: "cancelled" in receiver.types(story.return_id))
    told = receiver.of(story.return_id)
    text = json.dumps(told)
    for personal in ("Nora", "Nobody", "Nemo", "1 Main St", "Springfield", "customer@example.com", "rang"):
        assert personal not in text
    assert [event["data"]["entry"]["by"] for event in told if event["type"].endswith(".cancelled")] == [STAFF]


async def test_a_return_that_waits_for_an_operator_is_published_while_it_waits(
    play: Callable[..., Play], stage: Stage, receiver: Receiver
) -> None:
    story = play(tender="pi-told fault:refused")
    await story.start()
    await story.receive()
    await story.until(Status.RECEIVED)
    await story.inspect()
    await receiver.until(lambda: "attention" in receiver.types(story.return_id))
    [told] = [event for event in receiver.of(story.return_id) if event["type"].endswith(".attention")]
    assert (told["data"]["summary"]["attention"], told["data"]["summary"]["status"]) == ("refund", "settling")
    answer = ResolveAttention(by="finance", action="mark_done", reference="bank transfer 77")
    await stage.homeward.resolve_attention(story.return_id, answer)
    await story.closed()
    await heard(receiver, story)


async def test_a_return_that_goes_on_in_a_new_run_goes_on_counting(
    play: Callable[..., Play], stage: Stage, receiver: Receiver
) -> None:
    story = play()
    await story.start()
    await story.receive()
    await story.inspect()
    await story.closed()
    before = await heard(receiver, story)
    reference = (await story.view()).settlement.paid[0].reference or ""
    failed = PaymentEvent(event_id="late", reference=reference, status=PaymentStatus.FAILED, at=await story.now())
    await stage.homeward.payment_event(story.return_id, failed)
    await story.attention()
    retry = ResolveAttention(by="finance", action="retry")
    await stage.homeward.resolve_attention(story.return_id, retry)
    await story.closed()
    told = await heard(receiver, story)
    assert told[: len(before)] == before
    assert "reopened" in receiver.types(story.return_id)[len(before) :]
    await replayed(await story.handle.fetch_history())


async def test_events_that_come_while_the_end_is_published_open_it_again(
    play: Callable[..., Play], stage: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refund fails when the end is on its way to be told, before the final view is kept: it is not lost."""
    story, write, held = play(), events.write, True

    def hold_the_end(connection: Connection, news: EventBatch, now: datetime) -> None:
        mine = news.summary.return_id == story.return_id
        if held and mine and any(happened.event == "closed" for happened in news.happened):
            raise Unavailable("not now", "test")
        write(connection, news, now)

    monkeypatch.setattr(events, "write", hold_the_end)
    await story.start()
    await story.receive()
    await story.inspect()
    await story.until_event("closed")
    view = await story.view()
    reference = view.settlement.paid[0].reference or ""
    failed = PaymentEvent(event_id="at once", reference=reference, status=PaymentStatus.FAILED, at=await story.now())
    await stage.homeward.payment_event(story.return_id, failed)
    await story.attention()
    held = False
    await receiver.until(lambda: "reopened" in receiver.types(story.return_id))
    answer = ResolveAttention(by="finance", action="mark_done", reference="cash")
    await stage.homeward.resolve_attention(story.return_id, answer)
    await story.closed()
    await heard(receiver, story)
    assert receiver.types(story.return_id)[-7:] == [
        "closed", "refund_failed", "attention", "reopened", "attention_resolved", "refunded", "closed",
    ]  # fmt: skip
    await replayed(await story.handle.fetch_history())


async def test_what_a_published_return_costs(play: Callable[..., Play], receiver: Receiver) -> None:
    story = play()
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await receiver.until(lambda: "handed_over" in receiver.types(story.return_id))
    await story.receive()
    await receiver.until(lambda: "received" in receiver.types(story.return_id))
    await story.inspect()
    await story.closed()
    await heard(receiver, story)
    assert await story.history_length() <= 73
