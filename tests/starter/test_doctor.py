"""What `homeward doctor` says of an installation, and of what goes wrong with it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self

import pytest
from click.testing import CliRunner
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from starter.cli.main import main
from starter.demo.story import Stage, stage_at
from starter.doctor import observed
from starter.local.temporal_server import free_port
from starter.local.up import Place, Ready, running
from tests.workflows.returns.play import Play, make_request
from workers.relay_keeper import keep_running
from workers.settings import Settings
from workflows.relays import MAILS


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ready]:
    """`homeward up`, with nothing wrong."""
    place = Place(tmp_path_factory.mktemp("doctor"), temporal_port=0, ui_port=0, api_port=0)
    async with running(Settings(data_dir=Path(place.data_dir)), place) as ready:
        yield ready


@pytest.fixture
async def stage(shop: Ready) -> AsyncIterator[Stage]:
    async with stage_at(shop) as stage:
        yield stage


@pytest.fixture(autouse=True)
def _of_the_shop(shop: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", shop.temporal)
    monkeypatch.setenv("HOMEWARD_DATABASE_URL", shop.database)


async def _found() -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and each finding by its check."""
    result = await asyncio.to_thread(CliRunner().invoke, main, ["doctor", "--json"])
    assert result.stdout, result.output
    return result.exit_code, {row["check"]: row for row in json.loads(result.stdout)}


async def test_nothing_is_wrong_with_homeward_up(stage: Stage) -> None:
    story = Play(stage, make_request())
    await story.start()
    code, found = await _found()
    assert {check: row for check, row in found.items() if row["state"] != "ok"} == {}
    assert code == 0
    assert set(found) >= {
        "temporal",
        "search attributes",
        "workers of returns",
        "workers of returns-payment",
        "relay outbox-relay",
        "workflow tasks",
        "clock of Temporal",
        "database",
        "disk",
        "mails",
        "orphans",
    }


async def test_a_namespace_that_nobody_has_set_up_is_told_in_every_part(
    shop: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await Client.connect(shop.temporal)
    kept = Duration()
    kept.FromTimedelta(timedelta(days=3))
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace="bare", workflow_execution_retention_period=kept)
    )
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "bare")
    for _ in range(50):  # the server looks for new namespaces every few seconds
        code, found = await _found()
        if "search attributes" in found:
            break
        await asyncio.sleep(0.5)
    assert code == 1
    assert (found["namespace"]["state"], found["namespace"]["text"]) == (
        "warning",
        "bare keeps closed workflows for 3 days",
    )
    assert "NeedsAttention (Keyword)" in found["search attributes"]["text"]
    for queue in ("returns", "returns-carrier", "returns-payment", "returns-inventory", "returns-messages", "support"):
        assert found[f"workers of {queue}"]["state"] == "failed"
    assert found["workers of returns-payment"]["advice"] == "run `homeward worker --role payment`"
    assert found["relay outbox-relay"]["text"] == "has never run"
    assert found["database"]["state"] == "ok"


async def test_a_namespace_that_is_not_there_is_told_and_the_database_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "nowhere")
    code, found = await _found()
    assert (code, found["namespace"]["text"]) == (1, "there is no namespace nowhere")
    assert found["database"]["state"] == "ok"


async def test_a_relay_that_was_ended_is_told_until_it_runs_again(stage: Stage) -> None:
    await stage.clock.client.get_workflow_handle("outbox-relay").terminate()
    _, found = await _found()
    assert (found["relay outbox-relay"]["state"], found["relay outbox-relay"]["text"]) == ("failed", "does not run")
    await keep_running(stage.clock.client, MAILS)  # what a worker does by itself within a minute
    for _ in range(100):
        _, found = await _found()
        if found["relay outbox-relay"]["state"] == "ok":
            return
        await asyncio.sleep(0.5)
    raise AssertionError("the relay was not started again")


async def test_a_clock_that_goes_ahead_of_temporals_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(minutes=10)

    monkeypatch.setattr(observed, "datetime", Ahead)
    code, found = await _found()
    told = found["clock of Temporal"]
    assert (code, told["state"], told["text"]) in {
        (1, "failed", f"{seconds} s from Temporal's") for seconds in (599, 600)
    }


async def test_a_pause_is_told_with_its_reason(stage: Stage) -> None:
    run = CliRunner().invoke
    assert (await asyncio.to_thread(run, main, ["pause", "payment", "--why", "audit", "--by", "sam"])).exit_code == 0
    code, found = await _found()
    assert (code, found["limit of payment"]["state"]) == (0, "warning")
    assert found["limit of payment"]["text"] == "paused: audit (sam)"
    assert (await asyncio.to_thread(run, main, ["resume", "payment", "--why", "done"])).exit_code == 0
    assert (await _found())[1]["limit of payment"]["state"] == "ok"


async def test_what_does_not_answer_is_told_and_the_rest_is_looked_at(
    shop: Ready, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("HOMEWARD_ORDERS_URL", f"http://{nowhere}")
    monkeypatch.setenv("HOMEWARD_SMTP_URL", f"smtp://{nowhere}")
    code, found = await _found()
    assert (code, found["order service"]["state"], found["mail server"]["state"]) == (1, "failed", "failed")
    assert nowhere in found["mail server"]["text"]
    assert found["database"]["state"] == found["temporal"]["state"] == "ok"

    monkeypatch.setenv("TEMPORAL_ADDRESS", nowhere)
    monkeypatch.setenv("HOMEWARD_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    code, found = await _found()
    assert (code, found["temporal"]["state"], found["database"]["state"]) == (1, "failed", "failed")
    assert "homeward db upgrade" in (found["database"]["advice"] or "")
