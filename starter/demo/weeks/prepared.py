"""The shop that `homeward up --demo` runs: played the first time, found again from then on."""

import asyncio
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from starter.demo.weeks.build import POLICY, build, is_built
from workers.settings import Settings
from workers.telemetry import configure_logging

#: What a real shop sets and this one may not have: it would mail, pay or ship for customers that do not exist.
NOT_BESIDE: Final = (
    *("database_url", "encryption_keys", "smtp_url", "mails_url", "stripe_key", "stripe_url", "easypost_key"),
    *("easypost_url", "refunds_url", "stock_url", "orders_url", "public_url"),
)


def settings_of(settings: Settings) -> Settings:
    """The settings of the demonstration's shop; its policy is its own, unless another is named."""
    return settings.model_copy(update={"policy": settings.policy or POLICY})


async def prepare(folder: Path, console: Console) -> None:
    """Play the last weeks into the folder, showing how far that is; nothing where they are there.

    Raises what ``build`` does.
    """
    if is_built(folder):
        return
    configure_logging("ERROR")
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as shown:
        bar = shown.add_task("Playing the last weeks of a shop, once", total=None)
        await build(folder, progress=lambda done, of_all: shown.update(bar, completed=done, total=of_all))


async def prepared(folder: Path, stop: asyncio.Event) -> bool:
    """The same, left off once ``stop`` is set; whether they are there."""
    playing = asyncio.create_task(prepare(folder, Console(stderr=True)))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not playing.done():
        playing.cancel()
        await asyncio.wait({playing})
        return False
    playing.result()
    return True
