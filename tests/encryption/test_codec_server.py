"""The codec server: what Temporal's own command line and UI ask it, and who may."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateways.database.engine import Database
from starter.api.codec import codec_app
from starter.demo.story import Stage
from starter.local.temporal_server import find_temporal
from starter.local.up import Ready
from starter.shared.access_table import CODEC
from starter.shared.services import services_of
from tests.api.conftest import settings_of
from tests.api.process import serving
from tests.workflows.returns.play import Play, make_request
from workers.codec import Codec
from workers.data_keys import DataKeys
from workers.master_keys import load_master_keys

UI = "http://127.0.0.1:8233"
READS, STARTS = "a-key-that-reads-all", "a-key-that-starts-only"
KEYS = [{"key": READS, "scopes": ["read"]}, {"key": STARTS, "scopes": ["start", "operate"]}]
NAME = "Philippa Quackenbush"


@pytest.fixture
async def server(encrypted: Ready, stage: Stage, keys: Path) -> AsyncIterator[httpx.AsyncClient]:
    """One that is asked in this process."""
    db = Database(encrypted.database)
    settings = settings_of(api_keys=KEYS, codec_origins=[UI], encryption_keys=str(keys))
    codec = Codec(DataKeys(db, load_master_keys(str(keys))))
    app = codec_app(services_of(settings, stage.clock.client, db), codec)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client
    await db.dispose()


@pytest.fixture
async def payloads(stage: Stage) -> list[dict[str, Any]]:
    """Of a start, as Temporal gives them."""
    play = Play(stage, make_request(name=NAME))
    await play.start()
    history = json.loads((await play.handle.fetch_history()).to_json())
    found: list[dict[str, Any]] = history["events"][0]["workflowExecutionStartedEventAttributes"]["input"]["payloads"]
    return found


async def _ask(server: httpx.AsyncClient, payloads: Any, key: str | None, **headers: str) -> httpx.Response:
    given = {"Authorization": f"Bearer {key}"} if key else {}
    return await server.post("/decode", json={"payloads": payloads}, headers=given | headers)


async def test_who_may_read_sees_what_was_said(server: httpx.AsyncClient, payloads: list[dict[str, Any]]) -> None:
    plain = {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "MQ=="}
    strange = {"metadata": {"encoding": "YmluYXJ5L2VuY3J5cHRlZA==", "key": "bm9uZQ=="}, "data": "AAAA"}
    answer = await _ask(server, [*payloads, plain, strange], READS)
    [first, second, third] = answer.json()["payloads"]
    assert NAME in b64decode(first["data"]).decode()
    assert second == plain
    assert "forgotten" in b64decode(third["data"]).decode()


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("wrong", 401), (STARTS, 403)])
async def test_nobody_else_does(
    server: httpx.AsyncClient, payloads: list[dict[str, Any]], key: str | None, status: int
) -> None:
    answer = await _ask(server, payloads, key)
    assert (answer.status_code, NAME in answer.text) == (status, False)


async def test_who_has_shown_such_a_key_in_a_browser_needs_none(
    server: httpx.AsyncClient, payloads: list[dict[str, Any]]
) -> None:
    assert "API key" in (await server.get("/sign-in")).text
    for key, status in (("wrong", 401), (STARTS, 403)):
        assert (await server.post("/sign-in", data={"key": key})).status_code == status
    assert (await _ask(server, payloads, None)).status_code == 401
    shown = await server.post("/sign-in", data={"key": READS}, follow_redirects=True)
    assert (shown.status_code, "Signed in" in shown.text) == (200, True)
    [cookie] = server.cookies.jar
    assert (cookie.path, cookie.has_nonstandard_attr("HttpOnly")) == ("/decode", True)
    assert READS not in str(cookie.value)
    answer = await _ask(server, payloads, None)
    assert NAME in b64decode(answer.json()["payloads"][0]["data"]).decode()
    server.cookies.set("homeward_codec", f"{cookie.value}x", path="/decode")
    server.cookies.delete("homeward_codec", cookie.domain, "/decode")
    assert (await _ask(server, payloads, None)).status_code == 401


async def test_a_browser_may_ask_for_a_page_of_the_ui_alone(server: httpx.AsyncClient) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    allowed = await server.options("/decode", headers=asked | {"Origin": UI})
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, UI)
    refused = await server.options("/decode", headers=asked | {"Origin": "https://evil.example"})
    assert (refused.status_code, "Access-Control-Allow-Origin" in refused.headers) == (400, False)
    answer = await _ask(server, [], READS, Origin=UI)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, UI)


@pytest.mark.parametrize("body", ["[]", '{"payloads": 5}', '{"payloads": [{"data": 5}]}', "{"])
async def test_what_is_no_payload_is_refused(server: httpx.AsyncClient, body: str) -> None:
    headers = {"Authorization": f"Bearer {READS}", "Content-Type": "application/json"}
    assert (await server.post("/decode", content=body, headers=headers)).status_code == 400


async def test_nothing_else_is_there(server: httpx.AsyncClient) -> None:
    assert set(CODEC) == {("POST", "/decode"), ("GET", "/sign-in"), ("POST", "/sign-in")}
    for path in ("/", "/encode", "/v1/returns", "/warehouse", "/docs"):
        assert (await server.post(path, headers={"Authorization": f"Bearer {READS}"})).status_code == 404


async def test_temporals_own_command_line_reads_by_it(encrypted: Ready, keys: Path, stage: Stage) -> None:
    play = Play(stage, make_request(name=NAME))
    await play.start()
    environment = {
        "HOMEWARD_DATABASE_URL": encrypted.database,
        "TEMPORAL_ADDRESS": encrypted.temporal,
        "HOMEWARD_ENCRYPTION_KEYS": str(keys),
        "HOMEWARD_API_KEYS": json.dumps(KEYS),
    }
    async with serving("codec", "--port", "0", **environment) as address:
        show = ("workflow", "show", "-w", f"return-{play.return_id}", "--address", encrypted.temporal, "-o", "json")
        codec = ("--codec-endpoint", address, "--codec-auth", f"Bearer {READS}")
        shown = await _temporal(*show, *codec)
        hidden = await _temporal(*show)
    assert (NAME in shown, NAME in hidden) == (True, False)


async def _temporal(*words: str) -> str:
    """What a workflow was started with, as the command line shows its history."""
    process = await asyncio.create_subprocess_exec(find_temporal(), *words, stdout=asyncio.subprocess.PIPE)
    history = json.loads((await process.communicate())[0])
    [given] = history["events"][0]["workflowExecutionStartedEventAttributes"]["input"]["payloads"]
    return b64decode(given["data"]).decode("utf-8", "replace")
