"""How well the promise to the customers was kept."""

import asyncio
from datetime import UTC, datetime, timedelta

import click

from client.list_rows import ListFilter
from gateways.database.ledger import find
from gateways.database.returns.promises import kept_since
from lifecycle.returns.promise import Kept, Report, kept, report
from starter.cli.shared import render
from starter.cli.shared.session import with_homeward
from starter.shared.connect import Connected

_AT_ONCE = 10


def _show(found: Report) -> None:
    for name, value in found:
        render.line(f"{name.replace('_', ' '):<18} {'-' if value is None else value}")


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="Closed in the last so many.")
@render.answers(_show)
def promise(days: int) -> Report:
    """Count the returns that were settled within target, within limit, or later; closed and open ones."""
    now = datetime.now(UTC)

    async def act(there: Connected) -> Report:
        closed = await kept_since(there.db, now - timedelta(days=days))
        return report([*closed, *(one for one in await _open(there) if one)], now)

    return with_homeward(act)


async def _open(there: Connected) -> list[Kept | None]:
    """Running returns whose clock has started; asked a few at a time."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def look(return_id: str) -> Kept | None:
        async with gate:
            opening = await find(there.db, return_id, "open")
            return kept(await there.homeward.view(return_id), opening) if opening else None

    rows = await there.homeward.list(ListFilter(running=True), limit=10_000)
    return await asyncio.gather(*(look(row.return_id) for row in rows if row.resolve_by))
