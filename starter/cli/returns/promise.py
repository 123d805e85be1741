"""How well the promise to the customers was kept."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta

import click

from client.list_rows import ListFilter
from gateways.database.ledger import find
from gateways.database.returns.promises import kept_since
from lifecycle.returns.promise import Kept, Report, kept, report
from starter.cli.shared import render
from starter.cli.shared.session import WrongInput, with_database, with_homeward
from starter.shared.books.promise import PromiseReport, promise_over
from starter.shared.connect import Connected

_AT_ONCE = 10


_LATE = ("return_id", "business_days", "target", "limit", "settled", "past_limit")


def _show(found: Report | PromiseReport) -> None:
    late = found.late if isinstance(found, PromiseReport) else []
    for name, value in found:
        if name not in ("late", "more"):
            render.line(f"{name.replace('_', ' '):<20} {'-' if value is None else render.printable(value)}")
    if late:
        render.records("late", _LATE, [vars(one) for one in late])


def _day(_context: click.Context, parameter: click.Parameter, given: str | None) -> datetime | None:
    """The beginning of the day, in UTC; raises ``WrongInput``."""
    try:
        return datetime.combine(date.fromisoformat(given), time(), UTC) if given is not None else None
    except ValueError:
        raise WrongInput([(parameter.opts[0], "expected a day such as 2026-11-28")]) from None


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="Closed in the last so many.")
@click.option("--from", "begins", callback=_day, help="Closed from that day on, in UTC: shares, and who was late.")
@click.option("--until", "ends", callback=_day, help="With --from: closed before that day; by now when left out.")
@render.answers(_show)
def promise(days: int, begins: datetime | None, ends: datetime | None) -> Report | PromiseReport:
    """Count the returns that were settled within target, within limit, or later; closed and open ones."""
    now = datetime.now(UTC)
    if begins:
        return with_database(lambda db: promise_over(db, begins, ends or now))
    if ends:
        raise click.UsageError("Expected --from beside --until.")

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
