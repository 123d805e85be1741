"""Orders as shops have them, on the real server: a sale in a store, cash at the door, and no payment yet."""

from typing import Any

import pytest

from gateways.database.store_credit import balance
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.request import ReturnRequest
from starter.demo.story import Stage
from tests.workflows.returns.play import Play, make_body


def bought(stage: Stage, **order: Any) -> Play:
    body = make_body(channel="store")
    body["order"] |= order
    return Play(stage, ReturnRequest.model_validate(body))


async def test_who_has_no_address_brings_the_goods_and_is_not_written_to(stage: Stage) -> None:
    story = bought(stage, customer={})
    await story.start()
    assert (await story.view()).handover.tracking_code is None
    await story.receive()
    await story.inspect(Grade.A)
    await story.closed()
    assert ((await story.view()).status, await story.mails()) == ("refunded", [])
    assert "buy_return_label" not in await story.effects()


@pytest.mark.parametrize(("state", "amount"), [("cash_on_delivery", 4000), ("net_terms", 0)])
async def test_what_goes_back_is_what_was_paid_and_how(stage: Stage, state: str, amount: int) -> None:
    cash = [{"tender_id": "t1", "kind": "other", "captured": 8000}]
    story = bought(stage, payment_state=state, tenders=cash if amount else [])
    await story.start()
    await story.scan(TrackingStatus.ACCEPTED)
    await story.receive()
    await story.inspect(Grade.A)
    await story.closed()
    view = await story.view()
    paid = [(paid.tender_id, paid.amount, paid.state) for paid in view.settlement.paid]
    assert paid == ([("store_credit", amount, "succeeded")] if amount else [])
    assert await story.mails() == ["label_sent", "credited" if amount else "refunded"]
    kept = await balance(stage.db, story.request.order.customer.customer_id, await story.now())
    assert sum(row["amount"] for row in kept) == amount
