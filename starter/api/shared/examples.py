"""What the API's description shows of bodies and answers; the tests check that each is right."""

from typing import Any, Final

RETURN_ID: Final = "R-1001"
START: Final[dict[str, Any]] = {
    "return_id": RETURN_ID,
    "order": {
        "order_id": "SO-5501",
        "placed_at": "2026-11-02T10:15:00Z",
        "delivered_at": "2026-11-06T16:40:00Z",
        "currency": "USD",
        "prices_include_tax": False,
        "customer": {
            "customer_id": "C-77",
            "name": "Sample Customer",
            "email": "customer@example.com",
            "address": {
                "line1": "1 Main St",
                "city": "Springfield",
                "state": "IL",
                "postal_code": "62701",
                "country": "US",
            },
        },
        "lines": [
            {
                "line_id": "1",
                "sku": "SHOE-42",
                "title": "Trail shoe",
                "quantity": 3,
                "unit_price": 4000,
                "discount_total": 1000,
                "tax_total": 1100,
            }
        ],
        "shipping": {"price": 900, "discount": 0, "tax": 90},
        "tenders": [{"tender_id": "t1", "kind": "card", "captured": 13090, "reference": "pi_123"}],
    },
    "items": [{"line_id": "1", "quantity": 1, "reason": "size_too_small"}],
    "resolution": "refund",
    "method": "mail",
    "channel": "web",
}
SUMMARY: Final[dict[str, Any]] = {
    "return_id": RETURN_ID,
    "order_id": "SO-5501",
    "status": "requested",
    "amount": 4033,
    "currency": "USD",
    "resolve_by": None,
    "escalated": False,
    "attention": None,
}
_NOTHING: Final = dict.fromkeys(
    ("shipping", "restocking_fee", "return_shipping_fee", "condition_deduction", "bonus", "exchange"), 0
)
VIEW: Final[dict[str, Any]] = {
    "return_id": RETURN_ID,
    "order_id": "SO-5501",
    "status": "refunded",
    "closed": True,
    "decision": {"outcome": "allowed", "rules": []},
    "settlement": {
        "state": "settled",
        "resolution": "refund",
        "amount": 4033,
        "currency": "USD",
        "breakdown": {"units": 4033, **_NOTHING},
        "paid": [{"tender_id": "t1", "amount": 4033, "state": "succeeded", "reference": "re_1"}],
        "hold": None,
        "asked": None,
    },
    "goods": {"state": "received"},
    "handover": {
        "method": "mail",
        "tracking_code": "HW100000000001",
        "label_url": "https://shop.example.com/v1/returns/R-1001/label",
        "at": "2026-11-10T09:00:00Z",
        "pickup": None,
        "drop_off": None,
    },
    "units": [
        {
            "unit_id": "1-1",
            "line_id": "1",
            "sku": "SHOE-42",
            "serial_number": None,
            "reception": "received",
            "acceptance": "accepted",
            "grade": "A",
            "disposition": "restock",
            "refund": 4033,
            "wiped": None,
            "repair": None,
            "note": None,
            "flag": None,
        }
    ],
    "extras": [],
    "deadlines": {
        "ship_by": "2026-11-24T04:59:59Z",
        "target": "2026-11-18T04:59:59Z",
        "limit": "2026-11-20T04:59:59Z",
    },
    "escalated": False,
    "attention": None,
    "timeline": [{"at": "2026-11-09T15:04:05Z", "event": "label_sent", "by": "engine", "detail": None}],
}
WHOLE_VIEW: Final[dict[str, Any]] = VIEW | {
    "asked_for": {
        "channel": "web",
        "resolution": "refund",
        "method": "mail",
        "items": [{"line_id": "1", "quantity": 1, "reason": "size_too_small", "note": None}],
        "exchange_for": None,
        "pickup_slot": None,
    },
    "customer": {
        "customer_id": "C-77",
        "name": "Sample Customer",
        "email": "customer@example.com",
        "phone": None,
        "address": {
            "name": None,
            "line1": "1 Main St",
            "line2": None,
            "city": "Springfield",
            "state": "IL",
            "postal_code": "62701",
            "country": "US",
        },
    },
    "parcels": [
        {
            "direction": "to_shop",
            "tracking_code": "HW100000000001",
            "carrier": None,
            "label_url": "https://shop.example.com/v1/returns/R-1001/label",
            "at": "2026-11-09T15:04:05Z",
            "voided": False,
        }
    ],
    "tenders": [
        {
            "tender_id": "t1",
            "kind": "card",
            "captured": 13090,
            "reference": "pi_123",
            "given_back": 4033,
            "pending": 0,
        }
    ],
}
LISTED: Final[dict[str, Any]] = {
    "return_id": RETURN_ID,
    "order_id": "SO-5501",
    "status": "in_transit",
    "resolve_by": "2026-11-18T04:59:59Z",
    "escalated": False,
    "attention": None,
    "resolution": "refund",
    "method": "mail",
    "opened_at": "2026-11-09T15:04:02Z",
    "updated_at": "2026-11-10T09:00:01Z",
    "closed_at": None,
    "currency": "USD",
    "value": 3667,
    "amount": 4033,
}
PAGE: Final[dict[str, Any]] = {"returns": [LISTED], "next_cursor": "q1Zyb2Nrcy1hcmUtc29mdA"}
PICKUP: Final[dict[str, Any]] = {
    "slots": [{"start": "2026-11-11T09:00:00-05:00", "end": "2026-11-11T12:00:00-05:00"}],
    "booked": None,
}
DROP_OFF: Final[dict[str, Any]] = {
    "points": [
        {
            "point_id": "P1",
            "name": "Corner shop",
            "line1": "3 Main St",
            "city": "Springfield",
            "postal_code": "62701",
            "country": "US",
            "hours": "Mon-Sat 8-20",
        }
    ],
    "code": None,
}
REPAIR: Final[dict[str, Any]] = {
    "return_id": RETURN_ID,
    "unit_id": "1-1",
    "state": "awaiting_customer",
    "outcome": None,
    "estimate": 4500,
    "currency": "USD",
    "answer_by": "2026-11-25T04:59:59Z",
    "attention": None,
}
QUOTE_OF: Final[dict[str, Any]] = {
    **{name: value for name, value in START.items() if name != "return_id"},
    "items": [{"line_id": "1", "quantity": 1, "reason": "size_too_small", "grade": "B"}],
    "policy": {"restocking_fee_percent": 10},
}
QUOTE: Final[dict[str, Any]] = {
    "amount": 3666,
    "currency": "USD",
    "breakdown": {"units": 4033, **_NOTHING, "restocking_fee": 367},
    "paid": [{"tender_id": "t1", "amount": 3666}],
    "decision": {"outcome": "allowed", "rules": []},
}
EVENT: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": f"{RETURN_ID}:6",
    "source": "/homeward/returns",
    "type": "homeward.return.refunded",
    "subject": RETURN_ID,
    "time": "2026-11-24T15:20:00Z",
    "datacontenttype": "application/json",
    "dataschema": "https://returns.shop.example/schemas/homeward.return.refunded.json",
    "data": {
        "number": 6,
        "entry": {"at": "2026-11-24T15:20:00Z", "event": "refunded", "by": "engine"},
        "summary": SUMMARY,
        "resolution": "refund",
        "paid": [
            {"tender_id": "t1", "kind": "card", "amount": 4033, "state": "succeeded", "reference": "re_5501"},
        ],
    },
}
