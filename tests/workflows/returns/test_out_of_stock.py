"""The replacement is out of stock, the goods are here: the customer waits, or chooses something else."""

from collections.abc import Callable
from typing import Any

import pytest

from client.errors import NotAllowed
from gateways.database.stock.inventory import add_stock
from lifecycle.contract.grades import Grade
from starter.demo.story import Stage
from tests.workflows.returns.play import Play

#: No card, so nothing is replaced in advance.
GIFT_CARD = [{"tender_id": "g", "kind": "gift_card", "captured": 8000}]


async def out_of_stock(story: Play) -> None:
    await story.start()
    await story.receive()
    await story.inspect(Grade.D)
    await story.attention("stock")


@pytest.mark.parametrize(
    ("resolution", "status", "amount"),
    [("refund", "refunded", 4000), ("store_credit", "credited", 4400), ("exchange", "exchanged", 1500)],
)
async def test_something_else_is_chosen(
    play: Callable[..., Play], stage: Stage, resolution: str, status: str, amount: int
) -> None:
    story = play(
        resolution="replacement",
        tenders=GIFT_CARD,
        items=[{"line_id": "1", "quantity": 1, "reason": "damaged_in_transit"}],
    )
    await out_of_stock(story)
    wanted: dict[str, Any] = {"resolution": resolution}
    if resolution == "exchange":
        other = f"OTHER-{story.return_id}"
        await add_stock(stage.db, other, 1)
        wanted["exchange_for"] = [{"sku": other, "quantity": 1, "unit_price": 2500}]
    await story.change(**wanted)
    await story.closed()
    view = await story.view()
    assert (view.status, view.settlement.amount, view.attention) == (status, amount, None)


async def test_the_goods_themselves_can_not_be_changed_any_more(play: Callable[..., Play]) -> None:
    story = play(resolution="replacement", tenders=GIFT_CARD)
    await out_of_stock(story)
    with pytest.raises(NotAllowed, match="handed over"):
        await story.change(method="drop_off")
    with pytest.raises(NotAllowed, match="handed over"):
        await story.change(resolution="refund", items=[{"line_id": "1", "quantity": 1, "reason": "color"}])


async def test_waited_for_it_is_looked_for_every_day(play: Callable[..., Play], stage: Stage) -> None:
    story = play(resolution="replacement", tenders=GIFT_CARD)
    await out_of_stock(story)
    await add_stock(stage.db, story.request.order.lines[0].sku, 1)
    await story.days(1.1)
    await story.happened("replacement_shipped")
    assert (await story.view()).attention is None
