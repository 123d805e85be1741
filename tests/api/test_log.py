"""One line for each call, with its request id, and nothing of what was sent."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import structlog

from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.api.conftest import Serve
from tests.workflows.returns.play import Play, make_body
from workers.telemetry import configure_logging


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    written = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", written)
    configure_logging("INFO")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def requests(log: io.StringIO) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == "request"]


async def test_a_call_is_one_line_without_what_it_is_about(serve: Serve, log: io.StringIO) -> None:
    key = "a-key-of-the-tests"
    api = serve(api_keys=[{"key": key, "scopes": ["vouch", "read"], "name": "shop front"}])
    given = {"Authorization": f"Bearer {key}", "X-Request-Id": "mine-1"}
    body = make_body(name="Sample Customer")
    started = await api.post("/v1/returns", json=body, headers=given)
    shown = await api.get(f"/v1/returns/{body['return_id']}", headers=given | {"X-Request-Id": "no id\x7f"})
    await api.get("/v1/customer@example.com?name=Sample Customer")
    assert started.headers["X-Request-Id"] == "mine-1"
    assert shown.headers["X-Request-Id"] not in ("", "no id")
    first, second, third = requests(log)
    assert (first["method"], first["route"], first["status"], first["request_id"]) == (
        "POST", "/v1/returns", 201, "mine-1",
    )  # fmt: skip
    assert second["route"] == "/v1/returns/{return_id}"
    assert second["request_id"] == shown.headers["X-Request-Id"]
    assert (third["status"], "route" in third, third["caller"]) == (404, False, "nobody")
    assert first["caller"] == second["caller"] == "shop front"
    assert first["ms"] > 0
    assert first["return_id"] == second["return_id"] == body["return_id"]
    for personal in ("Sample Customer", "customer@example.com", "1 Main St", key):
        assert personal not in log.getvalue()


async def test_whoever_watches_the_process_does_not_fill_the_log(serve: Serve, log: io.StringIO) -> None:
    await serve().get("/healthz")
    assert requests(log) == []


async def test_what_a_request_starts_is_found_by_its_id_in_the_log_of_workers(
    api: httpx.AsyncClient, stage: Stage, play: Callable[..., Play], log: io.StringIO
) -> None:
    body = make_body()
    await api.post("/v1/returns", json=body, headers={"X-Request-Id": "mine-2"})
    story, other = Play(stage, ReturnRequest.model_validate(body)), play()
    await other.start()
    await story.until(Status.LABEL_SENT)
    await story.until_event("label_sent")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    mine = [line for line in lines if line.get("request_id") == "mine-2"]
    assert {line["return_id"] for line in mine} == {story.return_id}
    assert {line["event"] for line in mine} >= {"request", "step_done", "status_changed"}
    steps = {str(line.get("step")) for line in mine}
    assert "open" in steps
    assert any("label" in step for step in steps)
    # All that its workers said of it has the id, and nothing of what no request began.
    assert [line for line in lines if line.get("return_id") == story.return_id and line not in mine] == []
    assert [line for line in lines if line.get("return_id") == other.return_id and "request_id" in line] == []
    started = await anext(other.handle.fetch_history_events())
    assert not started.workflow_execution_started_event_attributes.header.fields
