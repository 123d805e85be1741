"""Several returns of one order, on the real server: together they never give back more than was paid."""

from collections.abc import Callable
from typing import Any, Literal
from uuid import uuid4

import pytest

from gateways.database.stock.inventory import add_stock
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import AnswerCharge, ReceiptUnits, ResolveAttention, TrackingStatus
from starter.demo.story import Stage
from tests.workflows.returns.play import Play, make_request


class Order:
    """Units at 4000 of one line, and how they were paid; every return of it asks with the same order."""

    def __init__(self, stage: Stage, quantity: int, *tenders: tuple[int, int], shipping: int = 0) -> None:
        self.stage = stage
        self.number = uuid4().hex[:8]
        self.sku = f"SHOE-{self.number}"
        self.shipping = shipping
        self.lines = [{"line_id": "1", "sku": self.sku, "quantity": quantity, "unit_price": 4000}]
        self.tenders = [self._tender(number, *tender) for number, tender in enumerate(tenders, start=1)]

    def _tender(self, number: int, captured: int, refunded: int) -> dict[str, Any]:
        kind = "gift_card" if len(self.lines) and number == 1 and captured < 4000 else "card"
        return {
            "tender_id": f"t{number}",
            "kind": kind,
            "captured": captured,
            "refunded": refunded,
            "reference": f"pi-{self.number}-{number}",
        }

    def part(
        self, quantity: int = 1, resolution: str = "refund", refunded: list[int] | None = None, **changes: Any
    ) -> Play:
        """One return of so many units; ``refunded`` is what the shop's service says of each tender by now."""
        said = [tender["refunded"] for tender in self.tenders] if refunded is None else refunded
        tenders = [tender | {"refunded": back} for tender, back in zip(self.tenders, said, strict=True)]
        items = [{"line_id": "1", "quantity": quantity, "reason": changes.pop("reason", "unwanted")}]
        request = make_request(
            order_id=f"SO-{self.number}",
            lines=self.lines,
            tenders=tenders,
            items=items,
            resolution=resolution,
            shipping=self.shipping,
            **changes,
        )
        return Play(self.stage, request)


Make = Callable[..., Order]


@pytest.fixture
def order(stage: Stage) -> Make:
    return lambda quantity, *tenders, **more: Order(stage, quantity, *tenders, **more)


async def home(story: Play) -> None:
    """It comes back, complete, is graded A, and the return ends."""
    await story.start()
    await judged(story)


async def judged(story: Play) -> None:
    await story.receive()
    await story.inspect()
    await story.closed()


async def figures(story: Play) -> tuple[Any, ...]:
    """Status, amount, what was paid to whom, and what waits for an operator; the policy's bonus left out."""
    view = await story.view()
    bonus = view.settlement.breakdown.bonus
    paid = [
        (part.tender_id, part.amount - (bonus if part.tender_id == "store_credit" else 0), part.state)
        for part in view.settlement.paid
    ]
    return view.status.value, view.settlement.amount - bonus, paid, view.attention


@pytest.mark.parametrize(
    ("resolution", "ends"),
    [
        ("store_credit", ("credited", 3000, [("store_credit", 3000, "succeeded")], None)),
        ("refund", ("refunded", 3000, [("t1", 3000, "succeeded")], None)),
    ],
)
@pytest.mark.parametrize("said", [5000, 9000])
async def test_a_later_return_gets_what_is_left_of_the_order(
    order: Make, resolution: str, ends: tuple[Any, ...], said: int
) -> None:
    bought = order(3, (12000, 5000))
    first, second = bought.part(1), bought.part(2, resolution, refunded=[said])
    await home(first)
    assert await figures(first) == ("refunded", 4000, [("t1", 4000, "succeeded")], None)
    await home(second)
    assert await figures(second) == ends


async def test_an_exchange_takes_off_no_more_than_is_left_of_the_order(order: Make) -> None:
    bought = order(3, (12000, 5000))
    await home(bought.part(1))
    await add_stock(bought.stage.db, bought.sku, 1)
    wanted = [{"sku": bought.sku, "quantity": 1, "unit_price": 4000}]
    second = bought.part(2, "exchange", exchange_for=wanted)
    await home(second)
    status, amount, paid, attention = await figures(second)
    assert (status, amount, paid, attention) == ("exchanged", -1000, [("t1", -1000, "succeeded")], None)


