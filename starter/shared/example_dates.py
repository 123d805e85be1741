"""Moves an order's dates: the example requests carry fixed ones, and have to work on every day."""

from datetime import datetime, timedelta
from typing import Any


def delivered(raw: Any, days_ago: int, now: datetime) -> Any:
    """The same request, its order delivered so many days before ``now``; placed as long before as it was.

    At midnight UTC, so that the same request again on the same day is the same return.

    What does not look like a request is given back as it is: checking it names what is wrong.
    """
    try:
        order = dict(raw["order"])
        before = datetime.fromisoformat(order["delivered_at"])
        after = (now - timedelta(days=days_ago)).replace(hour=0, minute=0, second=0, microsecond=0)
        if order.get("placed_at"):
            order["placed_at"] = (datetime.fromisoformat(order["placed_at"]) + (after - before)).isoformat()
    except (KeyError, TypeError, ValueError):
        return raw
    order["delivered_at"] = after.isoformat()
    return {**raw, "order": order}
