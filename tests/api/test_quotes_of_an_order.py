"""A quote gives what the order has left beside its other returns: the figure that is then paid."""

from typing import Any

import httpx
import pytest

from tests.workflows.returns.play import make_body

UNIT = {"line_id": "1", "reason": "unwanted"}


def parts(resolution: str) -> list[dict[str, Any]]:
    """Three units at 4000, 12000 captured in two ways, 1000 of it refunded: one unit, then the two others."""
    one = make_body()
    number = one["return_id"]
    lines = [{"line_id": "1", "sku": f"SHOE-{number}", "quantity": 3, "unit_price": 4000}]
    tenders = [
        {"tender_id": "t1", "kind": "gift_card", "captured": 2000, "refunded": 1000},
        {"tender_id": "t2", "kind": "card", "captured": 10000},
    ]
    same: dict[str, Any] = {"lines": lines, "tenders": tenders, "order_id": f"SO-{number}"}
    return [
        make_body(items=[UNIT | {"quantity": 1}], **same),
        make_body(items=[UNIT | {"quantity": 2}], resolution=resolution, **same),
    ]


@pytest.mark.parametrize(
    ("resolution", "paid"), [("refund", [("t2", 7000)]), ("store_credit", [("store_credit", 7700)])]
)
async def test_a_quote_leaves_what_other_returns_hold(
    api: httpx.AsyncClient, resolution: str, paid: list[tuple[str, int]]
) -> None:
    first, second = parts(resolution)
    whole = (await api.post("/v1/quotes", json=second)).json()
    assert whole["amount"] - whole["breakdown"]["bonus"] == 8000
    assert (await api.post("/v1/returns", json=first)).json()["amount"] == 4000
    quoted = (await api.post("/v1/quotes", json=second)).json()
    assert [(part["tender_id"], part["amount"]) for part in quoted["paid"]] == paid
    started = (await api.post("/v1/returns", json=second)).json()
    assert started["amount"] == quoted["amount"] == paid[0][1]
    # It is asked about itself: what it holds is not taken off.
    again = (await api.post("/v1/quotes", json=second)).json()
    assert again["amount"] == quoted["amount"]
