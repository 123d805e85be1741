"""Eligibility, approval and the clock, on both sides of each boundary, lived on the real server."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from client.errors import NotAllowed
from client.list_rows import ListFilter
from gateways.database.messages.outbox import mails_of
from gateways.database.returns.records import insert_return
from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import Decline, InspectedUnit, ReceiptUnits, TrackingStatus
from lifecycle.contract.policy import ClockRules
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.workflows.returns.play import Play, make_body
from tests.workflows.test_lists import until_listed

NEW_YORK = ZoneInfo("America/New_York")
ONE = ReceiptUnits(line_id="1")
TWO = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]
#: Long enough for what is done meanwhile, short beside every deadline.
MARGIN = timedelta(minutes=2)


def line(price: int, **more: Any) -> list[dict[str, Any]]:
    return [{"line_id": "1", "sku": "THING", "quantity": 1, "unit_price": price, **more}]


def ask(stage: Stage, order: dict[str, Any], **changes: Any) -> Play:
    """A return of an order with these facts."""
    body = make_body(**changes)
    body["order"] |= order
    return Play(stage, ReturnRequest.model_validate(body))


async def to(story: Play, at: datetime | None, past: timedelta = timedelta()) -> None:
    """Let the return's time pass until then."""
    assert at
    await story.days((at + past - await story.now()) / timedelta(days=1))


async def mail(stage: Stage, story: Play, template: str) -> str:
    [text] = [mail["text"] for mail in await mails_of(stage.db, story.return_id) if mail["template"] == template]
    return str(text)


# Eligibility and approval


@pytest.mark.parametrize(("days", "status"), [(30, "requested"), (31, "declined")])
async def test_the_windows_last_day_is_the_thirtieth(stage: Stage, days: int, status: str) -> None:
    today = datetime.now(NEW_YORK).date()
    delivered = datetime.combine(today - timedelta(days=days), time(0, 5), tzinfo=NEW_YORK)
    order = {"placed_at": None, "delivered_at": delivered.isoformat()}
    story = ask(stage, order)
    answer = await stage.homeward.start(story.request)
    assert answer.summary.status == status
    decision = (await story.view()).decision
    assert decision
    assert [(rule.rule, rule.unit_id) for rule in decision.rules] == (
        [("window", "1-1")] if status == "declined" else []
    )


@pytest.mark.parametrize(("delivered", "status"), [(None, "declined"), (timedelta(minutes=1), "requested")])
async def test_what_was_not_delivered_cannot_come_back_yet(
    stage: Stage, delivered: timedelta | None, status: str
) -> None:
    at = (datetime.now(UTC) - delivered).isoformat() if delivered else None
    story = ask(stage, {"delivered_at": at})
    assert (await stage.homeward.start(story.request)).summary.status == status


async def test_of_a_mixed_request_the_allowed_unit_goes_on(play: Callable[..., Play], stage: Stage) -> None:
    lines = [*line(4000), {**line(2500, final_sale=True)[0], "line_id": "2"}]
    items = [{"line_id": number, "quantity": 1, "reason": "unwanted"} for number in ("1", "2")]
    story = play(lines=lines, items=items)
    await story.start()
    view = await story.view()
    assert view.decision
    assert view.decision.outcome == "partial"
    assert [(unit.unit_id, unit.reception, unit.acceptance) for unit in view.units] == [
        ("1-1", "awaiting", "pending"),
        ("2-1", "not_expected", "rejected"),
    ]
    assert "2-1: final_sale" in await mail(stage, story, "partly_declined")
    await story.receive()
    await story.inspect()
    await story.closed()
    assert [unit.refund for unit in (await story.view()).units] == [4000, 0]


@pytest.mark.parametrize(("price", "status"), [(50000, Status.LABEL_SENT), (50001, Status.IN_REVIEW)])
async def test_strictly_more_than_the_amount_waits_for_an_operator(
    play: Callable[..., Play], price: int, status: Status
) -> None:
    story = play(lines=line(price))
    await story.start(until=status)


@pytest.mark.parametrize(("within", "status"), [(4, Status.LABEL_SENT), (5, Status.IN_REVIEW)])
async def test_returns_of_the_last_90_days_are_counted_and_older_ones_are_not(
    play: Callable[..., Play], stage: Stage, within: int, status: Status
) -> None:
    story = play()
    age = timedelta(days=90)
    minutes = [*range(5, 5 + within), *range(-9, -5)]
    for number, minute in enumerate(minutes):
        begun = datetime.now(UTC) - age + timedelta(minutes=minute)
        return_id = f"{story.return_id}-{number}"
        await stage.db.write(
            lambda connection, return_id=return_id, begun=begun: insert_return(  # type: ignore[misc]
                connection, return_id, story.request, {}, Status.REQUESTED, begun
            )
        )
    await story.start(until=status)
    decision = (await story.view()).decision
    assert decision
    details = [rule.detail for rule in decision.rules]
    assert details == (["5 returns by this customer in the last 90 days"] if within == 5 else [])


