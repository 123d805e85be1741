"""The desk's pages beside 100,000 recorded returns: ``python -m benchmarks.desk [RECORDED]``, in both databases.

The recorded ones have closed within the year before; some more are open at Temporal, in the states that pages ask for.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, insert, text

from benchmarks.api import served
from benchmarks.plain import Plain, plain
from benchmarks.postgresql import postgresql, present
from benchmarks.report import WIDTH
from benchmarks.request import plain_request
from gateways.database.engine import Database
from gateways.database.returns import listing, search_words
from gateways.database.statements import insert_all_new
from gateways.database.tables.figures import facts
from gateways.database.tables.returns import returns
from gateways.database.tables.search import listings, name_trigrams, search_terms
from lifecycle.contract.messages import Receipt, ReceiptUnits
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from starter.local.temporal_server import TemporalServer
from tests.portal.desk import desk_at
from tests.portal.people import hire, sign_in

_RECORDED: Final = 100_000
#: Open returns: half wait for the customer, half are with the warehouse.
_OPEN: Final = 200
_AT_ONCE: Final = 2_000
_LOOKS: Final = 15
_GIVEN, _FAMILY = ("Jane", "Noah", "Priya", "Miguel", "Ingrid", "Aisha"), ("Johnson", "Smith", "Patel", "Santos")
#: What was asked for, how that ends, and what kind of money it is.
_ENDS: Final = (
    *[("refund", "refunded", "refund")] * 6,
    ("store_credit", "credited", "store_credit"),
    *[("exchange", "exchanged", "exchange")] * 2,
)
_GOES: Final = {"A": "restock", "B": "open_box", "C": "refurbish", "D": "recycle"}
_REASONS: Final = ("unwanted", "defective", "size_too_small", "color")
_PAGES: Final = {
    "list": "/desk/returns",
    "list, narrowed": "/desk/returns?status=refunded&reason=defective&country=US",
    "search by name": "/desk/returns?q=jonhson",
    "search by order": "/desk/returns?q=SO-bulk-4711",
    "today": "/desk",
    "figures, this month": "/desk/figures?period=month",
    "figures, 90 days": "/desk/figures?from={quarter}",
    "figures, 365 days": "/desk/figures?from={year}",
    "one return": "/desk/returns/open-0",
}


async def main(recorded: int) -> None:
    """Measure and print."""
    busy, found = os.getloadavg()[0], dict[str, dict[str, float]]()
    for kind in ("SQLite", *(("PostgreSQL",) if present() else ())):
        with tempfile.TemporaryDirectory(prefix="homeward-desk-") as name:
            async with _engine(Path(name), kind) as ours:
                await record(ours.db, recorded)
                found[kind] = await _pages(ours, Path(name))
    grid = Table(title=f"Pages of the desk, {recorded:,} returns recorded, {_OPEN} open", caption="medians, ms")
    for heading in ("page", *found):
        grid.add_column(heading, justify="left" if heading == "page" else "right")
    for page in _PAGES:
        grid.add_row(page, *(f"{times[page] * 1000:,.0f}" for times in found.values()))
    Console(width=None if sys.stdout.isatty() else WIDTH).print(grid)
    print(f"{os.cpu_count()} cores; load average {busy:.1f} before, {os.getloadavg()[0]:.1f} after.")


@asynccontextmanager
async def _engine(folder: Path, kind: str) -> AsyncIterator[Plain]:
    server = TemporalServer(folder / "temporal")
    await server.start()
    try:
        if kind == "SQLite":
            async with plain(server, folder) as ours:
                yield ours
        else:
            async with postgresql() as books, plain(server, folder, postgresql=books) as ours:
                yield ours
    finally:
        await server.stop()


async def _pages(ours: Plain, folder: Path) -> dict[str, float]:
    """The median of each page, in seconds, asked for by somebody who is signed in."""
    async with served(ours, folder) as api:
        await api.start_many(ours.homeward.start, "open", _OPEN)
        for number in range(_OPEN // 2):
            receipt = Receipt(receipt_id="1", units=[ReceiptUnits(line_id="1", quantity=1)])
            await ours.homeward.record_receipt(f"open-{number}", receipt)
        async with desk_at(api.address) as desk:
            await sign_in(desk, await hire(ours.db, "manager"))
            today = datetime.now(UTC).date()
            days = {"quarter": today - timedelta(days=89), "year": today - timedelta(days=364)}
            return {page: await _looks(desk, path.format(**days)) for page, path in _PAGES.items()}


async def _looks(desk: Any, path: str) -> float:
    times = []
    for _ in range(_LOOKS):
        began = time.perf_counter()
        (await desk.open(path)).answer.raise_for_status()
        times.append(time.perf_counter() - began)
    return median(times)


async def record(db: Database, count: int) -> None:
    """Closed returns of a year, with the words that they are found by and what is counted of them."""
    chance, now = random.Random(1), datetime.now(UTC)  # noqa: S311 - figures, not secrets
    words: set[str] = set()
    for start in range(0, count, _AT_ONCE):
        ages = [timedelta(days=365) * (count - number) / count for number in range(start, start + _AT_ONCE)]
        rows = [_closed(f"bulk-{start + at}", now - age, chance) for at, age in enumerate(ages)]
        words |= {one["term"] for row in rows for one in row[2] if one["kind"] == "name"}
        await db.write(lambda connection, rows=rows: _insert(connection, rows))  # type: ignore[misc]
    spelt = [{"trigram": part, "word": word} for word in words for part in search_words.trigrams(word)]
    await db.write(lambda connection: connection.execute(insert_all_new(name_trigrams, connection.dialect.name), spelt))
    await db.write(lambda connection: connection.execute(text("ANALYZE")))


def _insert(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    connection.execute(insert(returns), [row[0] for row in rows])
    connection.execute(insert(listings), [row[1] for row in rows])
    connection.execute(insert(search_terms), [one for row in rows for one in row[2]])
    connection.execute(insert(facts), [one for row in rows for one in row[3]])


def _closed(return_id: str, at: datetime, chance: random.Random) -> tuple[Any, ...]:
    """The rows of one return: of its record, its listing, its words and its facts."""
    body = plain_request(return_id)
    body["order"]["order_id"] = f"SO-{return_id}"
    body["order"]["customer"]["name"] = f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}"
    body["items"][0]["reason"] = chance.choice(_REASONS)
    request = ReturnRequest.model_validate(body)
    ended = at + timedelta(days=chance.randrange(2, 9))
    resolution, status, money = chance.choice(_ENDS)
    listed = listing.row_of(return_id, request, Status(status), at) | {"closed_at": ended, "resolution": resolution}
    record = {
        "return_id": return_id,
        "order_id": request.order.order_id,
        "customer_id": f"C-{chance.randrange(30_000)}",
        "request": request.model_dump(mode="json"),
        "status": status,
        "opened_at": at,
        "closed_at": ended,
    }
    terms = [{"kind": a, "term": b, "return_id": return_id} for a, b in search_words.terms_of(return_id, request)]
    days, grade = min(chance.randrange(1, 7), chance.randrange(1, 9)), chance.choice("AAAABBCD")
    same = {"of": return_id, "country": listed["country"], "method": "mail", "quantity": 1}
    counted = [
        ("reason", at, f"SKU-{int(chance.paretovariate(1)) % 3000}", chance.choice(_REASONS), None, ""),
        ("label", at, "mail", "bought", 520, "USD"),
        ("money", ended, money, "", 4000, "USD"),
        ("settled", ended, str(days), "within_target" if days <= 5 else "within_limit", None, ""),
        ("grade", ended, grade, _GOES[grade], None, ""),
    ]
    names = ("name", "at", "what", "how", "amount", "currency")
    return record, listed, terms, [same | dict(zip(names, one, strict=True)) | {"part": ""} for one in counted]


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else _RECORDED))
