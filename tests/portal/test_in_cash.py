"""What was paid in cash at the door comes back as store credit, and the page says why."""

from gateways.orders.database import keep_orders
from gateways.orders.protocol import FoundOrder
from lifecycle.contract.orders.payment import PaymentState
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.portal.visits import keep_order, visitor


async def test_the_offer_says_that_cash_comes_back_as_store_credit(ready: Ready, stage: Stage) -> None:
    paid = await keep_order(stage)
    cash = paid.model_copy(update={"order_id": f"{paid.order_id}-cash", "payment_state": PaymentState.CASH_ON_DELIVERY})
    await keep_orders(stage.db, [FoundOrder(cash)])
    chosen = {"item": "0", "quantity-0": "1", "reason-0": "unwanted"}
    told = {}
    for order in (paid, cash):
        async with visitor(ready) as caller:
            await caller.sign_in(stage, order.order_id)
            page = (await caller.http.get(f"/orders/{order.order_id}/return", params=chosen)).text
            told[order.order_id] = ("You paid in cash at the door" in page, 'value="refund"' in page)
            assert 'value="store_credit"' in page
    assert told == {paid.order_id: (False, True), cash.order_id: (True, False)}
