"""What a caller sees when a call fails: each status of the contract, with what is wrong named."""

import re
import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import httpx
import pytest
import structlog

from starter.api.shared.problems import KINDS
from starter.api.shared.versions import VERSIONS
from tests.api.conftest import JSON, Serve
from tests.workflows.returns.play import Play, make_body


def problem(answer: httpx.Response) -> tuple[int, str, dict[str, Any]]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert set(told) <= {"type", "title", "status", "detail", "errors", "return_id"}
    return answer.status_code, told["type"].removeprefix("/docs#"), told


@pytest.mark.parametrize(
    ("body", "headers", "status", "kind"),
    [
        (b'{"by": ', JSON, 400, "malformed"),
        (b"", JSON, 400, "malformed"),
        (b'{"by": NaN}', JSON, 400, "malformed"),
        (b'{"by": "\xff"}', JSON, 400, "malformed"),
        (b'{"by": "\\ud800"}', JSON, 400, "malformed"),
        (b"[" * 100_000, JSON, 400, "malformed"),
        (b'{"by": "x"}', {}, 415, "wrong-type"),
        (b"by=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "wrong-type"),
        (b'{"by": "' + b"x" * 1_100_000 + b'"}', JSON, 413, "too-large"),
        (b'{"by": "a\\u0000b"}', JSON, 422, "invalid"),
        (b'{"by": "x", "reson": "typo"}', JSON, 422, "invalid"),
        (b'{"by": ' + b"9" * 5000 + b"}", JSON, 400, "malformed"),
        (b'{"by": ' + b"9" * 400 + b"}", JSON, 422, "invalid"),
        (b'["by"]', JSON, 422, "invalid"),
    ],
    ids=["cut", "empty", "NaN", "UTF-8", "half", "deep", "untyped", "form", "large", "NUL", "typo", "huge", "big",
         "list"],
)  # fmt: skip
async def test_a_body_that_does_not_fit(
    api: httpx.AsyncClient, body: bytes, headers: dict[str, str], status: int, kind: str
) -> None:
    answer = await api.post("/v1/returns/R-none/cancel", content=body, headers=headers)
    assert problem(answer)[:2] == (status, kind)


async def test_a_body_of_unknown_length_is_not_read_to_its_end(api: httpx.AsyncClient) -> None:
    async def endless() -> Any:
        for _ in range(2000):
            yield b" " * 1024

    answer = await api.post("/v1/returns", content=endless(), headers=JSON)
    assert problem(answer)[:2] == (413, "too-large")


async def test_every_wrong_field_is_named(api: httpx.AsyncClient) -> None:
    body = make_body(items=[{"line_id": "1", "quantity": 0, "reason": "bored"}], resolutoin="refund")
    status, kind, told = problem(await api.post("/v1/returns", json=body))
    assert (status, kind) == (422, "invalid")
    assert {error["field"]: error["code"] for error in told["errors"]} == {
        "items.0.quantity": "range", "items.0.reason": "choice", "resolutoin": "unknown"
    }  # fmt: skip
    nested = make_body()
    nested["order"]["customer"]["adress"] = {}
    assert problem(await api.post("/v1/returns", json=nested))[2]["errors"][0]["field"] == "order.customer.adress"


@pytest.mark.parametrize(
    ("query", "field"),
    [("statuss=x", "statuss"), ("status=x", "status"), ("limit=0", "limit"), ("limit=1001", "limit"),
     ("due_before=yesterday", "due_before"), ("cursor=%00", "cursor"), ("cursor=ab=cd", "cursor")],
)  # fmt: skip
async def test_a_wish_that_does_not_fit_is_named(api: httpx.AsyncClient, query: str, field: str) -> None:
    status, kind, told = problem(await api.get(f"/v1/returns?{query}"))
    assert (status, kind, told["errors"][0]["field"]) == (422, "invalid", field)
    if field == "statuss":
        message = told["errors"][0]["message"]
        assert message.startswith("expected one of status, order_id, customer_id,")


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/v1/returns/R-none", 404, "not-found"),
        ("GET", "/v1/returns/%00", 404, "not-found"),
        ("GET", "/v1/returns/R-none/label", 404, "not-found"),
        ("GET", "/v1/returns/R-none/pickup-slots", 404, "not-found"),
        ("GET", f"/v1/returns/{'x' * 2000}", 404, "not-found"),
        ("GET", "/v1/", 404, "not-found"),
        ("GET", "/v1/nothing/here", 404, "not-found"),
        ("GET", "/v1/returns/R-1/repairs", 404, "not-found"),
        ("DELETE", "/v1/returns", 405, "wrong-method"),
        ("GET", "/v1/returns/R-1/cancel", 405, "wrong-method"),
        ("POST", "/healthz", 405, "wrong-method"),
    ],
)
async def test_what_is_not_there(api: httpx.AsyncClient, method: str, path: str, status: int, kind: str) -> None:
    assert problem(await api.request(method, path))[:2] == (status, kind)


