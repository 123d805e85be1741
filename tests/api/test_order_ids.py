"""One order, however its callers spell its id: its units come back once."""

import httpx
import pytest

from tests.workflows.returns.play import make_body


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
