"""The programs that start a return by its workflow's name, as the page about it has them."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from starter.demo.story import Stage
from starter.local.up import Ready
from tests.workflows.returns.play import Play, make_body

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "by-name"


async def test_the_python_program_starts_once_and_refuses_another_request(stage: Stage) -> None:
    spec = spec_from_file_location("by_name", EXAMPLES / "return.py")
    assert spec
    assert spec.loader
    program = module_from_spec(spec)
    spec.loader.exec_module(program)
    body = make_body()
    answers = [await program.start(stage.clock.client, body) for _ in range(2)]
    assert [answer["amount"] for answer in answers] == [4000, 4000]
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await program.start(stage.clock.client, body | {"channel": "phone"})
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == "InvalidRequest"


async def ran(folder: Path, *command: str, **more: str) -> tuple[int | None, list[Any]]:
    """The code that a program ended with, and the JSON lines that it printed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=os.environ | more, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    lines = output.decode().splitlines()
    return process.returncode, [json.loads(line) for line in lines if line.startswith("{")] or lines


@pytest.mark.long
async def test_the_node_program_brings_a_return_to_its_end(
    tmp_path: Path, ready: Ready, play: Callable[..., Play]
) -> None:
    """It installs Temporal's client by npm, which the ordinary suite does without."""
    assert shutil.which("npm"), "this proof needs Node with npm: install the packages `nodejs` and `npm`"
    for name in ("package.json", "package-lock.json", "return.mjs"):
        shutil.copy(EXAMPLES / name, tmp_path)
    assert await ran(tmp_path, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent") == (0, [])
    body = make_body()
    (tmp_path / "request.json").write_text(json.dumps(body))
    for _ in range(2):
        code, answers = await ran(tmp_path, "node", "return.mjs", "request.json", TEMPORAL_ADDRESS=ready.temporal)
        assert (code, answers[-1]["return_id"], answers[-1]["status"]) == (0, body["return_id"], "refunded"), answers
    assert (await play(return_id=body["return_id"]).effects()).count("refund-t1") == 1
    (tmp_path / "request.json").write_text(json.dumps(body | {"channel": "phone"}))
    code, answers = await ran(tmp_path, "node", "return.mjs", "request.json", TEMPORAL_ADDRESS=ready.temporal)
    assert (code, answers[-1]["type"]) == (2, "InvalidRequest"), answers
