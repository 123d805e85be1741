"""The lists of the first page: how many there are of each, and the first of them with what their buttons need."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from client.search import FoundPage
from gateways.database.messages.outbox import open_returns_mailed
from gateways.database.returns.records import get_return
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import Acceptance, Unit, View
from lifecycle.returns.units import IN_HAND
from starter.portal.desk.rows import ShownRow, shown
from starter.portal.shared.steps import step_kind
from starter.portal.warehouse.grading import in_hand
from starter.shared.services import Services

#: Rows of each list on the page, and how many are counted.
FIRST: Final = 6
COUNTED: Final = 200
#: Returns that are asked themselves for a list that nobody else knows, the oldest of those that may be in it.
ASKED: Final = 12
#: A hold on a card is told so long before it is taken.
_SOON: Final = timedelta(days=3)
#: Steps about money, by how their names begin.
_MONEY: Final = ("refund", "hold", "release_hold", "capture", "carrier_claim")
#: Steps that hold back what is owed, and those that are about a hold on the card.
_OWED: Final = frozenset({"refund", "charge", "limit"})
_OF_HOLD: Final = frozenset({"release_hold", "capture"})


@dataclass(frozen=True)
class Job:
    """A row with what its buttons need: what the return itself says, what the customer wrote, who they are.

    ``stuck``: the money that waits, in minor units, where a step is about money.
    """

    row: ShownRow
    view: View | None = None
    notes: tuple[str, ...] = ()
    earlier: int = 0
    stuck: int | None = None
    units: tuple[Unit, ...] = ()


@dataclass(frozen=True)
class Part:
    """One list: how many there are (``more``: at least), and the first of them."""

    count: int = 0
    jobs: Sequence[Any] = ()
    more: bool = False


async def first_of(services: Services, *pages: FoundPage) -> Part:
    """Those of one or more pages of the list."""
    rows = [row for page in pages for row in page.rows]
    return Part(len(rows), await shown(services, rows[:FIRST]), more=any(page.next for page in pages))


async def views_of(services: Services, rows: Sequence[ShownRow]) -> list[View]:
    """What each says of itself."""
    asked: list[Awaitable[View]] = [services.homeward.view(row.return_id) for row in rows]
    return list(await asyncio.gather(*asked))


async def looked_at(services: Services, rows: Sequence[ShownRow]) -> list[Job]:
    """The first of them, each with what it says of itself."""
    first = rows[:FIRST]
    return [Job(row, view, stuck=stuck(view)) for row, view in zip(first, await views_of(services, first), strict=True)]


def stuck(view: View) -> int | None:
    """The money that a step in attention holds back, in minor units; None where it is about none."""
    money, kind = view.settlement, step_kind(view.attention.step) if view.attention else ""
    if kind in _OF_HOLD and money.hold:
        return money.hold.amount
    if kind not in _OWED:
        return None
    return abs(money.amount - sum(paid.amount for paid in money.paid if paid.state != "failed"))


def by_step(rows: Sequence[ShownRow]) -> tuple[list[ShownRow], list[ShownRow], list[ShownRow]]:
    """Those whose charge was refused, those that wait in another step about money, and all others."""
    charges = [row for row in rows if (row.attention or "").startswith("charge")]
    money = [row for row in rows if (row.attention or "").startswith(_MONEY)]
    return charges, money, [row for row in rows if row not in charges and row not in money]


async def chosen(
    services: Services, pages: Sequence[FoundPage], wanted: Callable[[View], bool], *, first: int = FIRST
) -> Part:
    """Those that say of themselves that they belong here; of those that are not asked, none is left out."""
    rows = await shown(services, [row for page in pages for row in page.rows])
    views = await views_of(services, rows[:ASKED])
    kept = [row for row, view in zip(rows, views, strict=False) if wanted(view)] + rows[ASKED:]
    return Part(len(kept), kept[:first], more=any(page.next for page in pages))


async def confirmed(services: Services, page: FoundPage, wanted: Callable[[View], bool]) -> Part:
    """Those of the oldest that say of themselves that they belong here."""
    rows = (await shown(services, page.rows[:ASKED]))[:ASKED]
    kept = [Job(row, view) for row, view in zip(rows, await views_of(services, rows), strict=True) if wanted(view)]
    return Part(len(kept), kept[:FIRST], more=len(page.rows) > ASKED and bool(kept))


def waits_for_grade(view: View) -> bool:
    """Whether a unit is here that nobody has judged, and that the bench does not have."""
    return any(
        unit.reception in IN_HAND
        and unit.repair is None
        and unit.grade is None
        and unit.acceptance is not Acceptance.REJECTED
        for unit in view.units
    )


def is_pending(view: View) -> bool:
    """Whether the provider has not said yet what came of a payment."""
    return any(paid.state == "pending" for paid in view.settlement.paid)


async def of_mails(services: Services, template: str, wanted: Callable[[View], bool]) -> Part:
    """Open returns of which such a mail was written, and that say of themselves that they still belong here."""
    ids = await open_returns_mailed(services.db, template, ASKED + 1)
    rows = await shown(services, await services.homeward.rows_of(ids[:ASKED]))
    views = await views_of(services, rows)
    kept = [Job(row, view) for row, view in zip(rows, views, strict=True) if wanted(view)]
    return Part(len(kept), kept[:FIRST], more=len(ids) > ASKED)


async def wipes(services: Services) -> Part:
    """Units whose data somebody has to wipe before they go anywhere."""
    part = await of_mails(services, "wipe_waits", lambda _: True)
    personal = await asyncio.gather(*(_personal(services, job) for job in part.jobs))
    jobs = [replace(job, units=units) for job, units in zip(part.jobs, personal, strict=True) if units]
    return Part(part.count - (len(part.jobs) - len(jobs)), jobs, more=part.more)


async def _personal(services: Services, job: Job) -> tuple[Unit, ...]:
    kept = await get_return(services.db, job.row.return_id)
    if kept is None or job.view is None:
        return ()
    request = ReturnRequest.model_validate(kept.request)
    return tuple(unit.unit for unit in in_hand(job.view, request).unwiped)


async def holds(services: Services, now: datetime) -> Part:
    """Holds on cards that are taken soon, because nothing has been handed over."""

    def ends_soon(view: View) -> bool:
        ends = view.deadlines.ship_by
        return (
            view.settlement.hold is not None
            and view.settlement.hold.state == "held"
            and (ends is None or ends <= now + _SOON)
        )

    return await of_mails(services, "hold_warning", ends_soon)