async def test_what_an_exchange_took_off_is_not_refunded_later(order: Make) -> None:
    bought = order(2, (8000, 2000))
    await add_stock(bought.stage.db, bought.sku, 1)
    first = bought.part(1, "exchange", exchange_for=[{"sku": bought.sku, "quantity": 1, "unit_price": 3500}])
    await home(first)
    assert await figures(first) == ("exchanged", 500, [("t1", 500, "succeeded")], None)
    second = bought.part(1)
    await home(second)
    assert await figures(second) == ("refunded", 2000, [("t1", 2000, "succeeded")], None)


async def test_an_amount_set_by_hand_counts_too(order: Make) -> None:
    bought = order(2, (8000, 0))
    first = bought.part(1)
    await first.start()
    await first.override("amount", 7000)
    assert (await first.view()).settlement.amount == 7000
    await judged(first)
    assert (await figures(first))[:2] == ("refunded", 7000)
    second = bought.part(1, "store_credit")
    await home(second)
    assert await figures(second) == ("credited", 1000, [("store_credit", 1000, "succeeded")], None)


async def test_an_amount_set_by_hand_leaves_what_another_return_holds(order: Make) -> None:
    bought = order(2, (8000, 0))
    first, second = bought.part(1), bought.part(1, "store_credit")
    await first.start()
    await second.start()
    await first.override("amount", 7000)
    assert (await first.view()).settlement.amount == 4000
    await judged(first)
    await judged(second)
    assert [(await figures(story))[:2] for story in (first, second)] == [("refunded", 4000), ("credited", 4000)]


async def test_every_tender_pays_what_it_still_holds(order: Make) -> None:
    bought = order(3, (2000, 1000), (10000, 0))
    first, second = bought.part(1), bought.part(2)
    await home(first)
    assert (await figures(first))[2] == [("t1", 1000, "succeeded"), ("t2", 3000, "succeeded")]
    await home(second)
    assert await figures(second) == ("refunded", 7000, [("t2", 7000, "succeeded")], None)


async def test_one_return_of_everything_gets_all_that_is_left(order: Make) -> None:
    story = order(3, (12000, 5000)).part(3)
    await home(story)
    assert await figures(story) == ("refunded", 7000, [("t1", 7000, "succeeded")], None)


@pytest.mark.parametrize("resolution", ["refund", "store_credit"])
async def test_two_that_are_open_at_once_share_what_is_left(order: Make, resolution: str) -> None:
    bought = order(3, (12000, 5000))
    first, second = bought.part(1), bought.part(2, resolution)
    await first.start()
    await second.start()
    assert [(await figures(story))[1] for story in (first, second)] == [4000, 3000]
    await judged(second)
    await judged(first)
    assert [(await figures(story))[1] for story in (first, second)] == [4000, 3000]
    assert [(await figures(story))[3] for story in (first, second)] == [None, None]


async def test_what_another_return_did_not_need_is_there_at_the_settlement(order: Make) -> None:
    bought = order(3, (12000, 5000))
    first, second = bought.part(1), bought.part(2)
    await first.start()
    await second.start()
    await first.receive()
    await first.verdicts({"1-1": None})
    await first.closed()
    assert (await second.view()).settlement.amount == 3000
    await judged(second)
    assert await figures(second) == ("refunded", 7000, [("t1", 7000, "succeeded")], None)


async def test_what_a_cancelled_return_held_is_free(order: Make) -> None:
    bought = order(3, (12000, 5000))
    first = bought.part(2)
    await first.start()
    await first.cancel()
    await first.until_effect("release_claims")
    second = bought.part(2)
    await home(second)
    assert (await figures(second))[:2] == ("refunded", 7000)


async def test_another_resolution_claims_what_it_gives(order: Make) -> None:
    bought = order(2, (8000, 0))
    await add_stock(bought.stage.db, bought.sku, 1)
    wanted = [{"sku": bought.sku, "quantity": 1, "unit_price": 4000}]
    first = bought.part(1, "exchange", exchange_for=wanted)
    await first.start()
    assert (await first.view()).settlement.amount == 0
    await first.change(resolution="refund")
    assert (await first.view()).settlement.amount == 4000
    await judged(first)
    assert (await figures(first))[:2] == ("refunded", 4000)
    second = bought.part(1)
    await second.start()
    await second.override("resolution", "store_credit")
    await judged(second)
    assert (await figures(second))[:2] == ("credited", 4000)


