"""What is paid, and to whom, by policies other than the default."""

from datetime import timedelta

import pytest

from gateways.database.store_credit import balance
from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import PaymentEvent, PaymentStatus, ResolveAttention
from lifecycle.contract.policy import parse_policy
from tests.workflows.policies.shop import TWO, Shop, brought_home, lines_of


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


@pytest.mark.parametrize(("instead", "to"), [("next_tender", "card"), ("store_credit", "store_credit")])
async def test_a_refund_that_fails_after_the_return_has_closed_goes_where_the_policy_says(
    shop: Shop, instead: str, to: str
) -> None:
    tenders = [
        {"tender_id": "gift", "kind": "gift_card", "captured": 4000},
        {"tender_id": "card", "kind": "card", "captured": 4000},
    ]
    story = shop.play(f'[money]\non_refund_failure = "{instead}"', tenders=tenders)
    await brought_home(story)
    reference = (await story.view()).settlement.paid[0].reference or ""
    failed = PaymentEvent(event_id="late", reference=reference, status=PaymentStatus.FAILED, at=await story.now())
    # Another policy is in force by now; the return keeps its own.
    shop.write("")
    await shop.stage.homeward.payment_event(story.return_id, failed)
    await story.until_paid("failed")
    await story.closed()
    view = await story.view()
    assert [(paid.tender_id, paid.amount, paid.state) for paid in view.settlement.paid] == [
        ("gift", 4000, "failed"),
        (to, 4000, "succeeded"),
    ]
    assert (view.status, view.settlement.amount, view.closed) == ("refunded", 4000, True)
