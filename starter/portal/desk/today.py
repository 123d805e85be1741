"""What a day at the desk begins with: each number is a list, and each list shows its first rows."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from client.errors import Unreachable
from client.list_rows import ListFilter
from client.repairs import QueuedRepair
from client.search import FoundPage
from client.suppliers import Suppliers
from gateways.database.failing_steps import partners_waited_for
from gateways.database.messages import inbox
from gateways.database.messages.office_calls import open_calls
from gateways.database.returns.listing import returns_of_customers_since
from gateways.database.returns.records import get_return
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import GoodsState
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.shared.listing import Sort
from lifecycle.shared.repair_messages import RepairState
from lifecycle.support.state import CaseStatus, CaseView
from starter.portal.desk.parts import (
    COUNTED,
    FIRST,
    Job,
    Part,
    by_step,
    chosen,
    confirmed,
    first_of,
    holds,
    is_pending,
    looked_at,
    views_of,
    waits_for_grade,
    wipes,
)
from starter.portal.desk.query import begins
from starter.portal.desk.rows import ShownRow, shown
from starter.shared.services import PATIENCE, Services

#: Parcels whose return is asked whether it has been delivered, the longest on their way.
_ASKED_OF_PARCELS: Final = 24
#: A customer's returns within this time are told to whoever approves another.
HISTORY: Final = timedelta(days=90)
#: After this time without a scan the customer is taken to have forgotten the parcel.
_NEVER_POSTED: Final = timedelta(days=7)


_NONE: Final = Part()


@dataclass(frozen=True)
class OfReturns:
    """The lists that open returns and repairs are asked for."""

    review: Part = _NONE
    attention: Part = _NONE
    money: Part = _NONE
    charges: Part = _NONE
    pending: Part = _NONE
    late: Part = _NONE
    due: Part = _NONE
    unopened: Part = _NONE
    ungraded: Part = _NONE
    unposted: Part = _NONE
    estimates: Part = _NONE
    bench: Part = _NONE
    wipes: Part = _NONE
    holds: Part = _NONE
    suppliers: Part = _NONE


@dataclass(frozen=True)
class Today:
    """All lists of the page; ``away``: those of returns are empty because nobody answers for them."""

    at: datetime
    questions: Part
    inbox: Part
    calls: Part
    of_returns: OfReturns
    away: bool
    failing: list[dict[str, Any]] = field(default_factory=list)


async def today(services: Services) -> Today:
    """Look at everything at once. Raises ``Unavailable``."""
    now = datetime.now(UTC)
    found, questions, waiting, calls, failing = await asyncio.gather(
        _of_returns_or_none(services, now),
        _questions(services),
        _inbox(services),
        open_calls(services.db, COUNTED),
        partners_waited_for(services.db),
    )
    called = Part(len(calls), calls[:FIRST], more=len(calls) == COUNTED)
    return Today(now, questions, waiting, called, found or OfReturns(), away=found is None, failing=failing)


async def _of_returns_or_none(services: Services, now: datetime) -> OfReturns | None:
    try:
        return await _of_returns(services, now)
    except Unreachable:
        return None


async def _of_returns(services: Services, now: datetime) -> OfReturns:
    zone = ZoneInfo(services.policy().clock.timezone)
    tomorrow_ends = begins(now.astimezone(zone).date() + timedelta(days=2), zone)

    def oldest(**wanted: Any) -> ListFilter:
        return ListFilter(sort=Sort.OLDEST, **wanted)

    wanted = (
        oldest(statuses=(Status.IN_REVIEW,)),
        oldest(attention=True),
        ListFilter(due_before=tomorrow_ends),
        ListFilter(escalated=True),
        oldest(statuses=(Status.IN_TRANSIT,)),
        oldest(statuses=(Status.RECEIVED,)),
        oldest(statuses=(Status.PARTIALLY_RECEIVED,)),
        oldest(statuses=(Status.LABEL_SENT,), opened_before=now - _NEVER_POSTED),
        oldest(statuses=(Status.SETTLING,)),
    )
    pages = await asyncio.gather(*(services.homeward.find(one, COUNTED) for one in wanted))
    review, waiting, due, past, coming, here, part, unposted, settling = pages
    charges, about_money, others = by_step(await shown(services, waiting.rows))
    # What is past its target is due at its limit, which may be days away: late it is all the same.
    promised = {row.recorded.return_id: row for row in (*past.rows, *due.rows)}
    late, due_rows = _by_promise(await shown(services, list(promised.values())), now)
    # None of these needs what another finds.
    lists, ours, looked = await asyncio.gather(
        asyncio.gather(
            _to_review(services, review, now),
            confirmed(services, settling, is_pending),
            _unopened(services, coming),
            chosen(services, [_not_for_the_bench(here), _not_for_the_bench(part)], waits_for_grade),
            first_of(services, unposted),
        ),
        asyncio.gather(
            services.repairs.queue(),
            Suppliers(services.client, PATIENCE).list(),
            wipes(services),
            holds(services, now),
        ),
        asyncio.gather(*(looked_at(services, rows) for rows in (others, about_money, charges))),
    )
    to_review, pending, unopened, ungraded, never_posted = lists
    repairs, suppliers, to_wipe, held = ours
    of_others, of_money, of_charges = looked
    return OfReturns(
        review=to_review,
        attention=Part(len(others), of_others, more=bool(waiting.next)),
        money=Part(len(about_money), of_money),
        charges=Part(len(charges), of_charges),
        pending=pending,
        late=Part(len(late), late[:FIRST], more=bool(past.next or due.next)),
        due=Part(len(due_rows), due_rows[:FIRST]),
        unopened=unopened,
        ungraded=ungraded,
        unposted=never_posted,
        estimates=_benched(repairs, waits=True),
        bench=_benched(repairs, waits=False),
        wipes=to_wipe,
        holds=held,
        suppliers=Part(len(suppliers), suppliers[:FIRST]),
    )


def _not_for_the_bench(page: FoundPage) -> FoundPage:
    """Without what comes to be repaired, which the bench has a list of its own for."""
    return replace(
        page, rows=[row for row in page.rows if rule_of(Resolution(row.recorded.resolution)).sends != "repaired_unit"]
    )


def _by_promise(rows: Sequence[ShownRow], now: datetime) -> tuple[list[ShownRow], list[ShownRow]]:
    """Those past their promise, or past their target, and those due until tomorrow; the longest due first."""
    inorder = sorted(rows, key=lambda row: row.due or now)
    late = [row for row in inorder if row.late or (row.due and row.due < now)]
    return late, [row for row in inorder if row not in late]


async def _to_review(services: Services, page: FoundPage, now: datetime) -> Part:
    rows = await shown(services, page.rows[:FIRST])
    earlier = await returns_of_customers_since(services.db, [row.return_id for row in rows], now - HISTORY)
    notes = await asyncio.gather(*(_notes(services, row.return_id) for row in rows))
    views = await views_of(services, rows)
    jobs = [
        Job(row, view, said, earlier.get(row.return_id, 1) - 1)
        for row, view, said in zip(rows, views, notes, strict=True)
    ]
    return Part(len(page.rows), jobs, more=bool(page.next))


async def _notes(services: Services, return_id: str) -> tuple[str, ...]:
    """What the customer wrote of the items."""
    kept = await get_return(services.db, return_id)
    return tuple(item["note"] for item in (kept.request["items"] if kept else ()) if item.get("note"))


def of_status(status: Status) -> ListFilter:
    """Returns of that status, the longest open first."""
    return ListFilter(statuses=(status,), sort=Sort.OLDEST)


async def _unopened(services: Services, page: FoundPage) -> Part:
    rows = await shown(services, page.rows)
    delivered = await split_delivered(services, rows)
    found = [row for row in rows if row.return_id in delivered]
    return Part(len(found), found[:FIRST], more=bool(page.next and found))


async def split_delivered(services: Services, rows: Sequence[ShownRow]) -> set[str]:
    """Those whose parcel is delivered, by what the carrier said to our inbox; the longest on their way say it."""
    delivered = await inbox.delivered_among(services.db, [row.return_id for row in rows])
    unknown = [row for row in rows if row.return_id not in delivered][:_ASKED_OF_PARCELS]
    views = zip(unknown, await views_of(services, unknown), strict=True)
    return delivered | {row.return_id for row, view in views if view.goods.state is GoodsState.DELIVERED}


async def _questions(services: Services) -> Part:
    cases = await services.support.list(statuses=[CaseStatus.OPEN], limit=COUNTED)
    return Part(len(cases), sorted(cases, key=_promise_of)[:FIRST], more=len(cases) == COUNTED)


def _promise_of(case: CaseView) -> datetime:
    return case.answer_by or case.opened_at


async def _inbox(services: Services) -> Part:
    rows = await inbox.listed(services.db, ["waiting"], COUNTED)
    return Part(len(rows), [row | {"about": _about(row)} for row in rows[:FIRST]], more=len(rows) == COUNTED)


def _about(row: dict[str, Any]) -> str:
    said = row["message"]
    return str(said.get("tracking_code") or said.get("reference") or said.get(f"{row['kind']}_id", ""))


def _benched(repairs: Sequence[QueuedRepair], *, waits: bool) -> Part:
    found = [one for one in repairs if (one.state is RepairState.AWAITING_CUSTOMER) is waits]
    return Part(len(found), found[:FIRST])
