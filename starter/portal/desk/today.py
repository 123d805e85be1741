"""What a day at the desk begins with: each number is a list, and each list shows its first rows."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from client.list_rows import ListFilter
from client.repairs import QueuedRepair
from client.search import FoundPage
from client.suppliers import Suppliers
from gateways.database.failing_steps import partners_waited_for
from gateways.database.messages import inbox
from gateways.database.returns.listing import returns_of_customers_since
from gateways.database.returns.records import get_return
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import View
from lifecycle.shared.listing import Sort
from lifecycle.shared.repair_messages import RepairState
from lifecycle.support.state import CaseStatus, CaseView
from starter.portal.desk.query import begins
from starter.portal.desk.rows import ShownRow, shown
from starter.shared.services import PATIENCE, Services

#: Rows of each list on this page, and how many are counted.
FIRST: Final = 6
_COUNTED: Final = 200
#: Parcels whose return is asked whether it has been delivered, the longest on their way.
_ASKED: Final = 24
#: A customer's returns within this time are told to whoever approves another.
HISTORY: Final = timedelta(days=90)
#: After this time without a scan the customer is taken to have forgotten the parcel.
_NEVER_POSTED: Final = timedelta(days=7)
#: Steps about money, by how their names begin.
_MONEY: Final = ("refund", "charge", "hold", "release_hold", "capture", "carrier_claim")


@dataclass(frozen=True)
class Job:
    """A row with what its buttons need: what the return itself says, what the customer wrote, who they are."""

    row: ShownRow
    view: View | None = None
    notes: tuple[str, ...] = ()
    earlier: int = 0


@dataclass(frozen=True)
class Part:
    """One list: how many there are (``more``: at least), and the first of them."""

    count: int
    jobs: Sequence[Any]
    more: bool = False


@dataclass(frozen=True)
class Today:
    """All lists of the page."""

    at: datetime
    review: Part
    attention: Part
    money: Part
    late: Part
    due: Part
    unopened: Part
    ungraded: Part
    questions: Part
    inbox: Part
    unposted: Part
    estimates: Part
    bench: Part
    suppliers: Part
    failing: list[dict[str, Any]] = field(default_factory=list)


async def today(services: Services) -> Today:
    """Look at everything at once. Raises ``Unreachable``, ``Unavailable``."""
    now, zone = datetime.now(UTC), ZoneInfo(services.policy().clock.timezone)
    tomorrow_ends = begins(now.astimezone(zone).date() + timedelta(days=2), zone)
    find = services.homeward.find
    review, waiting, due, coming, here, part, unposted = await asyncio.gather(
        find(ListFilter(statuses=(Status.IN_REVIEW,), sort=Sort.OLDEST), _COUNTED),
        find(ListFilter(attention=True, sort=Sort.OLDEST), _COUNTED),
        find(ListFilter(due_before=tomorrow_ends), _COUNTED),
        find(ListFilter(statuses=(Status.IN_TRANSIT,), sort=Sort.OLDEST), _COUNTED),
        find(ListFilter(statuses=(Status.RECEIVED,), sort=Sort.OLDEST), _COUNTED),
        find(ListFilter(statuses=(Status.PARTIALLY_RECEIVED,), sort=Sort.OLDEST), _COUNTED),
        find(ListFilter(statuses=(Status.LABEL_SENT,), opened_before=now - _NEVER_POSTED, sort=Sort.OLDEST), _COUNTED),
    )
    repairs, suppliers, failing = await asyncio.gather(
        services.repairs.queue(), Suppliers(services.client, PATIENCE).list(), partners_waited_for(services.db)
    )
    about_money, others = _parted(await shown(services, waiting.rows))
    late, due_rows = _by_promise(await shown(services, due.rows), now)
    return Today(
        at=now,
        review=await _to_review(services, review, now),
        attention=Part(len(others), await _looked_at(services, others[:FIRST]), more=bool(waiting.next)),
        money=Part(len(about_money), await _looked_at(services, about_money[:FIRST])),
        late=Part(len(late), late[:FIRST], more=bool(due.next)),
        due=Part(len(due_rows), due_rows[:FIRST]),
        unopened=await _unopened(services, coming),
        ungraded=await _first(services, here, part),
        questions=await _questions(services),
        inbox=await _inbox(services),
        unposted=await _first(services, unposted),
        estimates=_benched(repairs, waits=True),
        bench=_benched(repairs, waits=False),
        suppliers=Part(len(suppliers), suppliers[:FIRST]),
        failing=failing,
    )


async def _first(services: Services, *pages: FoundPage) -> Part:
    rows = [row for page in pages for row in page.rows]
    return Part(len(rows), await shown(services, rows[:FIRST]), more=any(page.next for page in pages))


def _parted(rows: Sequence[ShownRow]) -> tuple[list[ShownRow], list[ShownRow]]:
    """Those that wait in a step about money, and the others."""
    money = [row for row in rows if (row.attention or "").startswith(_MONEY)]
    return money, [row for row in rows if row not in money]


def _by_promise(rows: Sequence[ShownRow], now: datetime) -> tuple[list[ShownRow], list[ShownRow]]:
    """Those past their promise, or past their target, and those due until tomorrow; the longest due first."""
    inorder = sorted(rows, key=lambda row: row.due or now)
    late = [row for row in inorder if row.late or (row.due and row.due < now)]
    return late, [row for row in inorder if row not in late]


async def _to_review(services: Services, page: FoundPage, now: datetime) -> Part:
    rows = await shown(services, page.rows[:FIRST])
    earlier = await returns_of_customers_since(services.db, [row.return_id for row in rows], now - HISTORY)
    notes = await asyncio.gather(*(_notes(services, row.return_id) for row in rows))
    views = await _views(services, rows)
    jobs = [
        Job(row, view, said, earlier.get(row.return_id, 1) - 1)
        for row, view, said in zip(rows, views, notes, strict=True)
    ]
    return Part(len(page.rows), jobs, more=bool(page.next))


async def _notes(services: Services, return_id: str) -> tuple[str, ...]:
    """What the customer wrote of the items."""
    kept = await get_return(services.db, return_id)
    return tuple(item["note"] for item in (kept.request["items"] if kept else ()) if item.get("note"))


async def _looked_at(services: Services, rows: Sequence[ShownRow]) -> list[Job]:
    views = await _views(services, rows)
    return [Job(row, view) for row, view in zip(rows, views, strict=True)]


async def _views(services: Services, rows: Sequence[ShownRow]) -> list[View]:
    asked: list[Awaitable[View]] = [services.homeward.view(row.return_id) for row in rows]
    return list(await asyncio.gather(*asked))


async def _unopened(services: Services, page: FoundPage) -> Part:
    """Delivered by what the carrier said to our inbox; of the longest on their way, by what they say themselves."""
    ids = [row.recorded.return_id for row in page.rows]
    delivered = await inbox.delivered_among(services.db, ids)
    rows = await shown(services, page.rows)
    unknown = [row for row in rows if row.return_id not in delivered][:_ASKED]
    for row, view in zip(unknown, await _views(services, unknown), strict=True):
        if view.goods.state.value == "delivered":
            delivered.add(row.return_id)
    found = [row for row in rows if row.return_id in delivered]
    return Part(len(found), found[:FIRST], more=bool(page.next and found))


async def _questions(services: Services) -> Part:
    cases = await services.support.list(statuses=[CaseStatus.OPEN], limit=_COUNTED)
    return Part(len(cases), sorted(cases, key=_promise_of)[:FIRST], more=len(cases) == _COUNTED)


def _promise_of(case: CaseView) -> datetime:
    return case.answer_by or case.opened_at


async def _inbox(services: Services) -> Part:
    rows = await inbox.listed(services.db, ["waiting"], _COUNTED)
    return Part(len(rows), [row | {"about": _about(row)} for row in rows[:FIRST]], more=len(rows) == _COUNTED)


def _about(row: dict[str, Any]) -> str:
    said = row["message"]
    return str(said.get("tracking_code") or said.get("reference") or said.get(f"{row['kind']}_id", ""))


def _benched(repairs: Sequence[QueuedRepair], *, waits: bool) -> Part:
    found = [one for one in repairs if (one.state is RepairState.AWAITING_CUSTOMER) is waits]
    return Part(len(found), found[:FIRST])
