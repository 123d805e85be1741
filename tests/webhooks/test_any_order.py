"""Whatever order a return's webhooks come in, and however often: the end is the same."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.webhooks.partners import Door, Hook, inspection, receipt, refund, scan
from tests.workflows.returns.play import Play, make_request

NAMES = ("accepted", "moving", "delivered", "receipt", "inspection", "late refund")
#: Each comes once at least, in any order, and some come again.
ORDERS = st.permutations(NAMES).flatmap(
    lambda order: st.lists(st.sampled_from(NAMES), max_size=4).map(lambda repeats: [*order, *repeats])
)


async def hooks_of(story: Play) -> dict[str, Hook]:
    """What the partners tell of one plain return."""
    code = (await story.view()).handover.tracking_code
    assert code
    now = datetime.now(UTC)
    scans = [("in_transit", now), ("out_for_delivery", now + timedelta(seconds=1))]
    scans.append(("delivered", now + timedelta(seconds=2)))
    return {
        "accepted": scan(code, *scans[:1]),
        "moving": scan(code, *scans[:2]),
        "delivered": scan(code, *scans),
        "receipt": receipt(story.return_id),
        "inspection": inspection(story.return_id, "C"),
        # Of a refund that the return does not have: it must not disturb it.
        "late refund": refund(f"re_{story.return_id}", "succeeded", story.return_id),
    }


async def end_of(door: Door, stage: Stage, order: list[str]) -> tuple[Any, ...]:
    story = Play(stage, make_request())
    await story.start()
    hooks = await hooks_of(story)
    for name in order:
        assert (await door.send(hooks[name])).status_code in (200, 202)
    view = await story.until(Status.REFUNDED)
    await story.closed()
    paid = [(part.tender_id, part.amount, part.state) for part in view.settlement.paid]
    units = [(unit.reception, unit.acceptance, unit.grade, unit.disposition, unit.refund) for unit in view.units]
    stock = await story.stock()
    return paid, units, view.settlement.breakdown, sorted(stock.items()), sorted(await story.mails()), len(view.extras)


@settings(max_examples=2)
@given(orders=st.lists(ORDERS, min_size=5, max_size=5))
@pytest.mark.long
async def test_the_end_is_the_same(door: Door, stage: Stage, orders: list[list[str]]) -> None:
    plain, *ends = await asyncio.gather(*(end_of(door, stage, order) for order in [list(NAMES), *orders]))
    assert ends == [plain] * len(orders)
    assert plain[0] == [("t1", 2800, "succeeded")]