async def test_an_address_says_which_methods_it_has(api: httpx.AsyncClient) -> None:
    assert (await api.delete("/v1/returns")).headers["Allow"] == "GET, HEAD, POST"


async def test_what_the_state_does_not_allow_is_refused_with_the_reason(
    api: httpx.AsyncClient, play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    status, kind, told = problem(await api.post(f"/v1/returns/{story.return_id}/approve", json={"by": "x"}))
    assert (status, kind, told["detail"]) == (409, "not-allowed", "the return is not in review")
    await story.cancel()
    status, kind, told = problem(await api.get(f"/v1/returns/{story.return_id}/label"))
    assert (status, kind) == (409, "not-allowed")
    assert "void" in told["detail"]
    missing = await api.post(f"/v1/returns/{story.return_id}/repairs/1-1/check", json={"check_id": "1", "passed": True})
    assert problem(missing)[:2] == (404, "not-found")


async def test_what_is_unforeseen_gives_nothing_away_of_itself(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("Sample Customer")

    monkeypatch.setattr("starter.api.returns.quotes.quote_beside", fail)
    with structlog.testing.capture_logs() as lines:
        answer = await serve().post("/v1/quotes", json=make_body(), headers={"X-Request-Id": "mine-1"})
    assert (problem(answer)[:2], answer.headers["X-Request-Id"]) == ((500, "failed"), "mine-1")
    assert [line["event"] for line in lines] == ["request failed", "request"]
    assert "Sample Customer" not in answer.text
    assert "ZeroDivisionError" not in answer.text


async def test_every_problem_is_explained(api: httpx.AsyncClient) -> None:
    page = (await api.get("/docs")).text
    assert [kind.name for kind in KINDS if f'id="{kind.name}"' not in page] == []
    advice = tomllib.loads((files("starter.api") / "pages" / "problems.toml").read_text(encoding="utf-8"))
    assert set(advice) == {kind.name for kind in KINDS}
    assert "Correct the fields that <code>errors</code> names" in page


async def test_a_program_is_answered_as_programs_are(api: httpx.AsyncClient) -> None:
    for path in ("/v2/returns", "/v1", "/schemas/missing", "/schemas/a/b"):
        assert problem(await api.get(path))[:2] == (404, "not-found"), path
    for headers in ({"Accept": "application/json"}, {"Authorization": "Bearer some-key"}):
        assert problem(await api.get("/nowhere", headers=headers))[:2] == (404, "not-found")
    page = await api.get("/nowhere", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


async def test_a_call_is_answered_by_the_version_that_it_names(api: httpx.AsyncClient) -> None:
    newest = (await api.get("/v1/returns?limit=1")).headers["Homeward-Version"]
    assert newest == VERSIONS[-1]
    named = await api.get("/v1/returns?limit=1", headers={"Homeward-Version": newest})
    assert (named.status_code, named.headers["Homeward-Version"]) == (200, newest)
    body = make_body()
    refused = await api.post("/v1/returns", json=body, headers={"Homeward-Version": "2020-01-01"})
    status, kind, told = problem(refused)
    assert (status, kind) == (400, "unknown-version")
    assert newest in told["detail"]
    assert (await api.get(f"/v1/returns/{body['return_id']}")).status_code == 404


async def test_answers_say_how_many_calls_are_left(serve: Serve) -> None:
    server = serve(api_calls_per_minute=3)
    seen = [await server.get("/v1/returns?limit=1") for _ in range(4)]
    assert [answer.status_code for answer in seen] == [200, 200, 200, 429]
    left = [re.fullmatch(r'"minute";r=(\d+);t=(\d+)', answer.headers["RateLimit"]) for answer in seen]
    assert [found[1] for found in left if found] == ["2", "1", "0", "0"]
    assert {answer.headers["RateLimit-Policy"] for answer in seen} == {'"minute";q=3;w=60'}
    assert left[3]
    assert int(seen[3].headers["Retry-After"]) == int(left[3][2])
