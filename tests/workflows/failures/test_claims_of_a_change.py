"""A change that is not made leaves its return with the units of before, however late it claimed others."""

import asyncio

import pytest
from sqlalchemy import select

from client.errors import NotAllowed
from gateways.database.engine import rows_of
from gateways.database.tables.returns import claims
from tests.workflows.failures.shop import Shop
from tests.workflows.failures.striking import Gate, Strike
from tests.workflows.returns.play import Play, make_request

_LINES = [{"line_id": "1", "sku": "SHOE", "title": "Shoe", "quantity": 2, "unit_price": 5000}]
_BOTH = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]


async def units_of(shop: Shop, story: Play) -> list[str]:
    """The units that the return holds."""
    mine = select(claims.c.unit_id).where(claims.c.return_id == story.return_id).order_by(claims.c.unit_id)
    return [row["unit_id"] for row in await rows_of(shop.stage.db, mine)]


async def test_one_that_fails_with_its_answer_lost_gives_its_units_back(shop: Shop) -> None:
    story = Play(shop.stage, make_request(lines=_LINES))
    await story.start()
    assert await units_of(shop, story) == ["1-1"]
    shop.striking.strikes[story.return_id] = Strike("change", "after", "GaveUp")
    with pytest.raises(NotAllowed):
        await story.change(items=_BOTH)
    await story.until_effect("claim_units")
    assert await units_of(shop, story) == ["1-1"]


async def test_one_that_claims_while_its_cancelled_return_releases_is_released_too(shop: Shop) -> None:
    story = Play(shop.stage, make_request(lines=_LINES))
    await story.start()
    changing, releasing = Gate("change", "before"), Gate("release_claims", "after")
    shop.striking.gates[story.return_id] = changing
    asked = asyncio.ensure_future(story.change(items=_BOTH))
    await changing.reached.wait()
    shop.striking.gates[story.return_id] = releasing
    await story.cancel()
    await releasing.reached.wait()
    changing.opened.set()
    with pytest.raises(NotAllowed):
        await asked
    releasing.opened.set()
    await story.until_effect("release_claims-2")
    assert await units_of(shop, story) == []
