"""`make demo`: plays the example returns through the real server, and shows the outcome of each."""

import asyncio
import os
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.money import format_money
from lifecycle.contract.policy import Policy
from lifecycle.contract.statuses import SETTLED
from lifecycle.contract.view import View
from starter.demo.stories import STORIES
from starter.demo.story import Stage, Story, read_example, stage_at
from starter.demo.weeks.prepared import prepare
from starter.local.up import Place, Ready, running
from starter.shared.connect import demo_dir
from workers.settings import Settings
from workers.telemetry import configure_logging

EXAMPLES = Path("examples")


@dataclass(frozen=True)
class Played:
    """The outcome of one story."""

    title: str
    view: View
    events: int


async def play(stage: Stage, name: str, progress: Progress, bar: object) -> Played:
    """Play one story to its end."""
    story = Story(stage, read_example(EXAMPLES / f"{name}.json"))
    await STORIES[name](story)
    history = await story.handle.fetch_history()
    progress.advance(bar)  # type: ignore[arg-type]
    return Played((STORIES[name].__doc__ or name).rstrip("."), await story.view(), len(history.events))


async def play_all(ready: Ready, console: Console) -> list[Played]:
    """Play all stories side by side."""
    columns = (TextColumn("Playing returns"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with stage_at(ready) as stage:
        with Progress(*columns, console=console) as progress:
            bar = progress.add_task("returns", total=len(STORIES))
            return await asyncio.gather(*(play(stage, name, progress, bar) for name in STORIES))


def show(played: list[Played], console: Console) -> None:
    """Print one row for each return."""
    table = Table(title="Outcome of the returns", caption="days: business days from handover to settled")
    for column in ("return", "what happened", "status"):
        table.add_column(column)
    for column in ("amount", "days", "events"):
        table.add_column(column, justify="right")
    for row in played:
        settlement = row.view.settlement
        table.add_row(
            row.view.return_id,
            row.title,
            row.view.status,
            format_money(settlement.amount, settlement.currency),
            business_days(row.view),
            str(row.events),
        )
    console.print(table)


def business_days(view: View) -> str:
    """Business days from handover to settlement, by the demonstration's policy."""
    settled = [entry.at for entry in view.timeline if entry.event in SETTLED]
    if not settled or view.handover.at is None:
        return "-"
    calendar = make_calendar(Policy().clock, view.timeline[0].at)
    return str(calendar.business_days_between(view.handover.at, settled[0]))


async def demonstrate(console: Console) -> None:
    """Bring everything up in an empty folder, play, show, and stop."""
    with tempfile.TemporaryDirectory(prefix="homeward-demo-", ignore_cleanup_errors=True) as folder:
        place = Place(Path(folder), temporal_port=0, ui_port=0, api_port=0)
        settings = Settings(data_dir=place.data_dir, database_url=None, policy=EXAMPLES / "policy.toml", smtp_url=None)
        async with AsyncExitStack() as ending:
            with console.status("Starting the Temporal server, the database and the workers"):
                ready = await ending.enter_async_context(running(settings, place))
            show(await play_all(ready, console), console)


async def leave_returns(console: Console) -> None:
    """Leave the returns of a shop's last weeks for `homeward up --demo`, unless they are there."""
    await prepare(demo_dir(Settings().data_dir.absolute()), console)
    console.print("`homeward up --demo` runs a shop with 200 returns of the last weeks.")


def main() -> None:
    """Play; exits with 0 when every return got where its story goes."""
    configure_logging("ERROR")
    console = Console(width=None if sys.stdout.isatty() else 120)
    asyncio.run(demonstrate(console))
    console.print("All returns got home.")
    asyncio.run(leave_returns(console))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
