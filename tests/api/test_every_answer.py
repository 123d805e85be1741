"""What holds for every answer, of calls and of pages."""

import asyncio
import json
from urllib.parse import urlsplit

import httpx
import pytest

from starter.local.up import Ready
from tests.api.conftest import JSON, Serve
from tests.workflows.returns.play import make_body

#: A call, its description and explanation, a page, a file, and two that fail.
ADDRESSES = (
    "/healthz",
    "/v1/faq",
    "/openapi.json",
    "/docs",
    "/",
    "/help",
    "/v1/nothing",
    "/nothing",
    "/v1/returns/R-0",
)


@pytest.mark.parametrize("address", ADDRESSES)
async def test_head_is_answered_as_get_is_without_the_body(ready: Ready, address: str) -> None:
    parts = urlsplit(ready.api)
    async with httpx.AsyncClient(base_url=ready.api) as client:
        expected = await client.get(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"HEAD {address} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert head.split()[1] == str(expected.status_code).encode()
    assert f"content-length: {expected.headers['content-length']}" in head.decode().lower()
    assert body == b""


async def test_head_is_distinguished_where_get_is_not(ready: Ready) -> None:
    async with httpx.AsyncClient(base_url=ready.api) as client:
        assert (await client.head("/v1/returns/R-0/cancel")).headers["Allow"] == "POST"


@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_answer_says_what_a_browser_may_load_and_to_stay_with_https(serve: Serve, address: str) -> None:
    answer = await serve(public_url="https://returns.example.com", api_keys=KEYS).get(address)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in (await serve().get(address)).headers


KEYS = [{"key": "a-key-of-the-tests", "scopes": ["read"]}]


@pytest.mark.parametrize("name", ["return_id", "resolution", "quantity"])
async def test_a_key_that_stands_twice_is_refused(api: httpx.AsyncClient, name: str) -> None:
    text = json.dumps(make_body(resolution="refund"))
    twice = text.replace(f'"{name}":', f'"{name}": null, "{name}":', 1)
    answer = await api.post("/v1/returns", content=twice, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "/docs#malformed")
    assert name in answer.json()["detail"]
    spelt_otherwise = text.replace(f'"{name}":', f'"\\u{ord(name[0]):04x}{name[1:]}": null, "{name}":', 1)
    assert (await api.post("/v1/returns", content=spelt_otherwise, headers=JSON)).status_code == 400
