"""Whether open returns go on with this version's code."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from starter.cli.shared import render
from starter.cli.shared.session import settings_or_exit, with_homeward
from starter.shared.connect import Connected
from workers.deployment.replay import USUAL_LIMIT, OpenHistories, Report
from workers.deployment.workflow_code import LONG_LIVED, runner_of
from workers.telemetry import temporal_runtime


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=USUAL_LIMIT,
    show_default=True,
    help="Histories that are replayed; where more are open, as many of each type and age.",
)
@render.json_option
def check(limit: int, *, as_json: bool) -> None:
    """Replay open returns, repairs, suppliers and cases on this version's code; ends with 1 where one breaks."""
    report = with_homeward(lambda there: examined(there, limit))
    render.answer(document(report), show_report, as_json=as_json)
    if report.breaking:
        raise SystemExit(1)


async def examined(there: Connected, limit: int) -> Report:
    """What a replay of open workflows on this version's code has found."""
    runner = runner_of(sandbox=settings_or_exit().workflow_sandbox)
    with _silent():
        return await OpenHistories(there.client, LONG_LIVED, runner, temporal_runtime()).check(limit, datetime.now(UTC))


@contextmanager
def _silent() -> Iterator[None]:
    """The replay's own lines say of each that breaks what the report says too."""
    levels = {name: logging.getLogger(name).level for name in ("temporalio", "temporalio.worker")}
    try:
        for name in levels:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def document(report: Report) -> dict[str, Any]:
    """The report as JSON has it."""
    return asdict(report) | {"sample": report.is_sample}


def show_report(found: dict[str, Any]) -> None:
    """Print what was replayed, and each workflow that cannot go on."""
    counts = ", ".join(f"{found['replayed'][kind]} of {count} {kind}" for kind, count in found["open"].items())
    render.line(f"replayed: {counts}{' (a sample: see --limit)' if found['sample'] else ''}")
    for one in found["breaking"]:
        at = f" at event {one['event_id']}" if one["event_id"] else ""
        at += f", agrees until event {one['agrees_until']}" if one["agrees_until"] else ""
        render.line(f"BREAKS  {one['workflow_id']} ({one['workflow_type']}){at}: {one['reason']}")
    for one in found["wedged"]:
        goes_on = "goes on with this version" if one["fits"] else "does not go on with this version either"
        render.line(f"WEDGED  {one['workflow_id']} ({one['workflow_type']}): {', '.join(one['problems'])}; {goes_on}")
    if not found["breaking"]:
        render.line("none breaks")
