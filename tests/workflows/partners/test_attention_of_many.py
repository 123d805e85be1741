"""Many steps that failed for good, shown and answered at once."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from lifecycle.contract.statuses import Status
from starter.cli.main import main
from starter.demo.story import Stage
from tests.workflows.partners.shop import Command, Crowded
from tests.workflows.returns.play import Play, make_request

RETURNS = 6


@pytest.fixture
async def refused(stage: Stage, easypost: Crowded, request: pytest.FixtureRequest) -> list[Play]:
    """Returns whose label was refused, each test's with a code of its own."""
    easypost.refused = _code(request.node.name)
    stories = [Play(stage, make_request()) for _ in range(RETURNS)]
    await asyncio.gather(*(story.start(until=None) for story in stories))
    for story in stories:
        await _waits(story)
    easypost.refused = None
    return stories


def _code(name: str) -> str:
    return f"TEST.{name[:40].upper()}"


async def _waits(story: Play, since: datetime | None = None) -> datetime:
    """Wait until its label needs an operator, anew after ``since``; since when."""
    for _ in range(200):
        waiting = (await story.view()).attention
        if waiting and waiting.step == "label" and waiting.since != since:
            return waiting.since
        await asyncio.sleep(0.1)
    raise AssertionError(f"the label of {story.return_id} does not wait")


async def test_they_are_listed_and_answered_by_the_command(
    refused: list[Play], command: Command, request: pytest.FixtureRequest
) -> None:
    code = _code(request.node.name)
    rows = await _listed(command, "--step", "label", "--error", code.lower())
    assert {row["return_id"] for row in rows} == {story.return_id for story in refused}
    assert [row["since"] for row in rows] == sorted(row["since"] for row in rows)
    assert {(row["step"], row["amount"], row["currency"]) for row in rows} == {("label", 4000, "USD")}
    assert all(code in row["error"] for row in rows)
    for none in (("--older", "1h"), ("--step", "refund")):
        assert (await command("attention", "--error", code, *none))["returns"] == []

    answer = ("attention", "retry", "--step", "label", "--error", code, "--rps", "50", "--why", "the key was wrong")
    done = await command(*answer, "--by", "sam", "--yes")
    assert (sorted(done["answered"]), done["refused"], done["left"]) == (
        sorted(story.return_id for story in refused),
        {},
        0,
    )
    for story in refused:
        view = await story.until(Status.LABEL_SENT)
        [answered] = [entry for entry in view.timeline if entry.event == "attention_resolved"]
        assert (answered.by, answered.detail) == ("sam", "label: retry: the key was wrong")
    # Repeated, there is nothing left to do.
    assert await command(*answer, "--yes") == {"answered": [], "refused": {}, "left": 0}


async def _listed(command: Command, *options: str) -> list[dict[str, Any]]:
    """Lists are a moment behind."""
    for _ in range(100):
        rows: list[dict[str, Any]] = (await command("attention", *options))["returns"]
        if len(rows) == RETURNS:
            return rows
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(rows)} are listed")


async def test_nothing_is_done_before_the_operator_says_yes(
    refused: list[Play], command: Command, request: pytest.FixtureRequest
) -> None:
    code = _code(request.node.name)
    await _listed(command, "--error", code)
    answer = ["attention", "mark-done", "--step", "label", "--error", code, "--why", "by hand", "--rps", "100"]
    no = await asyncio.to_thread(CliRunner().invoke, main, answer, input="n\n")
    assert no.exit_code == 1
    assert f"mark_done label of {RETURNS} returns, 100 a second? [y/N]" in no.stderr
    assert (await refused[0].view()).attention is not None

    yes = await asyncio.to_thread(CliRunner().invoke, main, answer, input="y\n")
    assert (yes.exit_code, yes.stdout) == (0, f"answered: {RETURNS}, refused: 0\n")
    for story in refused:
        await story.until(Status.LABEL_SENT)


async def test_a_step_that_fails_again_is_not_answered_twice(
    refused: list[Play], api: httpx.AsyncClient, easypost: Crowded, request: pytest.FixtureRequest
) -> None:
    easypost.refused = code = _code(request.node.name)
    first = [await _waits(story) for story in refused]
    said = {"by": "sam", "why": "try", "action": "retry", "step": "label", "error": code, "rps": 2}
    said["before"] = datetime.now(UTC).isoformat()
    answered: list[str] = []
    for _ in range(100):
        done = (await api.post("/v1/attention", json=said)).json()
        answered += done["answered"]
        if len(answered) >= RETURNS:
            break
    # At two a second a call answers four of them.
    assert sorted(answered) == sorted(story.return_id for story in refused)
    for story, since in zip(refused, first, strict=True):
        await _waits(story, since)
    again = (await api.post("/v1/attention", json=said)).json()
    assert again == {"answered": [], "refused": {}, "left": 0}
    shown = (await api.get("/v1/attention", params={"step": "label", "error": code})).json()
    assert shown["more"] is False
    assert {row["return_id"] for row in shown["returns"]} == set(answered)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["retry", "--why", "x"], "--step: expected"),
        (["retry", "--step", "label"], "--why: expected"),
        (["skip", "--step", "label", "--why", "x", "--reference", "r"], "--reference: expected for one return"),
        (["R-1"], "Missing argument 'ACTION'"),
        (["retry", "--step", "label", "--why", "x", "--older", "soon"], "such as 90s"),
    ],
)
def test_a_wrong_answer_is_named(arguments: list[str], told: str) -> None:
    result = CliRunner().invoke(main, ["attention", *arguments])
    assert result.exit_code == 2
    assert told in result.stderr
