"""One order, however its callers spell its id: its units come back once."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import httpx
import pytest

from gateways.orders.http import HttpOrders
from lifecycle.contract.errors import InvalidRequest
from starter.api.returns.known_orders import known_order
from tests.gateways.orders.order_service import OrderService, order
from tests.workflows.returns.play import make_body

if TYPE_CHECKING:
    from starter.shared.services import Services


@pytest.mark.parametrize(("first", "second"), [("echo-{}", "ECHO-{}"), ("1071{}", "#1071{}"), ("WEB {}", "web{}")])
async def test_units_of_an_order_that_is_spelt_otherwise_are_returned_already(
    api: httpx.AsyncClient, first: str, second: str
) -> None:
    number = make_body()["return_id"].rpartition("-")[2]
    both = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]
    one = make_body(order_id=first.format(number), items=both)
    other = make_body(order_id=second.format(number), items=both)
    started = await api.post("/v1/returns", json=one)
    assert (started.status_code, started.json()["amount"]) == (201, 8000)
    quoted = await api.post("/v1/quotes", json=other)
    assert quoted.json()["decision"]["outcome"] == "declined"
    refused = await api.post("/v1/returns", json=other)
    assert (refused.json()["status"], refused.json()["amount"]) == ("declined", 0)
    view = (await api.get(f"/v1/returns/{other['return_id']}")).json()
    assert {rule["rule"] for rule in view["decision"]["rules"]} == {"already_returned"}
    assert view["order_id"] == other["order"]["order_id"]


@pytest.mark.parametrize("named", ["1071", "#1071", " # 1071", "web-77", "#WEB-77"])
async def test_a_caller_names_an_order_as_its_customer_would(named: str) -> None:
    shop = OrderService()
    shop.orders |= {"#1071": order("#1071"), "WEB-77": order("WEB-77"), "1": order("2")}
    with shop.running():
        orders = HttpOrders(f"{shop.url}/shop", "key-1")
        services = cast("Services", SimpleNamespace(orders=orders))
        found = await known_order(services, named)
        assert found.order.order_id == ("#1071" if "1071" in named else "WEB-77")
        for unknown in ("nobody", "1"):  # the second is answered with another order
            with pytest.raises(InvalidRequest, match="an order that the shop knows"):
                await known_order(services, unknown)
        await orders.close()