async def test_a_parcel_that_comes_after_the_end_claims_again(order: Make) -> None:
    bought = order(3, (12000, 5000))
    first, second = bought.part(1), bought.part(2, "store_credit")
    await first.start()
    await second.start()
    await first.cancel()
    await first.until_effect("release_claims")
    await judged(second)
    assert (await figures(second))[:2] == ("credited", 7000)
    await first.receipt(ReceiptUnits(line_id="1"))
    await first.inspect()
    await first.closed()
    assert await figures(first) == ("refunded", 0, [], None)


async def test_the_limit_settles_with_what_the_order_has_left_by_then(order: Make) -> None:
    bought = order(3, (12000, 5000))
    first, second = bought.part(1), bought.part(2)
    await first.start()
    await second.start()
    await first.receive()
    await first.verdicts({"1-1": None})
    await first.closed()
    await second.scan(TrackingStatus.ACCEPTED)
    await second.days(13)
    await second.happened("refunded")
    assert await figures(second) == ("refunded", 7000, [("t1", 7000, "succeeded")], None)


async def test_what_was_paid_outside_counts_for_the_order(order: Make) -> None:
    bought = order(3, (12000, 5000))
    first, second = bought.part(2), bought.part(1)
    await first.start()
    await first.receipt(ReceiptUnits(line_id="1", serial_number="S-1"), complete=False)
    await first.scan(TrackingStatus.ACCEPTED)
    await first.override("acceptance", "manual_review", "1-1")
    await first.days(13)
    await first.attention("limit")
    await first.mark_done("bank transfer 7")
    await first.happened("refunded")
    paid = (await first.view()).settlement
    assert [(part.reference, part.amount) for part in paid.paid] == [("bank transfer 7", paid.amount)]
    await second.start()
    assert (await second.view()).settlement.amount == min(4000, 7000 - paid.amount)


@pytest.mark.parametrize(("action", "left"), [("skip", 4000), ("mark_done", 0)])
async def test_a_refund_that_fails_for_good_is_free_unless_it_was_made_by_hand(
    order: Make, action: Literal["skip", "mark_done"], left: int
) -> None:
    bought = order(2, (8000, 4000))
    bought.tenders[0]["reference"] += " fault:refused"
    first, second = bought.part(1), bought.part(1, "store_credit")
    await first.start()
    await first.receive()
    await first.inspect()
    await first.attention("refund")
    await second.start()
    assert (await second.view()).settlement.amount == 0
    await bought.stage.homeward.resolve_attention(first.return_id, ResolveAttention(by="finance", action=action))
    await first.closed()
    await judged(second)
    assert (await figures(second))[1] == left


async def test_a_unit_that_comes_late_is_paid_of_what_is_left(order: Make) -> None:
    bought = order(3, (12000, 3000))
    first, second = bought.part(2), bought.part(1)
    await first.start()
    await first.receipt(ReceiptUnits(line_id="1"))
    await first.inspect()
    await first.happened("refunded")
    await home(second)
    assert (await figures(second))[:2] == ("refunded", 4000)
    await first.receipt(ReceiptUnits(line_id="1"))
    await first.inspect()
    await first.closed()
    paid = [("t1", 4000, "succeeded"), ("t1", 1000, "succeeded")]
    assert await figures(first) == ("refunded", 5000, paid, None)


async def test_money_that_was_refused_for_an_exchange_is_claimed_when_it_is_wanted_back(order: Make) -> None:
    bought = order(2, (8000, 0))
    await add_stock(bought.stage.db, bought.sku, 2)
    wanted = [{"sku": bought.sku, "quantity": 2, "unit_price": 4000}]
    story = bought.part(2, "exchange", exchange_for=wanted)
    await story.start()
    await story.receive()
    await story.verdicts({"1-1": Grade.A, "1-2": None})
    await story.until_event("charge_asked")
    await bought.stage.homeward.answer_charge(story.return_id, AnswerCharge(by="customer", accepted=False))
    await story.closed()
    assert await figures(story) == ("refunded", 4000, [("t1", 4000, "succeeded")], None)
