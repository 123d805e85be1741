"""Money whose answer was lost is neither paid nor taken twice, however the step is tried again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from gateways.database.sandbox_tables import sandbox_refunds
from lifecycle.messages import Grade, ResolveAttention
from starter.demo.story import Stage, stage_at
from starter.local import Place, running
from tests.workflows.returns import Play, make_request
from workers.settings import Settings

#: One of them comes to 4033.
SHOES = {
    "line_id": "1",
    "sku": "SHOE-42",
    "title": "Trail shoe",
    "quantity": 3,
    "unit_price": 4000,
    "discount_total": 1000,
    "tax_total": 1100,
}
HAT = {"line_id": "1", "sku": "HAT", "title": "Hat", "quantity": 1, "unit_price": 4033}
GIFT = {"tender_id": "t1", "kind": "gift_card", "captured": 4033}
CARD = {"tender_id": "t2", "kind": "card", "captured": 13090, "reference": "card"}


@pytest.fixture(scope="module")
async def impatient(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """`homeward up`, where a step gives up with its first failure."""
    place = Place(tmp_path_factory.mktemp("impatient"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(data_dir=place.data_dir, give_up_after_seconds=0)
    async with running(settings, place) as ready, stage_at(ready) as stage:
        yield stage


async def refunds(stage: Stage, return_id: str) -> list[tuple[str, int]]:
    """Tender reference and amount of each refund in the provider's books, oldest first."""
    mine = sandbox_refunds.c.key.startswith(f"return-{return_id}/", autoescape=True)
    statement = select(sandbox_refunds).where(mine)
    rows = await stage.db.read(lambda connection: connection.execute(statement).mappings().all())
    return [(row["charge"], row["amount"]) for row in rows]


@pytest.mark.parametrize(("line", "others"), [(SHOES, [CARD]), (HAT, [])])
async def test_a_refund_that_a_person_has_tried_again_is_paid_once(
    impatient: Stage, line: dict[str, Any], others: list[Any]
) -> None:
    gift = f"gift-{len(others)} fault:after:1"
    story = Play(impatient, make_request(lines=[line], tenders=[GIFT | {"reference": gift}, *others]))
    await story.start()
    await story.receive()
    await story.inspect(Grade.A)
    view = await story.attention()
    assert view.attention
    assert view.attention.step == "refund"
    await impatient.homeward.resolve_attention(story.return_id, ResolveAttention(by="operator", action="retry"))
    await story.closed()
    assert await refunds(impatient, story.return_id) == [(gift, 4033)]
    view = await story.view()
    assert (view.status, view.attention) == ("refunded", None)
    assert [(paid.tender_id, paid.amount, paid.state) for paid in view.settlement.paid] == [("t1", 4033, "succeeded")]
    assert await story.mails() == ["label_sent", "refunded"]
