"""What the command line does for whoever mistypes something, or looks at what is wrong."""

import asyncio
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lifecycle.contract.statuses import Status
from starter.cli.main import main
from starter.cli.shared import render
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.workflows.returns.play import Play, make_request

DEAR = [{"line_id": "1", "sku": "CLOCK", "title": "Clock", "quantity": 1, "unit_price": 90_000}]
ITEM = [{"line_id": "1", "quantity": 1, "reason": "defective"}]


def test_a_command_that_is_misspelt_is_guessed() -> None:
    result = CliRunner().invoke(main, ["aprove", "R-1"])
    assert (result.exit_code, "There is no command `aprove`. Did you mean `approve`" in result.output) == (2, True)
    assert "Did you mean" not in CliRunner().invoke(main, ["xyzzy"]).output


async def test_an_id_that_is_misspelt_is_guessed_and_what_waits_stands_first(stage: Stage, ready: Ready) -> None:
    story = Play(stage, make_request(lines=DEAR, items=ITEM))
    await story.start(until=Status.IN_REVIEW)
    said = await _said(ready, "show", story.return_id)
    # The engine's own log may stand between: it runs in this process.
    helps = f"homeward approve {story.return_id}, or homeward decline {story.return_id} --reason TEXT"
    assert said.index("waits for a reviewer") < said.index(helps) < said.index(f"{story.return_id}  in_review")
    assert f"did you mean {story.return_id}" in await _said(ready, "show", f"{story.return_id}x")
    assert "`homeward find 'no such thing'` looks for it" in await _said(ready, "show", "no such thing")
    assert story.return_id in await _said(ready, "list", "--status", "in_review")


async def _said(ready: Ready, *arguments: str) -> str:
    environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}
    return (await asyncio.to_thread(CliRunner(env=environment).invoke, main, arguments)).output


def test_times_are_the_shops(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[clock]\ncountry = "JP"\ntimezone = "Asia/Tokyo"\n')
    monkeypatch.setenv("HOMEWARD_POLICY", str(policy))
    render.zone.cache_clear()
    try:
        assert render.printable(datetime(2026, 11, 28, 12, tzinfo=UTC)) == "2026-11-28 21:00 JST"
    finally:
        render.zone.cache_clear()


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("out", "no_color", "coloured"), [
    (_Terminal, "", True), (_Terminal, "1", False), (StringIO, "", False),
])  # fmt: skip
def test_what_needs_staff_is_coloured_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, out: Any, no_color: str, coloured: bool
) -> None:
    printed = out()
    monkeypatch.setattr(sys, "stdout", printed)
    monkeypatch.setenv("NO_COLOR", no_color)
    render.table("returns", ["return"], [("R-1",), ("R-2",)], ["red", None])
    lines = printed.getvalue().splitlines()
    assert [("\x1b[31m" in line) for line in lines if "R-" in line] == [coloured, False]
