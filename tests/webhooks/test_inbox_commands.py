"""`homeward inbox`, as an operator types it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from lifecycle.contract.statuses import Status
from starter.cli.main import main
from starter.local.up import Ready
from tests.webhooks.partners import Door, receipt, scan
from tests.workflows.returns.play import Play

Call = Callable[..., Awaitable[Result]]


@pytest.fixture
def call(ready: Ready) -> Call:
    """Run a command against the tests' own server."""
    environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}

    async def run(*arguments: str) -> Result:
        runner = CliRunner(env=environment)
        return await asyncio.to_thread(runner.invoke, main, ["inbox", *arguments])

    return run


async def ask(call: Call, *arguments: str) -> Any:
    result = await call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def waiting(call: Call, code: str, *arguments: str) -> list[dict[str, Any]]:
    return [row for row in await ask(call, *arguments) if code in f"{row}"]


async def test_an_unknown_parcel_is_listed_and_attached(call: Call, door: Door, play: Callable[..., Play]) -> None:
    story, code = play(), f"Own-{uuid4().hex[:8]}"
    await story.start()
    await door.send(scan(code, ("in_transit", datetime.now(UTC))))
    [row] = await waiting(call, code)
    assert {"id", "at", "event_id", "message", "state", "why", "next_attempt_at"} <= set(row)
    assert (row["source"], row["kind"], row["return_id"], row["state"]) == ("easypost", "tracking", None, "waiting")
    shown = await call()
    assert (f"{code} in_transit" in shown.stdout, shown.exit_code) == (True, 0)
    refused = await call("attach", str(row["id"]), "R-nobody")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: there is no return R-nobody")
    unlikely = await call("attach", str(row["id"]), story.return_id)
    assert (unlikely.exit_code, "is attached all the same" in unlikely.stderr) == (1, True)
    attached = await call("attach", str(row["id"]), story.return_id, "--confirm", "--by", "alex")
    assert attached.stdout == f"event {row['id']} is passed to {story.return_id}\n"
    assert (await story.view()).status is Status.IN_TRANSIT
    assert await waiting(call, code) == []
    [passed] = await waiting(call, code, "--all")
    assert (passed["state"], passed["return_id"]) == ("passed", story.return_id)
    assert passed["why"] == "attached by alex"


async def test_one_that_is_nobodys_is_put_away(call: Call, door: Door) -> None:
    hook = receipt(f"R-{uuid4().hex[:8]}")
    await door.send(hook)
    [row] = await waiting(call, hook.body["return_id"])
    assert await ask(call, "dismiss", str(row["id"]), "--why", "typed wrong") == {"id": row["id"], "state": "dismissed"}
    assert await waiting(call, hook.body["return_id"]) == []
    [put_away] = await waiting(call, hook.body["return_id"], "--all")
    assert put_away["why"] == "operations: typed wrong"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("attach", "999999999", "R-1"), 1, "the inbox holds no event 999999999"),
        (("dismiss", "999999999", "--why", "x"), 1, "the inbox holds no event 999999999"),
        (("attach", "one", "R-1"), 2, "EVENT"),
        (("attach", "9" * 30, "R-1"), 2, "EVENT"),
        (("dismiss", "1"), 2, "--why"),
    ],
)
async def test_wrong_input_is_reported(call: Call, arguments: tuple[str, ...], code: int, says: str) -> None:
    result = await call(*arguments)
    assert (result.exit_code, says in result.stderr) == (code, True), result.stderr
