"""The page's examples do what it says, typed as they stand there, on an order delivered lately."""

import asyncio
import json
import os
import re
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from starter.local.up import Ready

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"```(sh|json|python)\n(.*?)```", PAGE, re.DOTALL)
#: Fails where the API refuses: what the engine does between two calls, a reader's typing gives it time for.
CURL = 'curl() { command curl --silent --show-error --fail-with-body --write-out "\\n" "$@"; }; set -e -o pipefail'
TRIES = 100


def lately(text: str) -> str:
    """The same example, of a return and an order of its own, delivered four days ago."""
    delivered = datetime.now(UTC) - timedelta(days=4)
    text = text.replace("2026-11-20T16:40:00Z", delivered.isoformat())
    return text.replace("2026-11-16T10:15:00Z", (delivered - timedelta(days=4)).isoformat())


def shown(told: Any, answered: Any) -> bool:
    """Whether all that the page shows of an answer is in it; ``...`` stands for anything."""
    if told == "...":
        return True
    if isinstance(told, dict):
        return isinstance(answered, dict) and all(shown(value, answered.get(name)) for name, value in told.items())
    if isinstance(told, list):
        return isinstance(answered, list) and len(told) <= len(answered) and all(map(shown, told, answered))
    return bool(told == answered)


async def typed(command: list[str], folder: Path, there: dict[str, str]) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=os.environ | there,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode(errors="replace")


async def until_it_works(command: list[str], folder: Path, there: dict[str, str]) -> str:
    for _ in range(TRIES):
        code, output = await typed(command, folder, there)
        if code == 0:
            return output
        await asyncio.sleep(0.1)
    raise AssertionError(output)


async def until_it_answers(told: Any, output: str, command: list[str], folder: Path, there: dict[str, str]) -> None:
    """Repeat the call, as its reader may, until the answer is the one that the page shows."""
    for _ in range(TRIES):
        if shown(told, json.loads(output.strip().splitlines()[-1])):
            return
        await asyncio.sleep(0.1)
        output = await until_it_works(command, folder, there)
    raise AssertionError((told, output))


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash")
async def test_every_example_works_as_it_stands(ready: Ready, tmp_path: Path) -> None:
    mark = uuid4().hex[:6]
    command, output = [""], ""
    there = {"API": ready.api, "TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}
    there["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for language, block in BLOCKS[: [language for language, _ in BLOCKS].index("python") + 1]:
        text = re.sub(r"\b(R|SO|C)-(?=\d{4})|\b(pi_)(?=\d{4})", lambda found: f"{found[0]}{mark}-", lately(block))
        if language == "sh":
            command = ["bash", "-c", f"{CURL}\n{text}"]
            output = await until_it_works(command, tmp_path, there)
        elif language == "python":
            output = await until_it_works([sys.executable, "-c", text], tmp_path, there)
        elif '"type"' not in text:
            await until_it_answers(json.loads(text), output, command, tmp_path, there)
    assert output.startswith(("refunded 4033", "settling 4033"))
    assert (tmp_path / "label.pdf").read_bytes().startswith(b"%PDF")


def test_every_call_of_the_returns_has_an_example() -> None:
    calls = set(re.findall(r"\$API(/[^\s\"'?]*)", "".join(block for language, block in BLOCKS if language == "sh")))
    named = {re.sub(r"R-\d+", "{return_id}", call).replace("1-1", "{unit_id}") for call in calls}
    assert {"/v1/returns", "/v1/quotes", "/healthz", "/readyz", "/v1/returns/{return_id}"} < named
    assert len(named) == 5 + 10 + 3 + 4 + 3 + 3 + 1 + 2
