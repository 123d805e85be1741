"""A shop's own order service."""

from typing import Any
from urllib.parse import unquote

from tests.gateways.stand_ins import Json, Refused, Request, StandIn
from tests.workflows.returns.play import make_body

SIZE_43 = {"sku": "SHOE-43", "title": "Size 43", "unit_price": 4500, "tax_total": 450}


def order(order_id: str, **changes: Any) -> Json:
    raw: Json = make_body(order_id=order_id)["order"] | changes
    raw["lines"] = [line | {"exchanges": [SIZE_43]} for line in raw["lines"]]
    return raw


class OrderService(StandIn):
    """Answers what it was given, to whoever has the key."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: dict[str, Json] = {}
        self.says: bytes | None = None

    def answer(self, request: Request) -> Json | bytes:
        """One order, by its id."""
        if request.headers.get("authorization") != "Bearer key-1":
            raise Refused(401, {"error": "no key"})
        name = unquote(request.path.removeprefix("/shop/orders/"))
        if self.says is not None:
            return self.says
        if name not in self.orders:
            raise Refused(404, {"error": "not found"})
        return self.orders[name]
