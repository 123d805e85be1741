"""What the reference server says a tender holds, whether the order's `refunded` has its own refunds in it or not."""

import pytest

from tests.own_systems.reference import example


def _asked(refunded: int, amount: int = 0, key: str = "") -> dict[str, object]:
    tender = {"tender_id": "t1", "kind": "other", "reference": "B-1", "captured": 10000, "refunded": refunded}
    asked = {"order_id": "SO-1", "tender": tender, "amount": amount, "currency": "EUR", "replaces": None}
    return asked | {"idempotency_key": key}


@pytest.mark.parametrize("elsewhere", [0, 1000])
@pytest.mark.parametrize("counted", [True, False])
def test_each_refund_counts_once(elsewhere: int, *, counted: bool) -> None:
    shop = example().Shop()
    for paid in (0, 4000):
        refund = shop.refund(_asked(elsewhere + paid * counted, 4000, f"key-{paid}"))
        assert refund["status"] == "done"
        assert shop.held(_asked(elsewhere + paid * counted)) == {"amount": 10000 - elsewhere - paid - 4000}
    assert shop.refund(_asked(elsewhere, 2001, "more"))["status"] == "refused"
