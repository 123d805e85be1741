"""`homeward repair`, as the bench types it."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from starter.cli.main import main
from starter.cli.repairs import part
from starter.cli.shared.session import WrongInput
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.workflows.repairs.play import UNIT, RepairStory

Call = Callable[..., Any]


@pytest.fixture
def call(ready: Ready) -> Call:
    """Run a command against the tests' own server."""
    environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}

    async def run(*arguments: str) -> Result:
        runner = CliRunner(env=environment)
        return await asyncio.to_thread(runner.invoke, main, ["repair", *arguments])

    return run


@pytest.fixture
async def story(stage: Stage) -> RepairStory:
    made = RepairStory(stage)
    await made.start()
    return made


async def ask(call: Call, *arguments: str) -> Any:
    result = await call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    # The workers run in this process: what they log of a step that failed stands before the answer.
    begins = re.search(r"^[\[{]", result.stdout, re.MULTILINE)
    assert begins, result.stdout
    return json.loads(result.stdout[begins.start() :])


async def test_a_repair_from_diagnosis_to_check(call: Call, story: RepairStory) -> None:
    unit = (story.return_id, UNIT)
    await story.stock(2)
    asked = await ask(call, "diagnose", *unit, "repairable", "--estimate", "5000", "--note", "screen")
    assert (asked["state"], asked["estimate"]) == ("awaiting_customer", 5000)
    assert (await ask(call, "estimate", *unit, "accept"))["state"] == "repairing"
    await ask(call, "record", *unit, "--part", f"{story.part.sku}:2", "--repair-id", "r1")
    await ask(call, "record", *unit, "--repair-id", "r1")
    assert (await ask(call, "check", *unit, "passed"))["outcome"] == "repaired"
    await story.result()
    shown = await ask(call, "show", *unit)
    assert (shown["closed"], shown["parts"]) == (True, [{"sku": story.part.sku, "quantity": 2}])
    assert await story.on_hand() == 0


async def test_the_queue_is_listed_by_state(call: Call, story: RepairStory) -> None:
    async def listed() -> bool:
        rows = await ask(call, "list", "--state", "diagnosing", "--limit", "1000")
        return story.return_id in [row["return_id"] for row in rows]

    await story.until(listed, "not in the queue")
    rows = await ask(call, "list", "--state", "checking", "--limit", "1000")
    assert story.return_id not in [row["return_id"] for row in rows]


async def test_an_operator_answers_what_gave_up(call: Call, story: RepairStory) -> None:
    unit = (story.return_id, UNIT)
    await ask(call, "diagnose", *unit, "repairable", "--estimate", "0")
    await ask(call, "record", *unit, "--part", story.part.sku)
    await story.until_attention("parts")
    text = await call("show", *unit)
    assert "needs attention: parts (stock does not have 1 x" in text.stdout
    assert (await ask(call, "attention", *unit, "skip"))["attention"] is None


async def test_an_operator_reads_what_is_shown(call: Call, story: RepairStory) -> None:
    unit = (story.return_id, UNIT)
    answer = await call("diagnose", *unit, "repairable", "--estimate", "5000")
    assert answer.stdout.startswith(f"{story.return_id}  {UNIT}  awaiting_customer  estimate 50.00 USD\n  answer by ")
    shown = (await call("show", *unit)).stdout
    assert "out of warranty, at main, round 1" in shown
    assert "diagnosed" in shown
    assert (await call("list")).exit_code == 0


async def test_what_is_not_allowed_ends_with_1_and_wrong_input_with_2(call: Call, story: RepairStory) -> None:
    unit = (story.return_id, UNIT)
    refused = await call("check", *unit, "passed")
    assert (refused.exit_code, "the repair is diagnosing, not checking" in refused.output) == (1, True)
    unknown = await call("show", "R-none", UNIT)
    assert (unknown.exit_code, f"no repair of unit {UNIT} of return R-none" in unknown.output) == (1, True)
    wrong = await call("diagnose", *unit, "repairable", "--estimate", "-1")
    assert (wrong.exit_code, "estimate: " in wrong.output) == (2, True)
    wrong = await call("record", *unit, "--part", "SKU:0")
    assert (wrong.exit_code, "--part: expected SKU[:QUANTITY]" in wrong.output) == (2, True)


@pytest.mark.parametrize(
    ("text", "sku", "quantity"), [("S", "S", 1), ("S:3", "S", 3), ("A:B:2", "A:B", 2), ("A:B", "A:B", 1)]
)
def test_parts_as_typed(text: str, sku: str, quantity: int) -> None:
    assert (part(text).sku, part(text).quantity) == (sku, quantity)


@pytest.mark.parametrize("text", ["", " ", "S:0", "S:5000", "S\x00"])
def test_misshaped_parts_are_refused(text: str) -> None:
    with pytest.raises(WrongInput):
        part(text)
