"""Orders to try the portal with: put into an empty database by ``homeward up``, their dates relative to now."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gateways.database.engine import Database
from gateways.database.stock.inventory import add_stock
from gateways.orders.database import keep_orders
from gateways.orders.protocol import FoundOrder, read_order

_IN_STOCK = ("TRAIL-41", "TRAIL-42", "TRAIL-43", "LAMP-OAK")
_CUSTOMER = {
    "customer_id": "C-9001",
    "name": "Sample Customer",
    "email": "customer@example.com",
    "address": {"line1": "1 Main St", "city": "Springfield", "state": "IL", "postal_code": "62701", "country": "US"},
}


async def keep_sample_orders(db: Database) -> None:
    """Keep them, and some stock to replace and exchange from; nothing happens where any order is kept already.

    Raises ``Unavailable``.
    """
    if await keep_orders(db, sample_orders(datetime.now(UTC)), if_empty=True):
        for sku in _IN_STOCK:
            await add_stock(db, sku, 3)


def sample_orders(now: datetime) -> list[FoundOrder]:
    """A plain one, a phone, one whose time is over, and one paid in two ways."""
    return [
        _order(
            "SO-9001",
            now,
            4,
            [
                _line("1", "TRAIL-42", "Trail shoe, size 42", 2, 8900, exchanges=_other_sizes()),
                _line("2", "SOCKS-M", "Wool socks, three pairs", 1, 2400),
                _line("3", "BOTTLE-1L", "Steel bottle, 1 litre", 1, 1900, final_sale=True),
            ],
            shipping=900,
        ),
        _order(
            "SO-9002",
            now,
            6,
            [
                _line("1", "PHONE-128", "Phone, 128 GB", 1, 39900, holds_personal_data=True),
                _line("2", "CASE", "Case", 1, 2900),
            ],
        ),
        _order("SO-9003", now, 75, [_line("1", "COAT-L", "Rain coat, size L", 1, 12900)]),
        _order(
            "SO-9004",
            now,
            2,
            [_line("1", "LAMP-OAK", "Desk lamp, oak", 1, 15900), _line("2", "BULB", "Light bulb", 3, 700)],
            gift_card=5000,
        ),
    ]


def _other_sizes() -> list[dict[str, Any]]:
    sizes = (("TRAIL-41", "Trail shoe, size 41", 8900), ("TRAIL-43", "Trail shoe, size 43", 8900))
    return [{"sku": sku, "title": title, "unit_price": price, "tax_total": price // 10} for sku, title, price in sizes]


def _line(line_id: str, sku: str, title: str, quantity: int, price: int, **more: Any) -> dict[str, Any]:
    tax = quantity * price // 10
    known = {"line_id": line_id, "sku": sku, "title": title, "quantity": quantity}
    return known | {"unit_price": price, "tax_total": tax} | more


def _order(
    order_id: str, now: datetime, days_ago: int, lines: list[dict[str, Any]], *, shipping: int = 0, gift_card: int = 0
) -> FoundOrder:
    total = shipping + sum(line["quantity"] * line["unit_price"] + line["tax_total"] for line in lines)
    card = {"tender_id": "card", "kind": "card", "captured": total - gift_card, "reference": f"pi_{order_id}"}
    gift = {"tender_id": "gift", "kind": "gift_card", "captured": gift_card, "reference": f"gc_{order_id}"}
    raw = {
        "order_id": order_id,
        "placed_at": (now - timedelta(days=days_ago + 3)).isoformat(),
        "delivered_at": (now - timedelta(days=days_ago)).isoformat(),
        "currency": "USD",
        "customer": _CUSTOMER,
        "lines": lines,
        "shipping": {"price": shipping},
        "tenders": [gift, card] if gift_card else [card],
    }
    return read_order(raw, now)
