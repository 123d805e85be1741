"""What a policy other than the default does, on the real server: its file changes between the returns."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from gateways.database.engine import Database
from gateways.database.store_credit import balance
from lifecycle.calendars import make_calendar
from lifecycle.messages import Grade, InspectedUnit, ReceiptUnits, ResolveAttention, TrackingStatus
from lifecycle.policy import parse_policy
from lifecycle.view import Status
from starter.client import Homeward
from starter.demo.story import Stage
from starter.local import Place, Ready, up
from tests.workflows.returns import Play, make_request
from workers.converter import CONVERTER
from workers.settings import Settings

ONE = ReceiptUnits(line_id="1")
TWO = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]
#: Long enough for what is done meanwhile, short beside every deadline.
MARGIN = timedelta(minutes=2)


class Shop:
    """A shop of its own, whose policy file is written anew before a return."""

    def __init__(self, stage: Stage, path: Path) -> None:
        self.stage = stage
        self._path = path
        self._written = 0

    def write(self, text: str) -> None:
        """Change the file; two changes in one moment are two all the same."""
        self._path.write_text(text)
        self._written += 1
        at = self._path.stat().st_mtime + self._written
        os.utime(self._path, (at, at))

    def play(self, policy: str = "", **changes: Any) -> Play:
        """A return that will open under this policy, if no other is written before it starts."""
        self.write(policy)
        return Play(self.stage, make_request(**changes))


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """`homeward up` with a policy file."""
    place = Place(tmp_path_factory.mktemp("shop"), temporal_port=0, ui_port=0)
    path = Path(place.data_dir) / "policy.toml"
    path.write_text("")
    settings = Settings(data_dir=Path(place.data_dir), policy=path, give_up_after_seconds=3, workflow_sandbox=True)
    stop, announced = asyncio.Event(), asyncio.get_running_loop().create_future()
    running = asyncio.create_task(up(settings, place, stop, announced.set_result))
    await asyncio.wait({running, announced}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    ready: Ready = announced.result()
    client = await Client.connect(ready.temporal, data_converter=CONVERTER)
    database = Database(ready.database)
    clock = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    yield Shop(Stage(Homeward(clock.client, database), clock, database), path)
    await database.dispose()
    stop.set()
    await running


async def to_target(story: Play, past: timedelta) -> None:
    at = (await story.view()).deadlines.target
    assert at
    await story.days((at + past - await story.now()) / timedelta(days=1))


async def brought_home(story: Play, *grades: Grade) -> None:
    await story.start()
    await story.receive()
    await story.inspect(*grades)
    await story.closed()


# The file


async def test_new_returns_take_a_changed_policy_and_open_ones_keep_theirs(shop: Shop) -> None:
    old = shop.play('version = "old"\n[money]\nreturn_shipping_fee = 100')
    await old.start()
    new = shop.play('version = "new"\n[money]\nreturn_shipping_fee = 900')
    await new.start()
    shop.write("[money]\nreturn_shipping_fee = ")
    broken = Play(shop.stage, make_request())
    await broken.start()
    for story in (old, new, broken):
        await story.receive()
        await story.inspect()
        await story.closed()
    amounts = [(await story.view()).settlement.amount for story in (old, new, broken)]
    assert amounts == [3900, 3100, 3100]


# Approval


@pytest.mark.parametrize(("below", "kept"), [(4000, False), (4001, True)])
async def test_strictly_less_than_the_bound_is_paid_and_kept(shop: Shop, below: int, kept: bool) -> None:
    story = shop.play(f"[approval]\nkeep_item_below = {below}\n[money]\nreturn_shipping_fee = 0")
    await story.start(until=Status.REFUNDED if kept else Status.LABEL_SENT)
    view = await story.view()
    assert (view.goods.state == "kept", view.units[0].reception == "not_expected") == (kept, kept)
    assert len(view.settlement.paid) == kept
    assert (await story.labels() == []) == kept
    if kept:
        await story.closed()
        assert await story.mails() == ["refunded"]
        # What is kept cannot come back another time.
        again = shop.play(order_id=story.request.order.order_id, lines=lines_of(story))
        await again.start()
        assert [unit.unit_id for unit in (await again.view()).units] == ["1-2"]


def lines_of(story: Play) -> list[dict[str, Any]]:
    return [line.model_dump(mode="json") for line in story.request.order.lines]


@pytest.mark.parametrize(("below", "instant"), [(4000, False), (4001, True)])
async def test_strictly_less_than_the_bound_is_paid_at_handover(shop: Shop, below: int, instant: bool) -> None:
    story = shop.play(f"[approval]\ninstant_refund_below = {below}")
    await story.start()
    assert (await story.view()).settlement.paid == []
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until(Status.REFUNDED if instant else Status.IN_TRANSIT)
    await story.receive()
    await story.inspect(Grade.C)
    await story.closed()
    view = await story.view()
    assert view.settlement.amount == (4000 if instant else 2800)
    assert ("shortfall" in [entry.event for entry in view.timeline]) == instant


async def test_review_comes_before_what_is_kept(shop: Shop) -> None:
    story = shop.play("[approval]\nkeep_item_below = 5000\nreview_above = 3999")
    await story.start(until=Status.IN_REVIEW)
    assert (await story.view()).settlement.paid == []
    await story.approve()
    await story.closed()
    assert ((await story.view()).status, (await story.view()).goods.state) == ("refunded", "kept")


@pytest.mark.parametrize(("worth", "status"), [(8000, Status.LABEL_SENT), (7999, Status.IN_REVIEW)])
async def test_both_units_together_are_what_is_reviewed(shop: Shop, worth: int, status: Status) -> None:
    story = shop.play(f"[approval]\nreview_above = {worth}", items=TWO)
    await story.start(until=status)


# Money


async def test_every_fee_is_taken_once(shop: Shop) -> None:
    text = """
    [money]
    restocking_fee_percent = 12.5
    return_shipping_fee = 450
    condition_deduction_percent = {B = 33.3333}
    refund_original_shipping = "always"
    """
    story = shop.play(text, items=TWO, shipping=990)
    await brought_home(story, Grade.A, Grade.B)
    breakdown = (await story.view()).settlement.breakdown
    # 12.5 % of 4000 twice, 33.3333 % of 4000 (1333.332) once.
    assert (breakdown.restocking_fee, breakdown.return_shipping_fee, breakdown.condition_deduction) == (1000, 450, 1333)
    assert (breakdown.shipping, (await story.view()).settlement.amount) == (990, 8000 + 990 - 1000 - 450 - 1333)


async def test_the_original_shipping_goes_back_once_whatever_comes_back_in_how_many_returns(shop: Shop) -> None:
    text = '[money]\nrefund_original_shipping = "always"'
    first = shop.play(text, shipping=990)
    second = shop.play(text, shipping=990, order_id=first.request.order.order_id, lines=lines_of(first))
    await first.start()
    await second.start()
    for story in (second, first):
        await story.receive()
        await story.inspect()
        await story.closed()
    assert [(await story.view()).settlement.amount for story in (first, second)] == [4990, 4000]


@pytest.mark.parametrize(("bonus", "amount"), [("0", 4000), ("12.34", 4494), ("12.3625", 4495)])
async def test_store_credit_gives_a_bonus_half_up(shop: Shop, bonus: str, amount: int) -> None:
    text = f"[money]\nstore_credit_bonus_percent = {bonus}\nstore_credit_valid_days = 10"
    story = shop.play(text, resolution="store_credit")
    await brought_home(story)
    view = await story.view()
    assert (view.status, view.settlement.amount, view.settlement.breakdown.bonus) == ("credited", amount, amount - 4000)
    assert [(paid.tender_id, paid.amount) for paid in view.settlement.paid] == [("store_credit", amount)]
    now = await story.now()
    customer = story.request.order.customer.customer_id
    [held] = await balance(shop.stage.db, customer, now)
    ends = make_calendar(parse_policy("").clock, now).end_of_day_after(now, 10)
    assert (held["amount"], held["expires_at"]) == (amount, ends)
    assert await balance(shop.stage.db, customer, ends - timedelta(seconds=1)) == [held]
    assert await balance(shop.stage.db, customer, ends) == []


@pytest.mark.parametrize(
    ("instead", "paid"),
    [
        ("attention", [("t1", 3000, "failed"), ("t2", 1000, "succeeded")]),
        ("next_tender", [("t1", 3000, "failed"), ("t2", 1000, "succeeded"), ("t2", 3000, "succeeded")]),
        ("store_credit", [("t1", 3000, "failed"), ("t2", 1000, "succeeded"), ("store_credit", 3000, "succeeded")]),
    ],
)
async def test_a_refused_refund_goes_where_the_policy_says(
    shop: Shop, instead: str, paid: list[tuple[str, int, str]]
) -> None:
    tenders = [
        {"tender_id": "t1", "kind": "gift_card", "captured": 3000, "reference": f"gift-{instead} fault:refused"},
        {"tender_id": "t2", "kind": "card", "captured": 5000},
    ]
    story = shop.play(f'[money]\non_refund_failure = "{instead}"\nstore_credit_bonus_percent = 10', tenders=tenders)
    await story.start()
    await story.receive()
    await story.inspect()
    if instead == "attention":
        view = await story.attention()
        assert view.attention
        assert view.attention.step == "refund"
        await shop.stage.homeward.resolve_attention(story.return_id, ResolveAttention(by="finance", action="skip"))
    await story.closed()
    view = await story.view()
    assert sorted((part.tender_id, part.amount, part.state) for part in view.settlement.paid) == sorted(paid)
    assert "refund_failed" in [entry.event for entry in view.timeline]


async def test_tenders_are_paid_back_in_the_policys_order(shop: Shop) -> None:
    tenders = [
        {"tender_id": "gift", "kind": "gift_card", "captured": 5000},
        {"tender_id": "card", "kind": "card", "captured": 3000},
    ]
    for order, paid in (
        (["gift_card", "card"], [("gift", 4000)]),
        (["card", "gift_card"], [("card", 3000), ("gift", 1000)]),
    ):
        kinds = ", ".join(f'"{kind}"' for kind in [*order, "store_credit", "other"])
        story = shop.play(f"[money]\ntender_order = [{kinds}]", tenders=tenders)
        await brought_home(story)
        assert [(part.tender_id, part.amount) for part in (await story.view()).settlement.paid] == paid


# The clock


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
async def test_at_the_limit_the_policy_settles_or_asks_a_person(shop: Shop, on_limit: str) -> None:
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