async def test_a_review_is_remembered_once_its_business_day_is_over(play: Callable[..., Play], stage: Stage) -> None:
    waiting, answered = play(lines=line(50001)), play(lines=line(50001))
    for story in (waiting, answered):
        await story.start(until=Status.IN_REVIEW)
    begun = await waiting.now()
    over = make_calendar(ClockRules(), begun).business_deadline(begun, 1)
    await stage.homeward.decline(answered.return_id, Decline(by="reviewer", reason="worn"))
    await answered.closed()
    await to(waiting, over, -MARGIN)
    assert await waiting.mails() == ["in_review"]
    await to(waiting, over, MARGIN)
    await waiting.until_effect("tell-review_waits")
    assert "worth 500.01 USD, an operator looks at more than 500.00 USD" in await mail(stage, waiting, "review_waits")
    assert await answered.mails() == ["in_review", "declined"]


# The clock


async def test_goods_handed_over_in_the_last_minutes_of_the_ship_by_day_are_in_time(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    ship_by = (await story.view()).deadlines.ship_by
    await to(story, ship_by, -MARGIN)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until(Status.IN_TRANSIT)
    await to(story, ship_by, MARGIN)
    assert (await story.view()).status == "in_transit"
    assert await story.labels() == ["bought"]
    assert "expired" not in await story.events()


async def test_the_reminder_of_the_target_comes_with_the_business_day_before_it(play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until_event("handed_over")
    at = (await story.view()).handover.at
    assert at
    begins = make_calendar(ClockRules(), at).business_day_start(at, 4)
    await to(story, begins, -MARGIN)
    assert await story.mails() == ["label_sent"]
    await to(story, begins, MARGIN)
    await story.until_effect("tell-due_soon")


async def test_past_its_target_a_return_is_listed_as_escalated_and_promises_the_limit(
    play: Callable[..., Play], stage: Stage
) -> None:
    story = play()
    await story.start()
    await story.receipt(ONE)
    deadlines = (await story.view()).deadlines
    assert deadlines.target
    assert deadlines.limit
    await to(story, deadlines.target, -MARGIN)
    await until_listed(stage, ListFilter(due_before=deadlines.limit), story.return_id)
    await until_listed(stage, ListFilter(escalated=True), story.return_id, there=False)
    await to(story, deadlines.target, MARGIN)
    await until_listed(stage, ListFilter(escalated=True), story.return_id)
    # ResolveBy is the limit now, so nothing is due before it.
    await until_listed(stage, ListFilter(due_before=deadlines.limit), story.return_id, there=False)
    await until_listed(stage, ListFilter(due_before=deadlines.limit + timedelta(seconds=1)), story.return_id)
    await story.inspect()
    await story.closed()
    assert (await story.view()).escalated


async def test_graded_in_the_last_minutes_before_the_limit_is_enforced_pays_by_grade(play: Callable[..., Play]) -> None:
    graded, late = play(), play()
    for story in (graded, late):
        await story.start()
        await story.receipt(ONE)
        await to(story, await story.limit_enforced_at(), -MARGIN)
    await graded.inspect(Grade.C)
    await to(late, await late.limit_enforced_at(), MARGIN)
    await late.until(Status.REFUNDED)
    await late.inspect(Grade.C)
    for story in (graded, late):
        await story.closed()
    amounts = [(await story.view()).settlement.amount for story in (graded, late)]
    assert amounts == [2800, 4000]
    shortfalls = ["shortfall" in await story.events() for story in (graded, late)]
    assert shortfalls == [False, True]


@pytest.mark.parametrize("how", ["cancelled", "expired"])
async def test_a_late_parcel_counts_until_its_time_is_over(play: Callable[..., Play], how: str) -> None:
    in_time, too_late = play(), play()
    for story in (in_time, too_late):
        await story.start()
        if how == "cancelled":
            await story.cancel()
        else:
            await to(story, (await story.view()).deadlines.ship_by, timedelta(seconds=1))
        view = await story.until(Status(how))
        [ended] = [entry.at for entry in view.timeline if entry.event == how]
        await to(story, ended.astimezone(NEW_YORK) + timedelta(days=30), -MARGIN if story is in_time else MARGIN)
    assert (await in_time.receipt(ONE)).status == "received"
    await too_late.closed()
    with pytest.raises(NotAllowed, match="closed"):
        await too_late.receipt(ONE)


async def test_one_lost_parcel_waits_for_what_has_come_and_is_claimed(play: Callable[..., Play]) -> None:
    story = play(items=TWO)
    await story.start()
    await story.receipt(ONE, complete=False)
    await story.scan(TrackingStatus.LOST)
    await story.until_effect("carrier_claim")
    view = await story.view()
    assert [unit.reception for unit in view.units] == ["received", "lost"]
    assert view.status == "received"
    await story.inspection(InspectedUnit(unit_id="1-1", grade=Grade.C))
    view = await story.until(Status.REFUNDED)
    assert [(unit.refund, unit.grade) for unit in view.units] == [(2800, "C"), (4000, None)]
    assert (await story.effects()).count("carrier_claim") == 1


async def test_a_tender_that_holds_nothing_any_more_leaves_it_to_the_next(play: Callable[..., Play]) -> None:
    gift = {"tender_id": "t1", "kind": "gift_card", "captured": 8000, "reference": "pi-holds-nothing"}
    elsewhere = play(lines=line(8000), tenders=[gift])
    story = play(tenders=[gift, {"tender_id": "t2", "kind": "card", "captured": 8000}])
    for one in (elsewhere, story):
        await one.start()
        await one.receive()
        await one.inspect()
        await one.closed()
    paid = (await story.view()).settlement.paid
    assert [(entry.tender_id, entry.amount, entry.state) for entry in paid] == [("t2", 4000, "succeeded")]
