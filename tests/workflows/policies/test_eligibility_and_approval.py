"""Which policy is in force, what it lets through, and who is served first."""

from typing import Any

import pytest

from gateways.database.stock.inventory import add_stock
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from tests.workflows.policies.shop import TWO, Shop, lines_of
from tests.workflows.returns.play import Play, make_request

#: The order of these tests was delivered four days ago.
FINAL = {"line_id": "1", "sku": "GIFT", "quantity": 1, "unit_price": 4000, "final_sale": True}
DEFECTIVE = {"line_id": "1", "quantity": 1, "reason": "defective"}


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


@pytest.mark.parametrize(
    ("policy", "changes", "rule"),
    [
        ('resolutions = ["refund"]', {}, None),
        ('resolutions = ["refund"]', {"resolution": "store_credit"}, "resolution"),
        ('out_of_warranty_repair = "quoted"', {"resolution": "repair"}, None),
        ('out_of_warranty_repair = "declined"', {"resolution": "repair"}, "warranty"),
        ('final_sale = "declined"', {"lines": [FINAL]}, "final_sale"),
        ('final_sale = "declined"', {"lines": [FINAL], "items": [DEFECTIVE]}, None),
        ("window_days = 4", {}, None),
        ("window_days = 3", {}, "window"),
    ],
)
async def test_what_is_let_through(shop: Shop, policy: str, changes: dict[str, Any], rule: str | None) -> None:
    story = shop.play(f"[eligibility]\n{policy}", **changes)
    await story.start(until=Status.DECLINED if rule else Status.LABEL_SENT)
    decision = (await story.view()).decision
    assert decision
    assert [fired.rule for fired in decision.rules] == ([rule] if rule else [])


async def test_final_sale_may_be_for_an_operator_to_say(shop: Shop) -> None:
    story = shop.play('[eligibility]\nfinal_sale = "review"', lines=[FINAL])
    await story.start(until=Status.IN_REVIEW)
    await story.approve()
    await story.until(Status.LABEL_SENT)


@pytest.mark.parametrize(("method", "status"), [("drop_off", Status.LABEL_SENT), ("mail", Status.DECLINED)])
async def test_only_the_methods_that_the_shop_offers(shop: Shop, method: str, status: Status) -> None:
    story = shop.play('[handover]\nmethods = ["drop_off"]', method=method)
    await story.start(until=status)


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


@pytest.mark.parametrize("offered", [True, False])
async def test_a_replacement_goes_out_in_advance_only_where_that_is_offered(shop: Shop, offered: bool) -> None:
    story = shop.play(f"[approval]\nadvance_replacement = {str(offered).lower()}", resolution="replacement")
    await add_stock(shop.stage.db, story.request.order.lines[0].sku, 1)
    await story.start(until=Status.REPLACED if offered else Status.LABEL_SENT)
    events = await story.events()
    assert ("hold_placed" in events, "replacement_shipped" in events) == (offered, offered)
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.inspect()
    await story.closed()
    view = await story.view()
    assert (view.status, view.settlement.amount, view.settlement.paid) == ("replaced", 0, [])
    assert (await story.events()).count("replacement_shipped") == 1
