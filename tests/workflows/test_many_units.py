"""The largest return that is taken is carried to its end, by a real server with its real limits."""

from collections.abc import Callable
from typing import Any

from gateways.database.stock.inventory import balances
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import InspectedUnit, ReceiptUnits, TrackingStatus
from lifecycle.contract.sizes import most_at_once
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.workflows.returns.play import Play, make_request


def whole(line: int) -> dict[str, Any]:
    """All of a line."""
    return {"line_id": str(line), "quantity": 500, "reason": "unwanted"}


async def test_the_largest_return_reaches_its_end(play: Callable[..., Play], stage: Stage) -> None:
    lines = [
        {"line_id": str(line), "sku": f"MANY-{line}", "quantity": 500, "unit_price": 20, "tax_total": 1003}
        for line in range(1, 11)
    ]
    asked = make_request(lines=lines, items=[whole(1)])
    most = most_at_once(asked.order, asked.items)
    items = [whole(1), whole(2), whole(3), whole(4) | {"quantity": most - 1500}]
    story = play(lines=lines, items=items)
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receipt(*(ReceiptUnits(line_id=item["line_id"], quantity=item["quantity"]) for item in items))
    units = [unit.unit_id for unit in (await story.view()).units]
    await story.inspection(*(InspectedUnit(unit_id=unit_id, grade=Grade.A) for unit_id in units))
    view = await story.until(Status.REFUNDED)
    await story.closed()

    paid = sum(unit.refund or 0 for unit in view.units)
    assert (len(units), [made.amount for made in view.settlement.paid]) == (most, [paid])
    assert [row["on_hand"] for row in await balances(stage.db, "MANY-1") if row["grade"] == "A"] == [500]
