"""When the promise starts, whose days it counts, and what its end means, by policies other than the default."""

from datetime import timedelta

import pytest

from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import InspectedUnit, ReceiptUnits, TrackingStatus
from lifecycle.contract.policy import parse_policy
from lifecycle.contract.statuses import Status
from tests.workflows.policies.shop import Shop
from tests.workflows.returns.play import Play

ONE = ReceiptUnits(line_id="1")
#: Long enough for what is done meanwhile, short beside every deadline.
MARGIN = timedelta(minutes=2)


async def to_target(story: Play, past: timedelta) -> None:
    at = (await story.view()).deadlines.target
    assert at
    await story.days((at + past - await story.now()) / timedelta(days=1))


@pytest.mark.parametrize(
    ("starts_on", "running"),
    [
        ("requested", [True, True, True]),
        ("handover", [False, True, True]),
        ("received", [False, False, True]),
    ],
)
async def test_the_promise_starts_when_the_policy_says(shop: Shop, starts_on: str, running: list[bool]) -> None:
    story = shop.play(f'[clock]\nstarts_on = "{starts_on}"')
    await story.start()
    seen = [(await story.view()).deadlines.target is not None]
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until(Status.IN_TRANSIT)
    seen.append((await story.view()).deadlines.target is not None)
    await story.receipt(ONE)
    seen.append((await story.view()).deadlines.target is not None)
    assert seen == running


async def test_on_the_shops_own_closed_day_no_promise_ends(shop: Shop) -> None:
    usual = shop.play("[clock]\ntarget_business_days = 1\nlimit_business_days = 1")
    await usual.start()
    await usual.receipt(ONE)
    target = (await usual.view()).deadlines.target
    assert target
    calendar = make_calendar(parse_policy("").clock, await usual.now())
    day = calendar.day_of(target)
    closed = f"[clock]\ntarget_business_days = 1\nlimit_business_days = 1\nclosed_days = [{day.isoformat()}]"
    story = shop.play(closed)
    await story.start()
    await story.receipt(ONE)
    assert (await story.view()).deadlines.target == calendar.business_deadline(target, 1)


async def test_until_it_is_handed_over_the_customer_is_reminded_of_the_target(shop: Shop) -> None:
    text = '[clock]\nstarts_on = "requested"\ntarget_business_days = 2\nlimit_business_days = 3'
    story = shop.play(text)
    await story.start()
    now = await story.now()
    begins = make_calendar(parse_policy("").clock, now).business_day_start(now, 1)
    await story.days((begins - MARGIN - now) / timedelta(days=1))
    assert await story.mails() == ["label_sent"]
    await story.days(2 * MARGIN / timedelta(days=1))
    await story.until_effect("tell-reminder")
    assert await story.mails() == ["label_sent", "reminder"]


@pytest.mark.parametrize("on_limit", ["settle", "attention"])
async def test_at_the_limit_the_policy_settles_or_asks_an_operator(shop: Shop, on_limit: str) -> None:
    story = shop.play(f'[clock]\ntarget_business_days = 1\nlimit_business_days = 1\non_limit = "{on_limit}"')
    await story.start()
    await story.receipt(ONE)
    await to_target(story, -MARGIN)
    assert ((await story.view()).status, (await story.view()).attention) == ("received", None)
    await to_target(story, MARGIN)
    if on_limit == "settle":
        view = await story.until(Status.REFUNDED)
        assert (view.settlement.amount, view.units[0].grade) == (4000, None)
        return
    view = await story.attention()
    assert view.attention
    assert (view.attention.step, view.settlement.paid) == ("limit", [])
    # Graded after all, it is settled by itself, and nobody needs to look any more.
    await story.inspection(InspectedUnit(unit_id="1-1", grade=Grade.A))
    await story.closed()
    assert ((await story.view()).status, (await story.view()).attention) == ("refunded", None)


async def test_without_a_late_window_what_was_cancelled_is_closed(shop: Shop) -> None:
    waiting = shop.play("[handover]\nlate_arrival_days = 1")
    await waiting.start()
    closed = shop.play("[handover]\nlate_arrival_days = 0")
    await closed.start()
    for story in (waiting, closed):
        await story.cancel()
    await closed.closed()
    assert not (await waiting.view()).closed
    assert await closed.labels() == ["voided"]
