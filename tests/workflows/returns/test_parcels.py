"""Parcels on the real engine: turned back to the customer, empty, foreign, and pieces that came before."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from client.errors import NotAllowed
from lifecycle.contract.messages import ReceiptUnits, TrackingEvent, TrackingStatus
from lifecycle.contract.statuses import Status
from tests.workflows.returns.play import Play


async def test_a_parcel_that_went_back_to_the_customer_is_never_paid(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    old = (await story.view()).handover.tracking_code or ""
    await story.scan(TrackingStatus.RETURNED)
    await story.until_it(lambda view: view.handover.tracking_code not in (None, old), "given a new label")
    for status in (TrackingStatus.DELIVERED, TrackingStatus.IN_TRANSIT, TrackingStatus.ACCEPTED):
        at = await story.now() + timedelta(seconds=1)
        await story.days(1)
        await story.signal(
            "tracking_event", TrackingEvent(event_id=uuid4().hex, tracking_code=old.lower(), status=status, at=at)
        )
    view = await story.until_it(lambda view: [e.event for e in view.timeline].count("scan_passed_over") == 3, "noted")
    assert (view.status, view.handover.at, view.deadlines.target) == (Status.LABEL_SENT, None, None)
    await story.days(14)
    view = await story.until(Status.EXPIRED)
    assert view.settlement.paid == []


async def test_an_empty_parcel_is_not_refunded_and_nobody_forgets_it(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    summary = await story.receipt()
    assert (summary.status, summary.attention, summary.amount) == (Status.IN_TRANSIT, "empty_parcel", 0)
    await story.days(14)
    view = await story.until_it(lambda view: view.escalated, "escalated")
    assert (view.status, view.settlement.paid, view.settlement.state) == (Status.IN_TRANSIT, [], "pending")
    assert "empty_parcel" in await story.mails()
    await story.mark_done("seen")
    await story.closed()
    view = await story.view()
    assert (view.status, view.settlement.amount, view.settlement.paid) == (Status.REJECTED, 0, [])
    assert (await story.mails())[-1] == "rejected"
    assert "refunded" not in await story.mails()


async def test_counted_again_it_is_paid_after_all(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receipt()
    await story.attention("empty_parcel")
    await story.resolve("retry")
    await story.receive()
    await story.inspect()
    await story.closed()
    assert [paid.amount for paid in (await story.view()).settlement.paid] == [4000]


async def test_extras_alone_start_no_clock_and_settle_nothing(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    summary = await story.receipt(ReceiptUnits(sku="MUG-1", quantity=2))
    assert (summary.status, summary.attention, summary.resolve_by) == (Status.LABEL_SENT, "empty_parcel", None)
    view = await story.view()
    assert [(extra.line_id, extra.sku, extra.quantity) for extra in view.extras] == [(None, "MUG-1", 2)]
    assert (view.handover.at, view.settlement.state) == (None, "pending")


async def test_a_line_that_the_order_does_not_have_is_refused_by_its_field(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    with pytest.raises(NotAllowed, match=r"units\.0\.line_id: the order has no line 9"):
        await story.receipt(ReceiptUnits(line_id="9"))
    assert "received" not in await story.events()


LINE = {"line_id": "1", "sku": "PHONE", "title": "Phone", "quantity": 2, "unit_price": 4000}
SERIALS = {"serial_numbers": ["SN-1", "SN-2"]}


def of_one_order(play: Callable[..., Play], **line: object) -> Callable[[], Play]:
    order_id = f"SO-{uuid4().hex[:8]}"
    return lambda: play(order_id=order_id, lines=[LINE | line])


async def test_a_piece_that_came_back_before_is_flagged_and_neither_paid_nor_restocked(
    play: Callable[..., Play],
) -> None:
    make = of_one_order(play, **SERIALS)
    first, second = make(), make()
    for story in (first, second):
        await story.start()
    await first.receipt(ReceiptUnits(line_id="1", serial_number="SN-2"))
    await first.inspect()
    await first.closed()
    await second.receipt(ReceiptUnits(line_id="1", serial_number="sn-2"))
    view = await second.until_it(lambda view: view.units[0].flag is not None, "flagged")
    [unit] = view.units
    assert (unit.reception, unit.acceptance) == ("wrong_item", "manual_review")
    assert unit.flag == f"this piece came back before, in return {first.return_id}"
    assert (view.settlement.paid, await second.stock()) == ([], {})
    # The piece that is really meant comes after all.
    await second.receipt(ReceiptUnits(line_id="1", serial_number="SN-1"))
    await second.inspect()
    await second.closed()
    view = await second.view()
    assert [paid.amount for paid in view.settlement.paid] == [4000]
    assert [(unit.serial_number, unit.flag) for unit in view.units] == [("SN-1", None)]
    assert [extra.serial_number for extra in view.extras] == ["SN-2"]


async def test_two_open_returns_are_not_paid_for_one_piece(play: Callable[..., Play]) -> None:
    make = of_one_order(play)
    stories = [make(), make()]
    for story in stories:
        await story.start()
        await story.receipt(ReceiptUnits(line_id="1", serial_number="SN-2"))
    view = await stories[1].until_it(lambda view: view.units[0].flag is not None, "flagged")
    assert view.units[0].reception == "wrong_item"
    assert (await stories[0].view()).units[0].reception == "received"


async def test_a_rejected_unit_may_be_asked_for_again_after_a_review(play: Callable[..., Play]) -> None:
    order_id = f"SO-{uuid4().hex[:8]}"
    one = {"lines": [LINE | {"quantity": 1, "serial_numbers": ["SN-1"]}], "order_id": order_id}
    first, second, third = play(**one), play(**one), play(**one)
    await first.start()
    await first.receipt(ReceiptUnits(line_id="1", serial_number="SN-1"))
    await first.reject("1-1", "worn")
    await first.closed()
    await second.start(until=Status.IN_REVIEW)
    decision = (await second.view()).decision
    assert decision is not None
    assert [(rule.rule, rule.unit_id) for rule in decision.rules] == [("rejected_before", "1-1")]
    await third.start(until=Status.DECLINED)  # the second one holds it now
    await second.approve()
    await second.until(Status.LABEL_SENT)
    await second.receipt(ReceiptUnits(line_id="1", serial_number="SN-1"))
    await second.inspect()
    await second.closed()
    view = await second.view()
    assert ([paid.amount for paid in view.settlement.paid], view.units[0].flag) == ([4000], None)
