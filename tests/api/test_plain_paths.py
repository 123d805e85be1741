"""A path that leads up is no address: a proxy may have let it pass for the one that it leads to."""

import httpx
import pytest

#: What a proxy that works it out takes for a page of the customers; Homeward alone took it for what it begins with.
CLIMBING = [
    ("GET", "/warehouse/bench/R/../../../orders/x"),
    ("GET", "/warehouse/bench/R/%2e%2e/%2E%2e/../orders/x"),
    ("GET", "/warehouse/bench/R/..%2f..%2f..%2forders/x"),
    ("GET", "/warehouse/bench/R/./1-1"),
    ("POST", "/v1/returns/R/repairs/../../../../orders/diagnosis"),
    ("GET", "/orders/x/../../orders/return"),
]


@pytest.mark.parametrize(("method", "path"), CLIMBING)
async def test_a_path_that_leads_up_is_no_address(api: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await api.request(method, "/", extensions={"target": path.encode()})
    assert answer.status_code == 404


async def test_dots_within_a_name_are_part_of_it(api: httpx.AsyncClient) -> None:
    for path in ("/orders/..x", "/orders/x..", "/orders/.../return"):
        assert (await api.get("/", extensions={"target": path.encode()})).status_code == 401
