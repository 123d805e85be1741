"""The 2 KB request that both sides are started with."""

from datetime import UTC, datetime, timedelta
from typing import Any

#: One unit of the first line comes back, as new: its price less its part of the discount, plus tax.
AMOUNT = 4033
CURRENCY = "USD"
SKU = "SHOE-42"

_PRICES = ((4000, 3, 1000, 1100), (2500, 1, 0, 250), (1999, 2, 398, 360), (1500, 1, 0, 150), (999, 1, 0, 100))
_TITLES = (
    "Trail shoe with a reinforced toe, stone grey",
    "Rain jacket, two layers, packs into its own pocket",
    "Merino socks, three pairs",
    "Head lamp, 300 lumen, with a spare strap",
    "Water bottle, steel, 0.75 l",
)
_SKUS = (SKU, "JACKET-RAIN-M", "SOCKS-MERINO-41", "LAMP-300", "BOTTLE-750")


def plain_request(return_id: str) -> dict[str, Any]:
    """A return of one unit by mail for a refund, inside its window; about 2 KB as JSON."""
    delivered = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    lines = [_line(number) for number in range(len(_PRICES))]
    captured = sum(price * count - discount + tax for price, count, discount, tax in _PRICES) + 990
    customer = {
        "customer_id": f"C-{return_id}",
        "name": "Sample Customer",
        "email": "customer@example.com",
        "phone": "+1 217 555 0100",
        "address": {
            "line1": "1 Main St",
            "line2": "Apartment 12, second floor, the blue door",
            "city": "Springfield",
            "state": "IL",
            "postal_code": "62701",
            "country": "US",
        },
    }
    order = {
        "order_id": f"SO-{return_id}",
        "placed_at": (delivered - timedelta(days=4)).isoformat(),
        "delivered_at": delivered.isoformat(),
        "currency": CURRENCY,
        "prices_include_tax": False,
        "customer": customer,
        "lines": lines,
        "shipping": {"price": 900, "discount": 0, "tax": 90},
        "tenders": [
            {
                "tender_id": "t1",
                "kind": "card",
                "captured": captured,
                "refunded": 0,
                "reference": f"pi_{return_id}",
            }
        ],
    }
    item = {"line_id": "1", "quantity": 1, "reason": "size_too_small", "note": "Half a size too small."}
    return {
        "return_id": return_id,
        "order": order,
        "items": [item],
        "resolution": "refund",
        "method": "mail",
        "channel": "web",
    }


def _line(number: int) -> dict[str, Any]:
    price, quantity, discount, tax = _PRICES[number]
    return {
        "line_id": str(number + 1),
        "sku": _SKUS[number],
        "title": _TITLES[number],
        "quantity": quantity,
        "returned_quantity": 0,
        "unit_price": price,
        "discount_total": discount,
        "tax_total": tax,
        "serial_numbers": [],
        "final_sale": False,
        "holds_personal_data": False,
        "warranty_until": None,
        "supplier_id": None,
    }
