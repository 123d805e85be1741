"""The original shipping of an order goes back by a seller's fault only once every unit is really back."""

from typing import Any

import pytest

from gateways.database.stock.inventory import add_stock
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import ReceiptUnits, TrackingStatus
from tests.workflows.returns.play import Play
from tests.workflows.returns.test_order_money import Make, Order, home, judged, order

__all__ = ["order"]  # the fixture

SHIPPING = 990


@pytest.fixture
def two(order: Make) -> Order:
    """Two units at 4000 and their shipping, paid by one card."""
    return order(2, (8000 + SHIPPING, 0), shipping=SHIPPING)


async def given(story: Play) -> tuple[int, int]:
    """What it gave back, and what of it was shipping."""
    view = await story.view()
    assert view.attention is None
    assert sum(paid.amount for paid in view.settlement.paid) == view.settlement.amount
    return view.settlement.amount, view.settlement.breakdown.shipping


async def test_a_unit_that_was_rejected_and_sent_back_is_not_back(two: Order) -> None:
    first, second = two.part(reason="defective"), two.part()
    await first.start()
    await first.receive()
    await first.verdicts({"1-1": None})
    await first.closed()
    await home(second)
    assert await given(second) == (4000, 0)


async def test_the_return_that_completes_the_order_gives_the_shipping_back(two: Order) -> None:
    first, second = two.part(reason="defective"), two.part()
    await home(first)
    assert await given(first) == (4000, 0)
    await home(second)
    assert await given(second) == (4000 + SHIPPING, SHIPPING)


async def test_units_of_an_open_return_count_once_they_are_accepted(two: Order) -> None:
    first, second = two.part(reason="defective"), two.part()
    await first.start()
    await second.start()
    assert (await second.view()).settlement.amount == 4000
    await judged(first)
    await judged(second)
    assert [await given(story) for story in (first, second)] == [(4000, 0), (4000 + SHIPPING, SHIPPING)]


@pytest.mark.parametrize("accepted", [True, False])
async def test_the_one_that_is_accepted_last_gives_it_back_whichever_opened_first(two: Order, accepted: bool) -> None:
    first, second = two.part(reason="defective"), two.part()
    await first.start()
    await second.start()
    await judged(second)
    assert await given(second) == (4000, 0)
    await first.receive()
    await first.verdicts({"1-1": Grade.A if accepted else None})
    await first.closed()
    assert await given(first) == ((4000 + SHIPPING, SHIPPING) if accepted else (0, 0))


async def test_a_parcel_that_was_lost_on_its_way_is_back(two: Order) -> None:
    first, second = two.part(reason="defective"), two.part()
    await first.start()
    await first.scan(TrackingStatus.LOST)
    await first.happened("refunded")
    await home(second)
    assert await given(second) == (4000 + SHIPPING, SHIPPING)


async def test_one_that_is_lost_last_gives_it_back(two: Order) -> None:
    first, second = two.part(reason="defective"), two.part()
    await first.start()
    await home(second)
    await first.scan(TrackingStatus.LOST)
    await first.happened("refunded")
    assert [await given(story) for story in (first, second)] == [(4000 + SHIPPING, SHIPPING), (4000, 0)]


@pytest.mark.parametrize("resolution", ["exchange", "replacement"])
async def test_what_was_exchanged_or_replaced_is_not_back(two: Order, resolution: str) -> None:
    await add_stock(two.stage.db, two.sku, 1)
    changes: dict[str, Any] = {}
    if resolution == "exchange":
        changes["exchange_for"] = [{"sku": two.sku, "quantity": 1, "unit_price": 4000}]
    first, second = two.part(1, resolution, reason="defective", **changes), two.part()
    await first.start(until=None)
    await first.happened("label_sent")
    await judged(first)
    await home(second)
    assert await given(second) == (4000, 0)


async def test_what_is_missing_is_not_back(order: Make) -> None:
    three = order(3, (12000 + SHIPPING, 0), shipping=SHIPPING)
    first, second = three.part(2, reason="defective"), three.part()
    await first.start()
    await first.receipt(ReceiptUnits(line_id="1"))
    await first.inspect()
    await first.happened("refunded")
    await home(second)
    assert await given(second) == (4000, 0)
    # It comes after all, and is the last.
    await first.receipt(ReceiptUnits(line_id="1"))
    await first.inspect()
    await first.closed()
    assert await given(first) == (8000 + SHIPPING, SHIPPING)


async def test_the_last_one_as_store_credit(two: Order) -> None:
    first, second = two.part(reason="defective"), two.part(1, "store_credit")
    await first.start()
    await second.start()
    await judged(first)
    await judged(second)
    view = await second.view()
    assert view.settlement.amount - view.settlement.breakdown.bonus == 4000 + SHIPPING
