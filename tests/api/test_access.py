"""Keys, scopes, and how often one may call."""

import httpx
import pytest

from tests.api.conftest import Serve
from tests.workflows.returns.play import make_body

KEYS = {scope: f"{scope}-key-of-the-tests" for scope in ("start", "vouch", "read", "operate")}
API_KEYS = [{"key": key, "scopes": [scope]} for scope, key in KEYS.items()]


def bearer(scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {KEYS[scope]}"}


@pytest.mark.parametrize("given", [None, "Bearer wrong-key-of-nobody", "Basic abc", "Bearer ", KEYS["read"]])
async def test_without_a_valid_key_nothing_is_given_away(serve: Serve, given: str | None) -> None:
    api = serve(api_keys=API_KEYS)
    headers = {"Authorization": given} if given else {}
    for method, path in (("GET", "/v1/returns"), ("GET", "/v1/returns/R-none"), ("POST", "/v1/returns")):
        answer = await api.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (401, "/docs#no-key")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("method", "path", "scopes"),
    [
        ("POST", "/v1/returns", {"start", "vouch"}),
        ("POST", "/v1/quotes", {"start", "vouch", "read"}),
        ("GET", "/v1/returns", {"read"}),
        ("GET", "/v1/returns/R-none", {"read"}),
        ("GET", "/v1/returns/R-none/label", {"read"}),
        ("POST", "/v1/returns/R-none/cancel", {"operate"}),
        ("POST", "/v1/returns/R-none/receipts", {"operate"}),
        ("POST", "/v1/returns/R-none/repairs/1-1/check", {"operate"}),
    ],
)
async def test_a_key_opens_what_its_scope_says(serve: Serve, method: str, path: str, scopes: set[str]) -> None:
    api = serve(api_keys=API_KEYS)
    answers = {scope: await api.request(method, path, headers=bearer(scope)) for scope in KEYS}
    assert {scope for scope, answer in answers.items() if answer.status_code != 403} == scopes
    refused = next(answer for answer in answers.values() if answer.status_code == 403)
    assert refused.json()["type"] == "/docs#wrong-scope"
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]


async def test_a_valid_key_starts_a_return(serve: Serve) -> None:
    answer = await serve(api_keys=API_KEYS).post("/v1/returns", json=make_body(), headers=bearer("vouch"))
    assert answer.status_code == 201


async def test_two_callers_may_use_the_same_idempotency_key(serve: Serve) -> None:
    second = {"key": "another-key-of-the-tests", "scopes": ["vouch"]}
    api = serve(api_keys=[*API_KEYS, second])
    again = {"Idempotency-Key": "1"}
    one = await api.post("/v1/returns", json=make_body(), headers=bearer("vouch") | again)
    other = await api.post(
        "/v1/returns", json=make_body(), headers={"Authorization": f"Bearer {second['key']}"} | again
    )
    assert (one.status_code, other.status_code) == (201, 201)


async def test_health_and_documentation_ask_for_no_key(serve: Serve) -> None:
    api = serve(api_keys=API_KEYS)
    for path in ("/healthz", "/readyz", "/docs", "/openapi.json"):
        assert (await api.get(path)).status_code == 200
    described = (await api.get("/openapi.json")).json()
    assert described["components"]["securitySchemes"]["key"] == {
        "type": "http", "scheme": "bearer", "description": "A key of `HOMEWARD_API_KEYS`, or of `homeward keys`.",
    }  # fmt: skip
    assert described["paths"]["/v1/returns"]["post"]["security"] == [{"key": ["start"]}, {"key": ["vouch"]}]


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8000", 200), ("localhost", 200), ("[::1]:8000", 200), ("[::1]", 200),
     ("shop.example.com", 401), ("127.0.0.1.example.com:8000", 401), ("", 401)],
)  # fmt: skip
async def test_without_keys_only_this_machine_is_answered(api: httpx.AsyncClient, host: str, status: int) -> None:
    assert (await api.get("/v1/returns?limit=1", headers={"Host": host})).status_code == status


async def test_more_calls_than_a_key_may_make_have_to_wait(serve: Serve) -> None:
    api = serve(api_keys=API_KEYS, api_calls_per_minute=3)
    answers = [await api.get("/v1/returns/R-none", headers=bearer("read")) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert answers[-1].json()["type"] == "/docs#too-many-calls"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert (await api.post("/v1/returns/R-none/cancel", headers=bearer("operate"))).status_code == 415
    guesses = [await api.get("/v1/returns", headers={"Authorization": f"Bearer guess-{n}"}) for n in range(4)]
    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]


async def test_guesses_from_all_addresses_of_one_ipv6_network_count_together(serve: Serve) -> None:
    api, found = serve(api_keys=API_KEYS, api_calls_per_minute=3), []
    for number in range(5):
        assert isinstance(api._transport, httpx.ASGITransport)
        api._transport.client = (f"2001:db8::{number}", 1)
        found.append((await api.get("/v1/returns", headers={"Authorization": "Bearer guess"})).status_code)
    assert found == [401, 401, 401, 429, 429]


async def test_more_calls_than_an_address_may_make_have_to_wait(serve: Serve) -> None:
    api = serve(api_calls_per_minute=2)
    assert [(await api.get("/v1/returns/R-none")).status_code for _ in range(3)] == [404, 404, 429]
    assert (await api.get("/healthz")).status_code == 200
